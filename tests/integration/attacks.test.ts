// Strangers at the port of `serve`, and clients that send what no client sends: the program goes on, and a good client is answered.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Connection } from '../../src/shared/client/connection.ts';
import { notCalls } from '../support/notCalls.ts';
import { startProgram, type ServedProgram } from '../support/servedProgram.ts';
import { connectTo, enter } from './contract/browserTransport.ts';
import { doorRequests } from './support/doorRequests.ts';
import { open, send, sendAndReset, sendMessage, upgrade } from './support/strangers.ts';

const long = process.env['TTFNET_LONG'] === '1';
/** How often each attack is repeated. */
const times = long ? 300 : 12;
/** How large a flood is. */
const many = long ? 2000 : 300;

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

test('requests at the door are refused, each with its status, and nothing is told of files or code', async () => {
  const requests = doorRequests({ port, cookie });
  expect(requests.length).toBeGreaterThanOrEqual(138);
  const wrong: string[] = [];
  for (const { what, text, right } of requests) {
    const answer = await send(port, text);
    const status = Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1] ?? 0);
    if (!right.includes(status) || /\.js:\d+|root:x:|devDependencies/.test(answer)) wrong.push(`${what}: ${status}`);
  }
  expect(wrong).toEqual([]);
  expect(log).not.toMatch(/^ +at /m);
});

test('of a flood of half requests a few stay, and not for long', async () => {
  const half = await Promise.all(Array.from({ length: many }, () => open(port)));
  for (const socket of half) socket.resume().write('GET / HTTP/1.1\r\nHost: ');
  const left = () => half.filter(({ destroyed }) => !destroyed).length;
  await expect.poll(left, { timeout: 60_000 }).toBeLessThanOrEqual(256);
  expect(await send(port, `GET / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: close\r\n\r\n`)).toContain('401');
  if (long) await expect.poll(left, { timeout: 60_000 }).toBe(0);
  for (const socket of half) socket.destroy();
});

test('floods of sockets and of calls are answered', async () => {
  const call = JSON.stringify({ i: 'k', p: { u: '/system/info' } });
  for (let done = 0; done < many; done += 50)
    await Promise.all(Array.from({ length: 50 }, () => sendMessage(port, cookie, call)));
  const calls = Array.from({ length: 5 * many }, () => good.client.system.info());
  expect(await Promise.all(calls)).toHaveLength(5 * many);
});

test.runIf(long)('huge messages close their connections', async () => {
  const megabytes = (count: number, filling: string) => filling.repeat(count * 2 ** 20);
  expect(await sendMessage(port, cookie, megabytes(10, '['))).toBe(1007);
  expect(await sendMessage(port, cookie, megabytes(63, '{'))).toBe(1007);
  expect([1006, 1009]).toContain(await sendMessage(port, cookie, megabytes(70, ' ')));
});

test('a message that is no call closes its connection, with the reason', async () => {
  const outcomes = await Promise.all(notCalls.map((message) => sendMessage(port, cookie, message)));
  expect(new Set(outcomes)).toEqual(new Set([1007, 'answered']));
  expect(outcomes.filter((outcome) => outcome === 1007).length).toBeGreaterThan(40);
  expect(log).not.toContain('uncaught');
});
