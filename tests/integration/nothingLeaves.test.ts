// Nothing leaves the machine: commands of the built program at the home of a person who never used it, with every connection watched.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { generateSample } from '../../src/core/sample/generate.ts';
import {
  emptyHome,
  isolatable,
  runAtHome,
  uploaderFiles,
  watchable,
  watchConnections,
  type EmptyHome,
} from '../support/emptyHome.ts';

const long = process.env['TTFNET_LONG'] === '1';
let work: string;
const homes: EmptyHome[] = [];
const connections: string[] = [];

beforeAll(async () => {
  work = await mkdtemp(path.join(tmpdir(), 'ttfnet-silent-'));
  await generateSample(path.join(work, 'sample'), { count: 3 });
});
afterAll(async () => {
  await Promise.all(homes.map((home) => home.remove()));
  await rm(work, { recursive: true, force: true });
});

async function newHome(): Promise<EmptyHome> {
  const home = await emptyHome();
  homes.push(home);
  return home;
}

const [sample, run] = ['sample', 'run'];
const little = ['--size', '64', '--batch', '2', '--epochs', '1'];
const commands: [string, string[]][] = [
  ['train', ['train', sample, ...little, '--val-split', 'none', '--out', run]],
  ['eval', ['eval', sample, '--split', 'train', '--model', run]],
  ['detect', ['detect', `${sample}/JPEGImages`, '--model', run, '--out', 'found']],
  ['export', ['export', '--model', run, '--out', 'exported.onnx']],
  ['doctor', ['doctor', '--json']],
];
const longer: [string, string[]][] = [
  ['compare', ['compare', sample, '--vary', 'sampling=gaussian,center', ...little, '--out', 'compared']],
  ['demo', ['demo', '--minutes', '0.3', '--out', 'demo']],
];

/** A command's words with what lies in the work folder named in full; the rest of a word after `/` stays. */
const placed = (words: readonly string[]): string[] =>
  words.map((word) =>
    /^(sample|run|found|exported|compared|demo)\b/.test(word) && word !== words[0] ? path.join(work, word) : word,
  );

describe('at an empty home', () => {
  test.each(long ? [...commands, ...longer] : commands)('%s leaves nothing there', async (_, words) => {
    const home = await newHome();
    const result = await runAtHome(home, placed(words));
    expect(result.code, result.output).toBe(0);
    connections.push(...result.connections);
    expect(await home.files()).toEqual([]);
  });

  test.skipIf(!watchable)('and none of them turns to another machine (left out where strace can’t watch)', () => {
    expect(connections).toEqual([]);
  });

  test.skipIf(!isolatable)(
    'a person’s own value stays, and the uploader is seen then (left out without a network of its own)',
    async () => {
      const home = await newHome();
      home.env['ORT_DISABLE_TELEMETRY'] = '0';
      const words = ['eval', sample, '--split', 'train', '--model', run];
      const result = await runAtHome(home, placed(words), ['unshare', '-rn']);
      expect(result.code, result.output).toBe(0);
      expect(uploaderFiles(await home.files())).not.toEqual([]);
    },
  );
});

test.skipIf(!watchable || !isolatable)(
  'the watch sees who turns to another machine, and nobody else (left out where strace can’t watch, or without a network of its own)',
  async () => {
    const watch = watchConnections();
    const turnTo = (host: string) => `require('net').connect(9, '${host}').on('error', () => 0);`;
    const words = [...watch.before, process.execPath, '-e', turnTo('192.0.2.7') + turnTo('127.0.0.1')];
    const child = spawn('unshare', ['-rn', ...words], { stdio: 'ignore' });
    await once(child, 'exit');
    expect(await watch.connections(child.pid!)).toEqual(['192.0.2.7']);
  },
);
