// Downloads against a server on 127.0.0.1: cut and continued, refused, lying, silent, cancelled, without space.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { download } from '../../../src/core/download/download.ts';
import type { ModelEntry } from '../../../src/core/download/modelIndex.ts';
import { findModel, readModelIndex } from '../../../src/core/download/modelIndex.ts';
import { mountSmallDisk } from '../../support/smallDisk.ts';
import { cutWhenStored } from './cutConnection.ts';

const content = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * 7919) >> 3));
const hash = createHash('sha256').update(content).digest('hex');

type Handler = (request: IncomingMessage, response: ServerResponse) => void;
let handler: Handler = () => undefined;
let requests: IncomingMessage[] = [];
const server = createServer((request, response) => {
  response.shouldKeepAlive = false; // or the next request may meet a connection that is just being closed
  requests.push(request);
  handler(request, response);
});
let base = '';
let root = '';
let folder = '';
let serial = 0;

beforeAll(async () => {
  root = await mkdtemp(path.join(os.tmpdir(), 'download-'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await rm(root, { recursive: true });
});
beforeEach(() => {
  requests = [];
  folder = path.join(root, `models-${++serial}`);
});

const entry = (more: Partial<ModelEntry> = {}): ModelEntry => ({
  name: 'test',
  file: 'test-abc.pth',
  url: `${base}test-abc.pth`,
  sha256: hash.slice(0, 8),
  megabytes: 0.3,
  network: 'ttfnet-18',
  kind: 'detector',
  cocoAp: null,
  licence: 'none',
  ...more,
});

/** A well-behaved server with ranges; sends only `limit` bytes per request and then cuts the connection. */
const serve =
  (limit = Infinity, tag: string | null = '"v1"', body = content): Handler =>
  (request, response) => {
    const range = /^bytes=(\d+)-$/.exec(request.headers.range ?? '');
    const fresh = request.headers['if-range'] === undefined || request.headers['if-range'] === tag;
    const start = range && fresh ? Number(range[1]) : 0;
    if (tag) response.setHeader('etag', tag);
    if (start >= body.length) return response.writeHead(416).end();
    if (start > 0) response.setHeader('content-range', `bytes ${start}-${body.length - 1}/${body.length}`);
    response.writeHead(start > 0 ? 206 : 200, { 'content-length': body.length - start });
    const end = Math.min(body.length, start + limit);
    return response.write(body.subarray(start, end), () =>
      end < body.length ? cutWhenStored(response, path.join(folder, 'test-abc.pth.part'), end) : response.end(),
    );
  };

const expectContent = async (file: string): Promise<void> =>
  expect((await readFile(file)).equals(content), `${file} is what was served`).toBe(true);

const names = async (): Promise<string[]> => (await readdir(folder)).sort();

async function cutOnce(): Promise<void> {
  handler = serve(100_000);
  await expect(download(entry(), folder)).rejects.toMatchObject({ code: 'download-failed' });
  expect(await names()).toEqual(['test-abc.pth.part', 'test-abc.pth.part.json']);
}

describe('download', () => {
  it('fetches, verifies, reports progress, and does not fetch again', async () => {
    handler = serve();
    const seen: number[] = [];
    const file = await download(entry(), folder, { onProgress: (p) => seen.push(p.received / p.total!) });
    await expectContent(file);
    expect(await names()).toEqual(['test-abc.pth']);
    expect(seen.at(-1)).toBe(1);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    expect(requests[0]!.headers['accept-encoding']).toBe('identity');
    await download(entry(), folder);
    expect(requests).toHaveLength(1);
  });

  it('continues after a cut, asking only for the rest of the same version', async () => {
    await cutOnce();
    const have = (await readFile(path.join(folder, 'test-abc.pth.part'))).length;
    expect(have).toBe(100_000);
    handler = serve();
    await expectContent(await download(entry(), folder));
    expect(requests.at(-1)!.headers).toMatchObject({ range: `bytes=${have}-`, 'if-range': '"v1"' });
    expect(await names()).toEqual(['test-abc.pth']);
  });

  it('says where a cut download is kept and what to do', async () => {
    handler = serve(1000);
    await expect(download(entry(), folder)).rejects.toThrow(
      /test-abc\.pth could not be downloaded from http.*try again to continue/s,
    );
  });

  it.each<[string, () => Handler]>([
    ['ignores ranges', () => (_, response) => response.end(content)],
    ['has a new version', () => serve(Infinity, '"v2"')],
    [
      'says 416',
      () => (request, response) => (request.headers.range ? response.writeHead(416).end() : response.end(content)),
    ],
    [
      'answers another range',
      () => (request, response) =>
        request.headers.range
          ? response.writeHead(206, { 'content-range': 'bytes 5-9/300000' }).end('12345')
          : response.end(content),
    ],
    [
      'answers a range without a place',
      () => (request, response) =>
        request.headers.range ? response.writeHead(206).end('12345') : response.end(content),
    ],
  ])('starts over when the server %s', async (_, make) => {
    await cutOnce();
    handler = make();
    await expectContent(await download(entry(), folder));
    expect(await names()).toEqual(['test-abc.pth']);
  });

  it('continues without a validator too, since the checksum decides', async () => {
    handler = serve(100_000, null);
    await expect(download(entry(), folder)).rejects.toThrow();
    handler = serve(Infinity, null);
    await expectContent(await download(entry(), folder));
    expect(requests.at(-1)!.headers['if-range']).toBeUndefined();
    expect(requests.at(-1)!.headers.range).toBe('bytes=100000-');
  });

  it('drops a part from another address, or with a damaged note', async () => {
    await cutOnce();
    handler = serve();
    await download(entry({ url: `${base}elsewhere` }), folder);
    expect(requests.at(-1)!.headers.range).toBeUndefined();
    await rm(path.join(folder, 'test-abc.pth'));
    await cutOnce();
    await writeFile(path.join(folder, 'test-abc.pth.part.json'), '{"url"');
    handler = serve();
    await expectContent(await download(entry(), folder));
  });

  it('uses a whole part left by a kill without asking the server', async () => {
    await mkdir(folder);
    await writeFile(path.join(folder, 'test-abc.pth.part'), content);
    await download(entry(), folder);
    expect(requests).toHaveLength(0);
    expect(await names()).toEqual(['test-abc.pth']);
  });

  it('removes a file with the wrong checksum, and replaces a damaged one', async () => {
    handler = serve(Infinity, '"v1"', Buffer.from('not the file'));
    const attempt = download(entry(), folder);
    await expect(attempt).rejects.toMatchObject({ code: 'checksum-mismatch' });
    await expect(attempt).rejects.toThrow(`not ${entry().sha256}`);
    expect(await names()).toEqual([]);
    await writeFile(path.join(folder, 'test-abc.pth'), 'damaged');
    handler = serve();
    await expectContent(await download(entry(), folder));
  });

  it.each([404, 403, 500])('reports status %i and leaves nothing', async (status) => {
    handler = (_, response) => response.writeHead(status).end('<html>');
    const attempt = download(entry(), folder);
    await expect(attempt).rejects.toMatchObject({ code: 'download-failed' });
    await expect(attempt).rejects.toThrow(new RegExp(`answered ${status}.*give a mirror`));
    expect(await names()).toEqual([]);
  });

  it('follows redirects and uses a mirror', async () => {
    handler = (request, response) => {
      if (request.url === '/mirror/files/test-abc.pth') return response.writeHead(302, { location: '/real' }).end();
      return request.url === '/real' ? response.end(content) : response.writeHead(404).end();
    };
    const file = await download(entry({ url: `${base}gone` }), folder, { mirror: `${base}mirror/files` });
    await expectContent(file);
    for (const mirror of ['nonsense', 'file:///etc'])
      await expect(download(entry(), folder, { mirror })).rejects.toMatchObject(
        mirror ? { code: 'argument-invalid' } : {},
      );
  });

  it('gives up on a loop of redirects and on a closed port', async () => {
    handler = (request, response) => response.writeHead(302, { location: request.url! }).end();
    await expect(download(entry(), folder)).rejects.toMatchObject({ code: 'download-failed' });
    await expect(download(entry({ url: 'http://127.0.0.1:9/x' }), folder)).rejects.toThrow(
      /connection failed|bad port/,
    );
  });

  it('gives up on a silent server, before and within the content', async () => {
    handler = () => undefined;
    await expect(download(entry(), folder, { timeoutSeconds: 0.2 })).rejects.toThrow(/sent nothing for 0\.2 seconds/);
    handler = (_, response) =>
      response.writeHead(200, { 'content-length': content.length }).write(content.subarray(0, 5000));
    await expect(download(entry(), folder, { timeoutSeconds: 0.2 })).rejects.toThrow(/sent nothing/);
    expect((await readFile(path.join(folder, 'test-abc.pth.part'))).length).toBe(5000);
  });

  it('stops a server that offers or sends far too much', async () => {
    handler = (_, response) => response.writeHead(200, { 'content-length': 1e9 }).write('x');
    await expect(download(entry(), folder)).rejects.toThrow(/offers 1000000000 bytes/);
    handler = (_, response) => {
      const more = (): void => {
        if (!response.destroyed) response.write(Buffer.alloc(100_000), () => setImmediate(more));
      };
      more();
    };
    await expect(download(entry(), folder)).rejects.toThrow(/far more than the file has/);
  });

  it('can be cancelled before, during, and continued afterwards', async () => {
    await expect(download(entry(), folder, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'cancelled',
    });
    expect(requests).toHaveLength(0);
    const control = new AbortController();
    handler = (_, response) =>
      response.writeHead(200, { etag: '"v1"', 'content-length': content.length }).write(content.subarray(0, 60_000));
    const attempt = download(entry(), folder, {
      signal: control.signal,
      onProgress: (p) => p.received === 60_000 && control.abort(),
    });
    await expect(attempt).rejects.toMatchObject({ code: 'cancelled' });
    handler = serve();
    await expectContent(await download(entry(), folder));
    expect(requests.at(-1)!.headers.range).toBe('bytes=60000-');
  });

  it('names a folder that cannot be made', async () => {
    await writeFile(folder, 'a file');
    const attempt = download(entry(), path.join(folder, 'x'));
    await expect(attempt).rejects.toMatchObject({
      code: 'file-permission',
      message: `${path.join(folder, 'x')} can’t be made, because ${folder} is a file. Choose another folder.`,
    });
  });
});

const disk = mountSmallDisk('1m');
describe.skipIf(disk === null)(
  `a full disk${disk ? '' : ' (skipped: this machine does not let tests mount one)'}`,
  () => {
    afterAll(() => disk!.unmount());

    it('is noticed before the transfer', async () => {
      handler = (_, response) => response.writeHead(200, { 'content-length': 3_000_000 }).write('x');
      const attempt = download(entry({ megabytes: 3 }), disk!.folder);
      await expect(attempt).rejects.toMatchObject({ code: 'disk-full' });
      await expect(attempt).rejects.toThrow(/1 MB free, 3 MB are needed/);
    });

    it('is reported when it fills during the transfer; the part is kept', async () => {
      const big = Buffer.alloc(1_300_000, 7);
      handler = (_, response) => {
        response.write(big.subarray(0, 500_000));
        response.end(big.subarray(500_000)); // no length: nothing to check beforehand
      };
      await expect(download(entry({ megabytes: 0.3 }), disk!.folder)).rejects.toMatchObject({ code: 'disk-full' });
      expect(existsSync(path.join(disk!.folder, 'test-abc.pth'))).toBe(false);
      expect((await readFile(path.join(disk!.folder, 'test-abc.pth.part'))).every((b) => b === 7)).toBe(true);
    });
  },
);

describe('the index of models', () => {
  const file = path.resolve(import.meta.dirname, '../../../resources/models.json');

  it('is valid; names, files and checksums are unique; a checksum ends each file name', async () => {
    const index = await readModelIndex(file);
    expect(index).toHaveLength(14);
    for (const key of ['name', 'file', 'url', 'sha256'] as const)
      expect(new Set(index.map((e) => e[key])).size).toBe(14);
    for (const e of index) {
      expect(e.file.endsWith(`-${e.sha256}.pth`)).toBe(true);
      expect(e.url.endsWith(`/${e.file}`)).toBe(true);
    }
    expect(findModel(index, 'ttfnet-53-10x').cocoAp).toBe(39.3);
    expect(() => findModel(index, 'ttfnet-99')).toThrow(/no model "ttfnet-99".*ttfnet-18-1x, /);
  });

  it('is refused when damaged', async () => {
    const bad = path.join(root, 'bad.json');
    for (const text of ['[{"name":"x"}]', '{', JSON.stringify([entry({ file: '../x' })])]) {
      await writeFile(bad, text);
      await expect(readModelIndex(bad)).rejects.toMatchObject({ code: 'model-invalid' });
    }
    await expect(readModelIndex(path.join(root, 'no.json'))).rejects.toMatchObject({ code: 'file-missing' });
  });
});
