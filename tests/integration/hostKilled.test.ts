// The program killed as by a power cut in the middle of a stream of edits: everything acknowledged is there after a restart, over both transports.
// And a second program on the same project: it reads, and says who writes.
import { fork, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { StudioClient } from '../../src/shared/contract/index.ts';
import { connectTo } from './contract/browserTransport.ts';
import { connectDesktop } from './contract/desktopTransport.ts';
import { writePictures } from './contract/pictures.ts';

const root = path.resolve(import.meta.dirname, '../..');

/** A program in a process of its own, and a way to it. */
interface Host {
  client: StudioClient;
  pid: number;
  allow(folder: string): Promise<void>;
  kill(): Promise<void>;
}

/** `ttfnet-studio serve` as a person starts it. */
async function startServe(folder: string): Promise<Host> {
  const child = fork(path.join(root, 'bin/ttfnet-studio.mjs'), ['serve', '--root', folder], {
    env: { ...process.env, TTFNET_STUDIO_DATA: path.join(folder, 'data') },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    execArgv: [],
  });
  const url = new URL(await linkOf(child));
  const answer = await fetch(url, { redirect: 'manual' });
  const connection = connectTo(Number(url.port), answer.headers.get('set-cookie')!.split(';')[0]!);
  return {
    client: connection.client,
    pid: child.pid!,
    allow: () => Promise.resolve(),
    kill: async () => {
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await gone;
      connection.close();
    },
  };
}

function linkOf(child: ChildProcess): Promise<string> {
  let text = '';
  return new Promise((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr])
      stream!.on('data', (data: Buffer) => {
        text += data.toString();
        const found = /http:\/\/127\.0\.0\.1:\d+\/\?key=[\w-]+/.exec(text)?.[0];
        if (found) resolve(found);
      });
    child.once('exit', () => reject(new Error(`serve ended: ${text}`)));
  });
}

/** The window. */
async function startWindow(folder: string): Promise<Host> {
  const { desktop, connection } = await connectDesktop(path.join(folder, 'data'));
  return {
    client: connection.client,
    pid: desktop.pid,
    allow: async (chosen) => {
      await desktop.ask({ ask: 'drop', paths: [chosen] });
    },
    kill: async () => {
      await desktop.kill();
      connection.close();
    },
  };
}

let folder: string;
let images: string;
const running: Host[] = [];
const start = async (open: (folder: string) => Promise<Host>, data = folder): Promise<Host> => {
  const host = await open(data);
  let killed: Promise<void> | null = null;
  const once = { ...host, kill: () => (killed ??= host.kill()) };
  running.push(once);
  return once;
};

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ttfnet-killed-'));
  images = path.join(folder, 'images');
  await writePictures(images, 3);
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((host) => host.kill()));
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
});

async function makeProject(host: Host): Promise<string> {
  const { client } = host;
  await host.allow(images);
  let project = '';
  for await (const event of await client.project.create({ path: images, classes: ['cat'] }))
    if (event.type === 'done') project = event.result.project.id;
  return project;
}

describe.each([
  ['the window', startWindow],
  ['browser mode', startServe],
])('%s', (_name, open) => {
  test('is killed in the middle of a stream of edits: everything acknowledged is there', async () => {
    const host = await start(open);
    const project = await makeProject(host);
    const [image] = (await host.client.images.list({ project, offset: 1, limit: 1 })).items;
    const [cat] = await host.client.labels.classes({ project });
    const acknowledged: string[] = [];
    const asked: string[] = [];
    const drawn = (n: number) => ({ x1: n % 100, y1: 1, x2: (n % 100) + 20, y2: 30 });
    const stream = (async () => {
      for (let n = 0; ; n++) {
        const id = randomUUID();
        asked.push(id);
        const changes = [{ type: 'add' as const, id, classId: cat!.id, box: drawn(n) }];
        await host.client.labels.edit({ project, image: image!.id, action: 'draw', changes });
        acknowledged.push(id);
      }
    })();
    stream.catch(() => undefined); // its last call ends, if at all, with the program
    await expect.poll(() => acknowledged.length, { timeout: 60_000 }).toBeGreaterThan(20);
    await host.kill();

    const again = await start(open);
    await again.allow(images);
    const opened = await again.client.project.open({ path: images });
    expect(opened.readOnlyReason).toBeNull(); // a killed writer holds nothing
    const { objects } = await again.client.labels.get({ project: opened.id, image: image!.id });
    const there = new Set(objects.map(({ id }) => id));
    expect(acknowledged.filter((id) => !there.has(id))).toEqual([]);
    expect(objects.filter(({ id }) => !asked.includes(id))).toEqual([]);
    expect(there.size - acknowledged.length).toBeLessThanOrEqual(1); // at most the one whose answer was cut off
    await again.client.labels.undo({ project: opened.id });
    expect((await again.client.labels.get({ project: opened.id, image: image!.id })).objects).toHaveLength(
      there.size - 1,
    );
  });
});

test('a second program on the same project reads it, names the holder, and may write once the first is gone', async () => {
  const first = await start(startWindow);
  const project = await makeProject(first);
  const second = await start(startServe, folder);
  const seen = await second.client.project.open({ path: images });
  expect(seen.readOnlyReason).toContain(String(first.pid));
  const [image] = (await second.client.images.list({ project: seen.id, offset: 0, limit: 1 })).items;
  const status = { images: [image!.id], status: 'reviewed' as const };
  await expect(second.client.labels.setStatus({ project: seen.id, ...status })).rejects.toMatchObject({
    code: 'project-locked',
  });
  await first.client.labels.setStatus({ project, ...status });
  expect((await second.client.images.get({ project: seen.id, images: [image!.id] }))[0]!.status).toBe('reviewed');
  await second.client.project.close({ project: seen.id });
  await first.kill();
  expect((await second.client.project.open({ path: images })).readOnlyReason).toBeNull();
});
