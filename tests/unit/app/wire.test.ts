// What comes over a connection and is no call costs that connection and nothing else.
import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createHandlers } from '../../../src/app/handlers/index.ts';
import type { Services } from '../../../src/app/host/services.ts';
import { createPortServer, type ServedPort } from '../../../src/app/router.ts';
import { notCalls } from '../../support/notCalls.ts';

/** A port whose other end is the test. */
class TestPort extends EventEmitter implements ServedPort {
  readonly answers: unknown[] = [];
  closed = false;

  postMessage(data: unknown): void {
    this.answers.push(data);
  }

  close(): void {
    this.closed = true;
    this.emit('close');
  }

  hear(data: unknown): void {
    this.emit('message', { data });
  }
}

const uncaught: unknown[] = [];
const note = (error: unknown) => uncaught.push(error);
beforeEach(() => void process.on('unhandledRejection', note));
afterEach(() => void process.off('unhandledRejection', note));

const services = { options: { version: '7', access: {}, shell: { kind: 'browser' } } } as unknown as Services;
const info = JSON.stringify({ i: 'k', p: { u: '/system/info' } });

function connect() {
  const logged: unknown[] = [];
  const gone: number[] = [];
  const server = createPortServer(createHandlers(services), (_where, error) => logged.push(error), {
    called: () => undefined,
    gone: (connection) => gone.push(connection),
  });
  const port = new TestPort();
  return { server, port, connection: server.serve(port), logged, gone };
}

test.each(notCalls.map((message, index) => [index, message] as const))('message %i', async (_index, message) => {
  const { server, port, logged, gone, connection } = connect();
  port.hear(message);
  await expect.poll(() => port.closed || port.answers.length > 0).toBe(true);
  if (port.closed) expect([gone, logged.length]).toEqual([[connection], 1]);
  const other = new TestPort();
  server.serve(other);
  other.hear(info);
  await expect.poll(() => other.answers.length).toBe(1);
  expect(uncaught).toEqual([]);
});

test.each([[null], [undefined], [5], [{ i: 'k' }], [[]], [new Blob(['{'])]])(
  'a port that carries %o, which no socket could, is closed',
  async (message) => {
    const { port } = connect();
    port.hear(message);
    await expect.poll(() => port.closed).toBe(true);
    expect(uncaught).toEqual([]);
  },
);
