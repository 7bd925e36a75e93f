// The comment in a JPEG's head: read back, and nothing of the picture changes.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { decodeImage } from '../../../src/core/image/decode.ts';
import { encodeImage } from '../../../src/core/image/encode.ts';
import { addComment, readComment } from '../../../src/core/image/jpegComment.ts';

let folder: string;
beforeAll(async () => (folder = await mkdtemp(path.join(tmpdir(), 'ttfnet-comment-'))));
afterAll(() => rm(folder, { recursive: true, force: true }));

const image = { width: 9, height: 5, data: Uint8Array.from({ length: 135 }, (_, i) => (7 * i) % 256) };

async function fileOf(name: string, bytes: Uint8Array | string): Promise<string> {
  const file = path.join(folder, name);
  await writeFile(file, bytes);
  return file;
}

it('is read back from the file, whose picture stays the same', async () => {
  const plain = await encodeImage(image, { format: 'jpeg' });
  const file = await fileOf('with.jpg', addComment(plain, 'TTFNet Studio 0123'));
  expect(await readComment(file)).toBe('TTFNet Studio 0123');
  expect(await decodeImage(file)).toEqual(await decodeImage(await fileOf('plain.jpg', plain)));
});

it('is null where there is none', async () => {
  const plain = await encodeImage(image, { format: 'jpeg' });
  expect(await readComment(await fileOf('none.jpg', plain))).toBeNull();
  expect(await readComment(await fileOf('png.jpg', await encodeImage(image, { format: 'png' })))).toBeNull();
  const jfif = Buffer.from('ffd8ffe000104a46494600010100000100010000ffd9', 'hex');
  for (const whole of [plain, jfif])
    for (let length = 0; length < 15; length++)
      expect(await readComment(await fileOf('cut.jpg', addComment(whole, 'a comment').slice(0, length)))).toBeNull();
  expect(await readComment(await fileOf('jfif.jpg', addComment(jfif, 'a comment')))).toBe('a comment');
  expect(await readComment(path.join(folder, 'gone.jpg'))).toBeNull();
});
