// Pictures that aren't files, or ask for much: refused by a sentence or read, in a child with limits, whatever way the program reads them.
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, open, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeBmp } from '../../../src/core/image/bmp.ts';
import { Budget } from '../../../src/core/image/pixelBudget.ts';
import { runLimited } from '../../support/limitedChild.ts';
import { bmpOfRuns, hugePng } from './bombs.ts';

const child = path.resolve(import.meta.dirname, '../../support/pictureChild.ts');
const long = process.env['TTFNET_LONG'] === '1';
const isWindows = process.platform === 'win32';
let folder = '';
beforeAll(async () => (folder = await mkdtemp(path.join(os.tmpdir(), 'ttfnet-pictures-'))));
afterAll(() => rm(folder, { recursive: true, force: true }));

const inFolder = (name: string): string => path.join(folder, name);

/** Reads the files in the child; what was said of each, by its name. */
async function readAll(files: readonly string[], megabytes: number, seconds = 120): Promise<Record<string, string[]>> {
  const outcomes = await runLimited(child, files, { heapMegabytes: 512, seconds });
  const result: Record<string, string[]> = {};
  for (const { task, code, said, peakMegabytes } of outcomes) {
    expect([path.basename(task), code, said]).toEqual([path.basename(task), null, said]);
    expect(peakMegabytes, task).toBeLessThan(megabytes);
    result[path.basename(task)] = said;
  }
  return result;
}

const always = (code: string, sentence: string): string[] =>
  ['hash', 'facts', 'thumbnail', 'resized', 'whole'].map(
    (way) => expect.stringMatching(`${way}: ${code}: .*${sentence}`) as string,
  );

describe.skipIf(isWindows)('what is no file', () => {
  it('is refused before it is opened: pipes, devices, sockets, folders, links in a circle', async () => {
    execFileSync('mkfifo', [inFolder('pipe.jpg'), inFolder('pipe2.jpg')]);
    await symlink('/dev/zero', inFolder('zero.jpg'));
    await symlink('/dev/urandom', inFolder('random.png'));
    await symlink('circle.jpg', inFolder('circle.jpg'));
    await mkdir(inFolder('folder.jpg'));
    const server = createServer().listen(inFolder('socket.jpg'));
    const names = ['pipe.jpg', 'pipe2.jpg', 'zero.jpg', 'random.png', 'socket.jpg', 'folder.jpg', 'circle.jpg'];
    const said = await readAll(names.map(inFolder), 600);
    server.close();
    for (const name of names.slice(0, 5))
      expect(said[name]).toEqual(always('file-permission', 'is a device, a pipe or a socket'));
    expect(said['folder.jpg']).toEqual(always('file-permission', 'is a folder'));
    expect(said['circle.jpg']).toEqual(always('file-missing', 'is a link that leads back to itself'));
  });

  it('a sparse file of hundreds of megabytes is not read into memory', async () => {
    const handle = await open(inFolder('sparse.jpg'), 'w');
    await handle.truncate(600 * 2 ** 20);
    await handle.close();
    const said = await readAll([inFolder('sparse.jpg')], 600);
    const tooLarge = always('image-too-large', 'has 600 MB; at most 512 MB are read');
    for (const way of [1, 3, 4]) expect(said['sparse.jpg']![way]).toEqual(tooLarge[way]);
    expect(said['sparse.jpg']![2]).toMatch(/^thumbnail: image-unreadable/); // its head says so already
  });
});

describe('bitmaps of run lengths', () => {
  it('of a kilobyte let other work have its turn', async () => {
    let turns = 0;
    const turn = () => {
      turns++;
      next = setImmediate(turn);
    };
    let next = setImmediate(turn);
    const { width, height } = await decodeBmp(bmpOfRuns(6000, 4000));
    clearImmediate(next);
    expect([width, height]).toEqual([6000, 4000]);
    expect(turns).toBeGreaterThanOrEqual(5);
  });

  it('are read up to the largest size (with TTFNET_LONG=1), and longer ones refused by name', async () => {
    const files = {
      'square.bmp': long ? bmpOfRuns(12_200, 12_200) : bmpOfRuns(5000, 5000),
      'line.bmp': bmpOfRuns(150_000_000, 1),
      'column.bmp': bmpOfRuns(1, 150_000_000),
      'long.bmp': bmpOfRuns(1_000_000, 10),
    };
    for (const [name, bytes] of Object.entries(files)) await writeFile(inFolder(name), bytes);
    const said = await readAll(Object.keys(files).map(inFolder), 2500);
    for (const name of ['square.bmp', 'long.bmp'])
      expect(said[name]).toEqual(['hash: read', 'facts: read', 'thumbnail: read', 'resized: read', 'whole: read']);
    for (const name of ['line.bmp', 'column.bmp'])
      expect(said[name]!.slice(2)).toEqual(always('image-too-large', 'no side may have more than 1,000,000').slice(2));
  });
});

describe('memory', () => {
  it('is shared out: small ones side by side, one that takes all alone, in the order of asking', async () => {
    const budget = new Budget(10);
    const log: string[] = [];
    const ends: (() => void)[] = [];
    const start = (name: string, bytes: number) =>
      budget.run(bytes, () => {
        log.push(name);
        return new Promise<void>((resolve) => ends.push(resolve));
      });
    const all = [start('a', 4), start('b', 6), start('huge', 99), start('c', 1), start('d', 1)];
    const settle = () => new Promise((resolve) => setImmediate(resolve));
    await settle();
    expect(log).toEqual(['a', 'b']);
    ends[0]!();
    await settle();
    expect(log).toEqual(['a', 'b']); // the huge one is not passed by those behind it
    ends[1]!();
    await settle();
    expect(log).toEqual(['a', 'b', 'huge']);
    ends[2]!();
    await settle();
    expect(log).toEqual(['a', 'b', 'huge', 'c', 'd']);
    ends[3]!();
    ends[4]!();
    await Promise.all(all);
    await expect(budget.run(3, () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    expect(await budget.run(10, () => Promise.resolve('free again'))).toBe('free again');
  });

  it.skipIf(!long)(
    'four huge interlaced PNGs at once take no more than one (only with TTFNET_LONG=1)',
    { timeout: 900_000 },
    async () => {
      const bytes = hugePng(12_000, 12_000);
      const files = [1, 2, 3, 4].map((n) => inFolder(`huge${n}.png`));
      for (const file of files) await writeFile(file, bytes);
      const said = await readAll([files.join('|')], 2800, 800);
      expect(Object.values(said)[0]!.filter((line) => line.endsWith(': read'))).toHaveLength(20);
    },
  );
});
