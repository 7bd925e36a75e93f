// `models`, `models get` and `models add` as a person types them, against a server on 127.0.0.1.
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { parseArgs } from '../../../src/cli/program.ts';
import { writeSafetensors } from '../../../src/core/weights/safetensorsWriter.ts';
import { cutWhenStored } from '../download/cutConnection.ts';

/** Bytes whose SHA-256 begins as that of the published TTFNet-18 (1x) does: found by trying. */
const published = Buffer.from('ttfnet-18-1x 2044119');

let root = '';
let folder = '';
let mirror = '';
let answer: (response: ServerResponse, range: string | undefined) => void = () => undefined;
let asked: string[] = [];
const server = createServer((request, response) => {
  response.shouldKeepAlive = false; // or the next request may meet a connection that is just being closed
  asked.push(`${request.url} ${request.headers.range ?? ''}`.trim());
  answer(response, request.headers.range);
});

beforeAll(async () => {
  root = await mkdtemp(path.join(os.tmpdir(), 'models-'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  mirror = `http://127.0.0.1:${(server.address() as AddressInfo).port}/files`;
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await rm(root, { recursive: true });
});
beforeEach(async () => {
  asked = [];
  folder = await mkdtemp(path.join(root, 'folder-'));
});

/** Runs the program in this process. */
async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  let [out, err] = ['', ''];
  const stdout = vi.spyOn(process.stdout, 'write').mockImplementation((text) => ((out += String(text)), true));
  const stderr = vi.spyOn(process.stderr, 'write').mockImplementation((text) => ((err += String(text)), true));
  const code = await parseArgs(args).finally(() => [stdout, stderr].forEach((spy) => spy.mockRestore()));
  return { code, out, err };
}
const get = (...more: string[]) =>
  run('models', 'get', 'ttfnet-18-1x', '--folder', folder, '--mirror', mirror, ...more);

it('lists size, accuracy, checksum and licence of every published file, and asks no server', async () => {
  const { code, out } = await run('models', '--folder', folder);
  expect(code).toBe(0);
  expect(out).toMatch(/ttfnet-18-10x +detector +57 MB +31\.8 +0c5709be +\[1\] +no\n/);
  expect(out).toMatch(/resnet-34 +backbone +87 MB +- +b627a593 +\[3\] +no\n/);
  expect(out).toMatch(/\n\[1\] The TTFNet repository is Apache-2\.0/);
  expect(out).toContain(`No files in ${folder} yet.`);
  expect(
    Math.max(
      ...out
        .split('\n')
        .slice(0, 18)
        .map((line) => line.length),
    ),
  ).toBeLessThan(100);
  expect((await run('models', '--folder', path.join(folder, 'none yet'))).code).toBe(0);
  expect(asked).toEqual([]);
});

it('downloads into the folder that it is told, from the mirror, and lists it then', async () => {
  answer = (response) => response.end(published);
  const { code, out } = await get();
  const file = path.join(folder, 'ttfnet18_1x-fe6884.pth');
  expect([code, out]).toEqual([0, `${file}\n`]);
  expect(await readFile(file)).toEqual(published);
  expect(asked).toEqual(['/files/ttfnet18_1x-fe6884.pth']);
  expect(JSON.parse((await get('--json')).out)).toEqual({ file }); // there already: not asked again
  expect(asked).toHaveLength(1);
  expect((await run('models', '--folder', folder)).out).toMatch(
    /ttfnet-18-1x .* yes\n[^]*For --model and --start:\n {2}.*fe6884\.pth\n$/,
  );
});

it('goes on after a cut connection, and says that it can', async () => {
  answer = (response) => {
    response.writeHead(200, { 'content-length': published.length }).write(published.subarray(0, 8));
    cutWhenStored(response, path.join(folder, 'ttfnet18_1x-fe6884.pth.part'), 8);
  };
  const cut = await get();
  expect(cut.code).toBe(1);
  expect(cut.err).toMatch(
    /ttfnet18_1x-fe6884\.pth could not be downloaded from http.*What has arrived is kept: try again to continue/,
  );
  expect((await run('models', '--folder', folder)).out).toContain('No files in');
  answer = (response, range) => {
    expect(range).toBe('bytes=8-');
    response.writeHead(206, { 'content-range': `bytes 8-19/${published.length}` }).end(published.subarray(8));
  };
  const rest = await get();
  expect(rest.code, rest.err).toBe(0);
  expect(await readdir(folder)).toEqual(['ttfnet18_1x-fe6884.pth']);
});

it('removes a file with another checksum, and says both', async () => {
  answer = (response) => response.end('something else');
  const { code, err, out } = await get('--json');
  expect(code).toBe(1);
  expect(err).toMatch(/is not the published file: its SHA-256 starts with [0-9a-f]{6}, not fe6884\. It was removed/);
  expect(JSON.parse(out)).toMatchObject({ error: { code: 'checksum-mismatch' } });
  expect(await readdir(folder)).toEqual([]);
});

it('adds a file to the folder that it is told, and names what it refuses', async () => {
  const file = path.join(root, 'mine.safetensors');
  await writeSafetensors(file, [{ name: 'w', dtype: 'float32', shape: [1], data: Float32Array.of(1) }]);
  const added = await run('models', 'add', file, '--folder', folder);
  expect([added.code, added.out]).toEqual([0, `${path.join(folder, 'mine.safetensors')}: 1 tensors\n`]);
  expect(JSON.parse((await run('models', 'add', file, '--folder', folder, '--json')).out)).toMatchObject({
    tensors: 1,
  });
  expect(await readdir(folder)).toEqual(['mine.safetensors']);
  const text = path.join(root, 'notes.pth');
  await writeFile(text, 'hello');
  const refused = await run('models', 'add', text, '--folder', folder);
  expect([refused.code, refused.err]).toEqual([1, expect.stringMatching(/notes\.pth is not a weight file/)]);
});

it('names valid models, and a folder that is none', async () => {
  const unknown = await run('models', 'get', 'ttfnet-99', '--folder', folder);
  expect([unknown.code, unknown.err]).toEqual([2, expect.stringMatching(/no model "ttfnet-99".*ttfnet-18-1x/)]);
  const file = path.join(root, 'a file');
  await writeFile(file, '');
  const wrong = await run('models', '--folder', file);
  expect([wrong.code, wrong.err]).toEqual([2, expect.stringContaining(`${file} is not a folder`)]);
  const into = await run('models', 'get', 'resnet-18', '--folder', file, '--mirror', mirror);
  expect([into.code, into.err]).toEqual([1, expect.stringContaining(`${file} is a file. Choose another folder`)]);
  expect((await get('--mirror', 'ftp://x')).err).toMatch(/mirror "ftp:\/\/x" is not a http/);
  expect(asked).toEqual([]);
});
