// Strangers at the port of `serve`, and clients that send what no client sends: the program goes on, and a good client is answered.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Connection } from '../../src/shared/client/connection.ts';
import { notCalls } from '../support/notCalls.ts';
import { startProgram, type ServedProgram } from '../support/servedProgram.ts';
import { connectTo, enter } from './contract/browserTransport.ts';
import { send, sendAndReset, sendMessage, upgrade } from './support/strangers.ts';

/** How often each attack is repeated. */
const times = process.env['TTFNET_LONG'] ? 300 : 12;

let folder: string;
let program: ServedProgram;
let port: number;
let cookie: string;
let good: Connection;
let log = '';

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ttfnet-attacks-'));
  program = await startProgram({ root: folder, data: path.join(folder, 'data'), onLog: (text) => (log += text) });
  port = Number(new URL(program.url).port);
  cookie = await enter(program);
  good = connectTo(port, cookie);
});
afterAll(async () => {
  good.close();
  await program.close();
  await rm(folder, { recursive: true, force: true });
});
afterEach(async () => {
  expect(program.ended).toBeNull();
  expect(await good.client.system.info(undefined, { signal: AbortSignal.timeout(60_000) })).toMatchObject({
    shell: 'browser',
  });
});

const own = () => ({ Origin: `http://127.0.0.1:${port}` });

test.each(['//', '///', '//x:y', '/%', '*', 'http://a b', 'http://u:p@127.0.0.1/', '\u0001'])(
  'a request for %j, and an upgrade to it, are refused',
  async (address) => {
    const status = /^HTTP\/1\.1 4\d\d /;
    expect(await send(port, `GET ${address} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: close\r\n\r\n`)).toMatch(
      status,
    );
    expect(await send(port, upgrade(port, address, own()))).toMatch(status);
  },
);

test.each([
  ['from another site', () => upgrade(port, '/rpc', { Origin: 'http://another.example' })],
  ['to another path', () => upgrade(port, '/other', { ...own(), Cookie: cookie })],
  ['without the cookie', () => upgrade(port, '/rpc', own())],
  ['to no address', () => upgrade(port, '//', own())],
  ['without a version', () => upgrade(port, '/rpc', { ...own(), Cookie: cookie, 'Sec-WebSocket-Version': '1' })],
])('an upgrade %s is refused, and its connection reset meanwhile', async (_what, request) => {
  for (let time = 0; time < times; time++) await sendAndReset(port, request());
});

test('a message that is no call closes its connection, with the reason', async () => {
  const outcomes = await Promise.all(notCalls.map((message) => sendMessage(port, cookie, message)));
  expect(new Set(outcomes)).toEqual(new Set([1007, 'answered']));
  expect(outcomes.filter((outcome) => outcome === 1007).length).toBeGreaterThan(40);
  expect(log).not.toContain('uncaught');
});
