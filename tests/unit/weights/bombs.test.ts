// Small files that ask for much: opened as models in a process of their own, whose peak memory and computing time per file are measured.
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Opened } from '../../support/openModelChild.ts';
import type { Part } from './pickleBytes.ts';
import {
  bytes,
  dict,
  global,
  int,
  legacyFile,
  list,
  pickle,
  tensor,
  text,
  tuple,
  u32,
  u64,
  zipCheckpoint,
  zipFile,
} from './pickleBytes.ts';

const MB = 1 << 20;
let folder = '';
beforeAll(async () => (folder = await mkdtemp(path.join(os.tmpdir(), 'bombs-'))));
afterAll(() => rm(folder, { recursive: true }));

const one = tensor({ numel: 1, shape: [1], stride: [1] });
const oneStorage = { 0: new Uint8Array(4) };
const remember = (index: number): Buffer => bytes('r', u32(index));
const recall = (index: number): Buffer => bytes('j', u32(index));
const many = (count: number, part: (i: number) => Part): Buffer =>
  Buffer.concat(Array.from({ length: count }, (_, i) => bytes(part(i))));
const call = (module: string, name: string): Buffer =>
  bytes(global(module, name), tuple(text(`touch ${path.join(folder, 'executed')}`)), 'R');

/** A checkpoint of `count` tensors and an optimizer, which gets the ids of all of them. */
function withOptimizer(count: number, optimizer: Part): Buffer {
  const weights = bytes(
    '}',
    '(',
    one,
    remember(0),
    '0',
    many(count, (i) => bytes(text(`w${i}`), recall(0))),
    'u',
  );
  return zipCheckpoint(dict({ state_dict: weights, optimizer }), oneStorage);
}
const ids = (count: number): Buffer => bytes(']', '(', many(count, int), 'e');
const wide = (count: number): Buffer =>
  bytes(
    '}',
    '(',
    many(count, (i) => bytes(text(`s${i}`), 'K', 1)),
    'u',
  );

function safetensors(header: string, data = new Uint8Array()): Buffer {
  return bytes(u64(BigInt(header.length)), header, data);
}

/** By file name: the file, and what its refusal says. */
const bombs: Record<string, () => [content: Uint8Array, message: RegExp]> = {
  'os.system.pth': () => [legacyFile(call('os', 'system')), /"os\.system"/],
  'os.system in zip.pth': () => [zipCheckpoint(call('os', 'system')), /"os\.system"/],
  'builtins.eval.pth': () => [legacyFile(call('builtins', 'eval')), /"builtins\.eval"/],
  'builtins.eval in zip.pth': () => [zipCheckpoint(call('builtins', 'eval')), /"builtins\.eval"/],
  'deep marks.pth': () => [legacyFile(Buffer.alloc(30 * MB, '(')), /far larger/],
  'deep lists.pth': () => [zipCheckpoint(Buffer.alloc(30 * MB, ']')), /far larger/],
  'memo of everything.pth': () => [legacyFile(Buffer.alloc(30 * MB, '}\x94', 'latin1')), /far larger/],
  'memo at the last index.pth': () => [
    legacyFile(bytes(']', remember(0xffffffff), recall(0xfffffffe))),
    /nothing is remembered/,
  ],
  'billion laughs.pth': () => {
    const levels = many(24, (i) =>
      bytes(
        '(',
        many(10, () => recall(i)),
        't',
        remember(i + 1),
        '0',
      ),
    );
    const laughs = bytes(text('ha'), remember(0), '0', levels, recall(24));
    const object = dict({ state_dict: dict({ w: one }), meta: dict({ x: laughs }) });
    return [zipCheckpoint(object, oneStorage), /nested or repeated/];
  },
  'one group two hundred thousand times.pth': () => {
    const group = bytes(dict({ params: ids(20_000) }), remember(9), '0');
    const groups = bytes(
      group,
      ']',
      '(',
      many(200_000, () => recall(9)),
      'e',
    );
    return [withOptimizer(10, dict({ state: '}', param_groups: groups })), /no TTFNet/];
  },
  'one state for every parameter.pth': () => {
    const state = bytes(
      wide(50_000),
      remember(9),
      '0',
      '}',
      '(',
      many(5000, (i) => bytes(int(i), recall(9))),
      'u',
    );
    return [withOptimizer(5000, dict({ state, param_groups: list(dict({ params: ids(5000) })) })), /no TTFNet/];
  },
  'settings without end.pth': () => {
    const group = bytes(
      '}',
      '(',
      many(50_000, (i) => bytes(text(`s${i}`), 'K', 1)),
      'u',
      remember(9),
      '0',
    );
    const groups = bytes(
      group,
      ']',
      '(',
      many(50_000, () => recall(9)),
      'e',
    );
    return [withOptimizer(60_000, dict({ state: '}', param_groups: groups })), /one of more than|no TTFNet/];
  },
  'a hundred thousand tensors.pth': () => [withOptimizer(100_000, '}'), /one of more than 10000/],
  'a name of ten million characters.pth': () => [
    zipCheckpoint(dict({ ['w'.repeat(10 * MB)]: one }), oneStorage),
    /a name of 10485760 characters/,
  ],
  'text of two to the sixty.pth': () => [legacyFile(bytes(0x8d, u64(2n ** 60n))), /claims/],
  'storage of a terabyte.pth': () => [
    legacyFile(dict({ w: one }), [{ key: '0', numel: 2 ** 38, data: new Uint8Array(4) }]),
    /truncated/,
  ],
  'tensor of a terabyte.pth': () => [
    zipCheckpoint(dict({ w: tensor({ numel: 1, shape: [1 << 20, 1 << 18], stride: [0, 0] }) }), oneStorage),
    /"w" of shape/,
  ],
  'entry of four gigabytes.pth': () => [
    zipFile([{ name: 'a/data.pkl', data: pickle(dict({ w: one })), lies: { size: 0xfffffffe } }]),
    /claims 4294967294 bytes/,
  ],
  'sixty thousand entries.pth': () => {
    const entries = Array.from({ length: 60_000 }, (_, i) => ({ name: `a/data/${i}`, data: new Uint8Array() }));
    return [zipFile([{ name: 'a/data.pkl', data: pickle(dict({ w: one })) }, ...entries]), /"w" is longer/];
  },
  'fifty thousand storages.pth': () => {
    const keys = Array.from({ length: 50_000 }, () => ({ key: '0', numel: 1, data: new Uint8Array(4) }));
    return [legacyFile(dict({ w: one }), keys), /lists 50000 storages/];
  },
  'compressed zip bomb.pth': () => [
    zipFile([{ name: 'a/data.pkl', data: new Uint8Array(1000), lies: { method: 8, size: 0xfffffffe } }]),
    /compressed/,
  ],
  'views of the same four megabytes.pth': () => {
    const view = bytes(tensor({ numel: MB, shape: [MB], stride: [1] }), remember(0), '0');
    const weights = bytes(
      view,
      '}',
      '(',
      many(1000, (i) => bytes(text(`w${i}`), recall(0))),
      'u',
    );
    return [zipCheckpoint(weights, { 0: new Uint8Array(4 * MB) }), /far more memory/];
  },
  'nested header.safetensors': () => [safetensors(`{"a":${'['.repeat(3 * MB)}`), /nested deeper/],
  'header of thirty megabytes.safetensors': () => [safetensors(`{"a":${'['.repeat(30 * MB)}`), /at most 4194304/],
  'header of an exabyte.safetensors': () => [bytes(u64(2n ** 60n), '{', new Uint8Array(100)), /not a weight file/],
  'a million classes.safetensors': () => {
    const entry = (shape: number[]) => ({ dtype: 'F32', shape, data_offsets: [0, 0] });
    const header = { 'backbone.layer1.0.conv1.weight': entry([0]), 'bbox_head.hm.2.weight': entry([1e12, 0]) };
    return [safetensors(JSON.stringify(header)), /claims 1000000000000 classes/];
  },
  'nested graph.json': () => [Buffer.from(`{"modelTopology":${'['.repeat(3 * MB)}`), /nested deeper/],
  'one weight file a thousand times.json': () => {
    const group = { paths: ['shard.bin'], weights: [] };
    const model = { modelTopology: { node: [] }, weightsManifest: Array.from({ length: 1000 }, () => group) };
    return [Buffer.from(JSON.stringify(model)), /more than once/];
  },
};

it('refuses every bomb within two seconds and 200 MB, and runs nothing', { timeout: 120_000 }, async () => {
  await writeFile(path.join(folder, 'shard.bin'), new Uint8Array(4 * MB));
  const honest = path.join(folder, 'honest.pth');
  await writeFile(honest, zipCheckpoint(dict({ w: one }), oneStorage));
  const messages = new Map<string, RegExp>();
  for (const [name, make] of Object.entries(bombs)) {
    const [content, message] = make();
    messages.set(name, message);
    await writeFile(path.join(folder, name), content);
  }
  const before = await readdir(folder);
  const files = Object.keys(bombs).map((name) => path.join(folder, name));
  const child = path.resolve(import.meta.dirname, '../../support/openModelChild.ts');
  const args = ['--import', 'tsx', '--max-old-space-size=256', child, honest, ...files];
  const { stdout } = await promisify(execFile)(process.execPath, args, { maxBuffer: 64 * MB });
  const [start, ...opened] = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Opened);
  expect(opened).toHaveLength(files.length);
  for (const { file, code, message, seconds, peakMegabytes } of opened) {
    const name = path.basename(file);
    expect([name, code]).toEqual([name, 'model-invalid']);
    expect(message).toContain(file);
    expect(message).toMatch(messages.get(name)!);
    expect(message.length, name).toBeLessThan(1000);
    expect(seconds, name).toBeLessThan(2);
    expect(peakMegabytes - start!.peakMegabytes, name).toBeLessThan(200);
  }
  expect(await readdir(folder)).toEqual(before);
});
