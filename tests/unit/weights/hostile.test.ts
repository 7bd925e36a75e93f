// Hostile and damaged PyTorch files: refused by name, quickly, in little memory, with nothing executed.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { readWeights, sniffWeights } from '../../../src/core/weights/readWeights.ts';
import type { Part } from './pickleBytes.ts';
import {
  bytes,
  dict,
  global,
  int,
  legacyFile,
  pickle,
  tensor,
  text,
  tuple,
  u32,
  u64,
  zipCheckpoint,
} from './pickleBytes.ts';
import { floats, weightFiles } from './refused.ts';

const files = weightFiles('hostile-');
const { save, refusal } = files;

const both = (object: Part): Uint8Array[] => [legacyFile(object), zipCheckpoint(object)];

describe('hostile pickles', () => {
  const touch = (): string => path.join(files.folder, 'executed');
  it.each([
    ['os', 'system'],
    ['posix', 'system'],
    ['nt', 'system'],
    ['builtins', 'eval'],
    ['builtins', 'exec'],
    ['builtins', 'getattr'],
    ['__builtin__', 'eval'],
    ['subprocess', 'Popen'],
    ['torch', 'load'],
    ['torch.hub', 'load'],
    ['torch._utils', '__class__'],
    ['torch', 'FloatStorage.__init__'],
    ['numpy.core.multiarray', '_reconstruct'],
    ['constructor', 'prototype'],
    ['__proto__', 'toString'],
  ])('refuses %s.%s by name', async (module, name) => {
    for (const file of both(bytes(global(module, name), tuple(text(`touch ${touch()}`)), 'R')))
      expect(await refusal(file)).toContain(`"${module}.${name}"`);
    expect(existsSync(touch())).toBe(false);
  });

  it('refuses names made on the stack, by INST and by EXT, and names in nested places', async () => {
    expect(await refusal(legacyFile(bytes(text('os'), text('system'), 0x93)))).toContain('"os.system"');
    expect(await refusal(legacyFile(bytes('(', text('x'), 'ios\nsystem\n')))).toContain('"os.system"');
    expect(await refusal(legacyFile(bytes('(icollections\nOrderedDict\n')))).toMatch(/makes an object/);
    expect(await refusal(legacyFile(bytes(0x82, 1)))).toMatch(/unknown instruction \(0x82\)/);
    expect(await refusal(legacyFile(dict({ state_dict: dict({ w: global('sys', 'exit') }) })))).toContain('"sys.exit"');
    expect(await refusal(legacyFile(bytes(text('f'), ')', 'R')))).toMatch(/wants to call/);
    expect(await refusal(legacyFile(bytes(global('torch', 'FloatStorage'), ')', 'R')))).toMatch(/wants to call/);
    expect(await refusal(legacyFile(bytes(text('module'), 'Q')))).toMatch(/outside the file/);
    expect(await refusal(legacyFile(bytes(']', '}', 'b')))).toMatch(/set attributes/);
  });

  it('survives deep nesting, in the object and in the meta data', async () => {
    const deep = Buffer.alloc(200_000, '(');
    const lists = bytes(Buffer.alloc(100_000, ']'), Buffer.alloc(99_999, 'a'));
    const tuples = bytes(')', Buffer.alloc(200_000, 0x85));
    const weights = dict({ w: tensor({ numel: 1, shape: [1], stride: [1] }) });
    const data = [{ key: '0', numel: 1, data: floats(1) }];
    for (const object of [deep, lists, tuples]) await refusal(legacyFile(object));
    for (const nested of [lists, tuples]) {
      const meta = dict({ state_dict: weights, meta: dict({ x: nested }) });
      expect(await refusal(legacyFile(meta, data))).toMatch(/nested or repeated/);
    }
  });

  it('survives a list that contains itself and a billion laughs', async () => {
    const weights = dict({ w: tensor({ numel: 1, shape: [1], stride: [1] }) });
    const data = [{ key: '0', numel: 1, data: floats(1) }];
    const self = bytes(']', 'q', 0, 'h', 0, 'a');
    expect(await refusal(legacyFile(dict({ state_dict: weights, meta: dict({ x: self }) }), data))).toMatch(/nested/);
    const laughs: Part[] = [text('ha'), 'q', 0];
    for (let level = 1; level < 25; level++)
      laughs.push('(', ...Array<Part>(10).fill(bytes('h', level - 1)), 't', 'q', level);
    const bomb = dict({ state_dict: weights, meta: dict({ x: bytes(...laughs.slice(0, -2), 'q', 99) }) });
    expect(await refusal(legacyFile(bomb, data))).toMatch(/repeated/);
  });

  it('bounds memo bombs, endless instructions and copies of copies', async () => {
    await refusal(legacyFile(bytes(']', 'r', u32(0xffffffff), 'j', u32(0xfffffffe))));
    expect(await refusal(legacyFile(Buffer.alloc(600_000, '}\x94', 'latin1')))).toMatch(/far larger/);
    expect(await refusal(legacyFile(Buffer.alloc(4_000_000, ']')))).toMatch(/far larger/);
    const pairs = bytes('(', ...Array<Part>(1000).fill(tuple('N', 'N')), 't', 0x85, 'q', 1, '0');
    const copies = bytes(pairs, ...Array<Part>(5000).fill(bytes(global('collections', 'OrderedDict'), 'h', 1, 'R')));
    expect(await refusal(legacyFile(copies))).toMatch(/far larger/);
    const long = bytes(text('a'.repeat(1e6)), 'q', 1, global('_codecs', 'encode'), 'h', 1, 'h', 1, 0x86, 'R');
    expect(await refusal(legacyFile(long))).toMatch(/_codecs\.encode/);
  });

  it('refuses huge claimed sizes before allocating', async () => {
    expect(await refusal(legacyFile(bytes(0x8b, u32(0xffffffff))))).toMatch(/number of 4294967295 bytes/);
    expect(await refusal(legacyFile(bytes(0x8a, 255)))).toMatch(/number of 255 bytes/);
    expect(await refusal(legacyFile(bytes(0x8d, u64(2n ** 60n))))).toMatch(/claims 1152921504606847000 bytes/);
    expect(await refusal(legacyFile(bytes(0x8e, u64(2n ** 64n - 1n))))).toMatch(/claims/);
    expect(await refusal(legacyFile(bytes('X', u32(0xfffffff0))))).toMatch(/claims/);
    expect(await refusal(legacyFile(bytes('I', '9'.repeat(100_000), '\n')))).toMatch(/number in it is unreadable/);
  });

  it('refuses damaged stacks', async () => {
    for (const object of [
      '0',
      '1',
      't',
      'R',
      's',
      'u',
      'a',
      'e',
      'q\x00',
      'h\x05',
      '(0',
      ']a',
      '}s',
      'NNs',
      '(Ne',
      'Nb',
    ])
      await refusal(legacyFile(bytes(object)));
    await refusal(legacyFile(bytes('}', '(', 'N', 'u')));
    await refusal(legacyFile(bytes('}')));
    await refusal(legacyFile(bytes('N')));
  });
});

describe('tensors that lie', () => {
  const w = (o: Parameters<typeof tensor>[0]): Uint8Array =>
    zipCheckpoint(dict({ w: tensor(o) }), { 0: floats(1, 2, 3, 4) });
  it.each([
    ['stride 0 expansion', { numel: 4, shape: [1 << 30], stride: [0] }, /"w" .*reaches past its 4/],
    ['too many elements', { numel: 4, shape: [5], stride: [1] }, /"w" .*reaches past its 4/],
    ['offset', { numel: 4, offset: 2, shape: [3], stride: [1] }, /"w" .*reaches past/],
    ['stride', { numel: 4, shape: [2], stride: [4] }, /"w" .*reaches past/],
    ['negative stride', { numel: 4, offset: 3, shape: [2], stride: [-1] }, /"w" has impossible strides/],
    ['negative offset', { numel: 4, offset: -1, shape: [2], stride: [1] }, /"w" has impossible strides/],
    ['negative shape', { numel: 4, shape: [-2], stride: [1] }, /"w" has a shape that is not possible/],
    ['overflowing shape', { numel: 4, shape: [1 << 30, 1 << 30, 1 << 30], stride: [0, 0, 0] }, /not possible/],
    ['rank', { numel: 4, shape: [2, 2], stride: [1] }, /impossible strides/],
    ['claimed storage', { numel: 1 << 30, shape: [1 << 30], stride: [1] }, /"w" is longer than the data/],
    ['missing storage', { key: '7', numel: 4, shape: [4], stride: [1] }, /storage "7" is missing/],
    ['path as key', { key: '../../etc/passwd', numel: 4, shape: [4], stride: [1] }, /is missing/],
  ])('refuses %s', async (_, o, message) => {
    expect(await refusal(w(o))).toMatch(message);
  });

  it('refuses a thousand views of one storage that together pass the file many times', async () => {
    const view = tensor({ numel: 1 << 20, shape: [1 << 20], stride: [1] });
    const entries = Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`w${i}`, view]));
    expect(await refusal(zipCheckpoint(dict(entries), { 0: new Uint8Array(4 << 20) }))).toMatch(/far more memory/);
  });

  it('refuses storages of the stream format that lie about their length', async () => {
    const object = dict({ w: tensor({ numel: 4, shape: [4], stride: [1] }) });
    for (const numel of [5, 2 ** 40])
      expect(await refusal(legacyFile(object, [{ key: '0', numel, data: floats(1, 2, 3, 4) }]))).toMatch(/truncated/);
    expect(await refusal(legacyFile(object, [{ key: '0', numel: 2, data: floats(1, 2) }]))).toMatch(/"w" is longer/);
    expect(await refusal(legacyFile(object, [{ key: 'x', numel: 1, data: floats(1) }]))).toMatch(
      /storage "x" is unknown/,
    );
    expect(await refusal(legacyFile(object))).toMatch(/missing/);
  });
});

describe('damaged and foreign files', () => {
  const object = dict({
    state_dict: dict({ a: tensor({ numel: 2, shape: [2], stride: [1] }), n: int(3) }),
    meta: dict({ epoch: int(4) }),
  });
  const legacy = legacyFile(object, [{ key: '0', numel: 2, data: floats(1, 2) }]);
  const zip = zipCheckpoint(object, { 0: floats(1, 2) });

  it('refuses every truncation of both formats', async () => {
    for (const whole of [legacy, zip]) {
      expect([...(await readWeights(await save(whole))).tensors.keys()]).toEqual(['a']);
      for (let length = 1; length < whole.length; length += 7) await refusal(whole.subarray(0, length));
    }
  });

  it('keeps meta data and says what was left out', async () => {
    const read = await readWeights(await save(zip));
    expect(read).toMatchObject({ kind: 'pth-zip', meta: { epoch: 4 }, optimizer: null });
    expect(read.notes).toEqual(['"n" is not a tensor and was left out.']);
  });

  it.each([
    ['text', 'hello, I am a text file', /not a weight file/],
    ['html', '<!DOCTYPE html><html>404</html>', /web page/],
    ['git lfs', 'version https://git-lfs.github.com/spec/v1\n', /Git LFS pointer/],
    ['jpeg', '\xff\xd8\xff\xe0abcdefgh', /JPEG/],
    ['plain pickle', pickle(global('os', 'system')).toString('latin1'), /torch\.save did not write/],
    ['json', '{"a": 1}', /TensorFlow\.js graph model/],
  ])('says what a %s is', async (_, content, message) => {
    expect(await refusal(Buffer.from(content, 'latin1'))).toMatch(message);
  });

  it.skipIf(process.platform === 'win32')('does not wait at a pipe', async () => {
    const pipe = path.join(files.folder, 'pipe.pth');
    execFileSync('mkfifo', [pipe]);
    await expect(readWeights(pipe)).rejects.toMatchObject({ code: 'file-permission' });
  });

  it('names the kind without reading the rest', async () => {
    expect(await sniffWeights(await save(legacy))).toBe('pth-legacy');
    expect(await sniffWeights(await save(zip))).toBe('pth-zip');
  });
});
