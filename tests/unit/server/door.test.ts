// The server's door: keys that let one browser in, cookies of their own, strangers who hold connections, readers who never read.
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { connect, type AddressInfo, type Socket } from 'node:net';
import path from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { PortServer, ServedPort } from '../../../src/app/router.ts';
import { Guard } from '../../../src/server/guard.ts';
import { Keys } from '../../../src/server/keys.ts';
import { createSockets } from '../../../src/server/sockets.ts';
import { Strangers } from '../../../src/server/strangers.ts';
import { newFolder } from '../store/support.ts';

const log = () => undefined;
const day = 86_400_000;

test('a key lets one browser in, and is then another', async () => {
  const keys = await Keys.open(newFolder(), log);
  const first = keys.link;
  expect(keys.enter('wrong')).toBe(false);
  expect(keys.link).toBe(first);
  expect(keys.enter(first)).toBe(true);
  expect(keys.enter(first)).toBe(false);
  expect(keys.enter(keys.link)).toBe(true);
});

test('a cookie is no key, is good for its port and its time, and outlives the program', async () => {
  const data = newFolder();
  const keys = await Keys.open(data, log);
  const cookie = keys.cookie(8080, 0);
  expect(keys.enter(cookie)).toBe(false);
  expect(cookie).not.toContain(keys.link);
  expect(keys.knows(cookie, 8080, day)).toBe(true);
  expect(keys.knows(keys.link, 8080, day)).toBe(false);
  expect(keys.knows(cookie, 8081, day)).toBe(false);
  expect(keys.knows(cookie, 8080, 31 * day)).toBe(false);
  const longer = cookie.replace(/^[^.]+/, (until) => `${until}z`);
  for (const forged of [longer, '', '.', 'zzz.', `${cookie}x`, cookie.split('.')[0]!])
    expect(keys.knows(forged, 8080, day)).toBe(false);
  expect((await Keys.open(data, log)).knows(cookie, 8080, day)).toBe(true);
  expect((await Keys.open(newFolder(), log)).knows(cookie, 8080, day)).toBe(false);
});

test('the secret of cookies is the person’s alone, and a damaged one is replaced', async () => {
  const data = newFolder();
  await Keys.open(data, log);
  const file = path.join(data, 'serve.json');
  const text = await readFile(file, 'utf8');
  if (process.platform !== 'win32') expect((await stat(file)).mode & 0o077).toBe(0);
  expect(text).toMatch(/"cookies": "[\w-]{32}"/);
  await writeFile(file, '{"cookies": "short"}');
  const keys = await Keys.open(data, log);
  expect(keys.knows(keys.cookie(1, 0), 1, 0)).toBe(true);
  expect(await readFile(file, 'utf8')).not.toBe(text);
});

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  ends.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

test('of too many strangers the oldest goes; who was welcomed stays', async () => {
  const strangers = new Strangers(3);
  const accepted: Socket[] = [];
  const server = createServer();
  server.on('connection', (socket) => {
    accepted.push(socket);
    strangers.add(socket);
  });
  const port = await listening(server);
  const sockets: Socket[] = [];
  const come = async () => {
    const socket = connect(port, '127.0.0.1').on('error', () => undefined);
    ends.push(() => socket.destroy());
    sockets.push(socket);
    await expect.poll(() => accepted.length).toBe(sockets.length);
  };
  await come();
  strangers.welcome(accepted[0]!);
  for (let more = 0; more < 5; more++) await come();
  expect(accepted.map((socket) => socket.destroyed)).toEqual([false, true, true, false, false, false]);
});

/** A program that answers each message with `count` answers of a megabyte. */
function talkative(count: number, closed: () => void): PortServer {
  const answer = 'x'.repeat(2 ** 20);
  return {
    serve: (port: ServedPort) => {
      port.on('message', () => {
        for (let n = 0; n < count; n++) port.postMessage(answer);
      });
      port.on('close', closed);
      return 1;
    },
  };
}

async function talkTo(count: number) {
  let closed = 0;
  const logged: string[] = [];
  const keys = await Keys.open(newFolder(), log);
  const server = createServer();
  const port = await listening(server);
  const sockets = createSockets({
    ports: talkative(count, () => closed++),
    guard: new Guard({ host: '127.0.0.1', port, keys }),
    welcome: () => undefined,
    log: (_where, error) => logged.push(String(error)),
  });
  server.on('upgrade', (...upgrade) => sockets.upgrade(...upgrade));
  ends.push(() => sockets.close());
  const headers = { Origin: `http://127.0.0.1:${port}`, Cookie: `ttfnet_${port}=${keys.cookie(port)}` };
  const client = new WebSocket(`ws://127.0.0.1:${port}/rpc`, { headers });
  await once(client, 'open');
  return { client, logged, closedTimes: () => closed };
}

test('a page that never reads its answers is disconnected before they fill the memory', async () => {
  const { client, logged, closedTimes } = await talkTo(200);
  client.pause();
  client.send('ask');
  await expect.poll(closedTimes, { timeout: 30_000 }).toBe(1);
  expect(logged).toEqual([expect.stringContaining("doesn't read its answers")]);
  client.terminate();
});

test('one that reads gets them all', async () => {
  const { client, closedTimes } = await talkTo(40);
  let heard = 0;
  client.on('message', () => heard++);
  client.send('ask');
  await expect.poll(() => heard, { timeout: 30_000 }).toBe(40);
  expect(closedTimes()).toBe(0);
  client.terminate();
});
