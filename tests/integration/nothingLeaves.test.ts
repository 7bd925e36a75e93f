// Nothing leaves the machine: commands of the built program at the home of a person who never used it, with every connection watched.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { builtFiles } from '../../src/app/host/folders.ts';
import { generateSample } from '../../src/core/sample/generate.ts';
import { quietSwitches } from '../../src/main/offline.ts';
import type { StudioClient } from '../../src/shared/contract/index.ts';
import {
  emptyHome,
  notApart,
  runAtHome,
  uploaderFiles,
  unwatchable,
  watchConnections,
  type EmptyHome,
} from '../support/emptyHome.ts';
import { noWindow } from '../support/electron/desktop.ts';
import { unless } from '../support/leftOut.ts';
import { startProgram } from '../support/servedProgram.ts';
import { connectTo, enter } from './contract/browserTransport.ts';
import { connectDesktop } from './contract/desktopTransport.ts';
import { finish } from './contract/finish.ts';

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
    if (words[0] === 'doctor') expect(result.output).toMatch(/"telemetry":\{"state":"off"/);
  });

  test('and none of them turns to another machine', unless(unwatchable), () => {
    expect(connections).toEqual([]);
  });

  test('a person’s own value stays, the uploader is seen then, and doctor says so', unless(notApart), async () => {
    const home = await newHome();
    home.env['ORT_DISABLE_TELEMETRY'] = '0';
    const result = await runAtHome(home, ['doctor'], ['unshare', '-rn']);
    expect(result.code, result.output).toBe(0);
    expect(uploaderFiles(await home.files())).not.toEqual([]);
    expect(result.output).toContain('reports to its maker, because ORT_DISABLE_TELEMETRY is "0"');
  });
});

/** What a person does in the interface that makes every kind of child compute. */
async function trainALittle(client: StudioClient, folder: string): Promise<void> {
  const importFrom = { format: 'voc', path: folder };
  const { result } = await finish(client.project.create({ path: path.join(folder, 'JPEGImages'), importFrom }));
  const project = result.project.id;
  const [image] = (await client.images.list({ project, offset: 0, limit: 1 })).items;
  expect((await client.system.providers()).length).toBeGreaterThan(0);
  await client.detect.heatmap({ project, image: image!.id, model: 'base' });
  const config = { start: 'base', preset: 'quick' as const, inputSize: 128, batch: 2, epochs: 1, seed: 1 };
  const { id: run } = await client.training.start({ project, config });
  const status = async () => (await client.training.run({ project, run })).run.status;
  await expect.poll(status, { timeout: 120_000 }).toBe('finished');
}

test('the built interface loads nothing from elsewhere', async () => {
  const folder = builtFiles().renderer;
  const names = (await readdir(folder, { recursive: true })).filter((name) => /\.(html|css|js|svg)$/.test(name));
  expect(names.length).toBeGreaterThan(2);
  for (const name of names) {
    const text = (await readFile(path.join(folder, name), 'utf8')).replace(/\/\*[^]*?\*\/|^\s*\/\/.*$/gm, ''); // comments load nothing
    const loads =
      /(?:src|href|action)=["']?\s*(?:https?:)?\/\/|url\(["']?(?:https?:)?\/\/|@import|(?:fetch|import|WebSocket|sendBeacon)\(["'`](?:https?|wss?):/i;
    expect(loads.exec(text)?.[0], name).toBeUndefined();
  }
});

const outside = ['https://example.com/', 'ws://127.0.0.1:1/', 'file:///etc/passwd'];
const quietSettings = [
  'spelling false',
  'dictionaries ttfnet://app/no-dictionaries/',
  'secure DNS off',
  'proxy direct',
  'WebRTC disable_non_proxied_udp',
];

describe('after a training', () => {
  test('of the browser’s program', async () => {
    const home = await newHome();
    const watch = watchConnections();
    const images = path.join(work, 'served');
    await generateSample(images, { count: 4 });
    const data = path.join(home.folder, 'data');
    const program = await startProgram({ root: work, data, env: home.env, before: watch.before });
    const connection = connectTo(Number(new URL(program.url).port), await enter(program));
    await trainALittle(connection.client, images).finally(async () => {
      connection.close();
      await program.close();
    });
    expect((await home.files()).filter((file) => !file.startsWith('data/'))).toEqual([]);
    expect(await watch.connections(program.pid)).toEqual([]);
  });

  test('of the window’s program', unless(noWindow()), async () => {
    const home = await newHome();
    const images = path.join(work, 'windowed');
    await generateSample(images, { count: 4 });
    const { desktop, connection } = await connectDesktop(path.join(home.folder, 'data'), { env: home.env });
    const { network } = await desktop.state();
    if (network) expect(network).toMatchObject({ switches: quietSwitches, refused: outside, settings: quietSettings });
    await desktop.ask({ ask: 'drop', paths: [images] });
    await trainALittle(connection.client, images).finally(async () => {
      connection.close();
      await desktop.kill();
    });
    expect(uploaderFiles(await home.files())).toEqual([]);
  });
});

test('the watch sees who turns to another machine, and nobody else', unless(unwatchable ?? notApart), async () => {
  const watch = watchConnections();
  const turnTo = (host: string) => `require('net').connect(9, '${host}').on('error', () => 0);`;
  const words = [...watch.before, process.execPath, '-e', turnTo('192.0.2.7') + turnTo('127.0.0.1')];
  const child = spawn('unshare', ['-rn', ...words], { stdio: 'ignore' });
  await once(child, 'exit');
  expect(await watch.connections(child.pid!)).toEqual(['192.0.2.7']);
});
