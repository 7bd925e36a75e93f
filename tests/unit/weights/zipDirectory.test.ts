// Zip archives that lie about themselves are refused, quickly and by name; 64-bit ones are read.
import { describe, expect, it } from 'vitest';
import { readWeights } from '../../../src/core/weights/readWeights.ts';
import { bytes, dict, pickle, tensor, u16, u32, u64, zipFile } from './pickleBytes.ts';
import { floats, weightFiles } from './refused.ts';

const { save, refusal } = weightFiles('zips-');

describe('hostile zip archives', () => {
  const data = pickle(dict({ w: tensor({ numel: 1, shape: [1], stride: [1] }) }));
  const archive = (lies: object, name = 'a/data.pkl'): Uint8Array =>
    zipFile([
      { name, data, lies },
      { name: 'a/data/0', data: floats(1) },
    ]);
  it.each([
    ['compressed', archive({ method: 8 }), /compressed/],
    ['huge entry', archive({ size: 0xfffffffe }), /claims 4294967294 bytes/],
    ['entry past the end', archive({ size: 1_000_000 }), /truncated/],
    ['wrong place', archive({ header: 7 }), /directory is wrong|truncated/],
    ['place past the end', archive({ header: 0xfffffff0 }), /past its end/],
    ['another name', archive({ centralName: 'a/data/0' }), /two entries/],
    ['renamed', archive({ centralName: 'b/data.pkl' }), /directory is wrong about "b\/data.pkl"/],
    ['no pickle', archive({}, 'a/readme.txt'), /without data\.pkl/],
    ['no directory', archive({}).slice(0, 60), /directory is missing/],
  ])('refuses %s', async (_, content, message) => {
    expect(await refusal(content)).toMatch(message);
  });

  it('refuses wrong counts and places of the directory', async () => {
    const good = Buffer.from(archive({}));
    const end = good.length - 22;
    const change = (at: number, value: number, size: 2 | 4): Buffer => {
      const copy = Buffer.from(good);
      copy.writeUIntLE(value, end + at, size);
      return copy;
    };
    await refusal(change(10, 3, 2));
    await refusal(change(10, 0xffff, 2));
    await refusal(change(12, 0xfffffff0, 4));
    await refusal(change(16, 0xffffffff, 4));
    await refusal(change(16, 0, 4));
    const file = await save(good);
    expect((await readWeights(file)).tensors.get('w')!.data).toEqual(Float32Array.of(1));
  });
});

describe('zip64 archives', () => {
  it('are read through their 64-bit directory and fields', async () => {
    const object = pickle(dict({ w: tensor({ numel: 1, shape: [1], stride: [1] }) }));
    const parts: Buffer[] = [];
    const central: Buffer[] = [];
    for (const [name, data] of [
      ['a/data.pkl', object],
      ['a/data/0', floats(7)],
    ] as const) {
      const at = BigInt(Buffer.concat(parts).length);
      const all = u32(0xffffffff);
      const size = u64(BigInt(data.length));
      parts.push(
        bytes(
          'PK\x03\x04',
          Buffer.alloc(14),
          all,
          all,
          u16(name.length),
          u16(20),
          name,
          u16(1),
          u16(16),
          size,
          size,
          data,
        ),
      );
      const extra = bytes(u16(0x7075), u16(1), 'x', u16(1), u16(24), size, size, u64(at));
      const lengths = bytes(u16(name.length), u16(extra.length), Buffer.alloc(10));
      central.push(bytes('PK\x01\x02', Buffer.alloc(16), all, all, lengths, all, name, extra));
    }
    const body = Buffer.concat(parts);
    const directory = Buffer.concat(central);
    const [length, offset] = [u64(BigInt(directory.length)), u64(BigInt(body.length))];
    const record = bytes('PK\x06\x06', u64(44n), Buffer.alloc(12), u64(2n), u64(2n), length, offset);
    const locator = bytes('PK\x06\x07', u32(0), u64(BigInt(body.length + directory.length)), u32(1));
    const end = bytes('PK\x05\x06', Buffer.alloc(4, 255), Buffer.alloc(12, 255), u16(0));
    const file = await save(Buffer.concat([body, directory, record, locator, end]));
    expect((await readWeights(file)).tensors.get('w')!.data).toEqual(Float32Array.of(7));
  });
});
