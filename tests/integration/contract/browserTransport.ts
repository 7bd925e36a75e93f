// Browser mode as the contract suite uses it: a served program, entered by its secret link, with the client over a real WebSocket.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { WebSocket } from 'ws';
import { builtFiles } from '../../../src/app/host/folders.ts';
import { forkChild } from '../../../src/app/worker/forkChild.ts';
import type { Child } from '../../../src/app/worker/workerClient.ts';
import { serve, type Served } from '../../../src/server/serve.ts';
import { createConnection, type Connection } from '../../../src/shared/client/connection.ts';
import { socketWire } from '../../../src/shared/client/wire.ts';
import type { Transport } from './transport.ts';

/** The cookie that the secret link gives. */
export async function enter(served: Pick<Served, 'url'>): Promise<string> {
  const answer = await fetch(served.url, { redirect: 'manual' });
  return answer.headers.get('set-cookie')!.split(';')[0]!;
}

/** A client of a served program. */
export function connectTo(port: number, cookie: string, sockets: WebSocket[] = []): Connection {
  const origin = `http://127.0.0.1:${port}`;
  return createConnection(() => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/rpc`, { headers: { Cookie: cookie, Origin: origin } });
    sockets.push(socket);
    return socketWire(socket);
  });
}

/** Starts a served program whose allowed root is a temporary folder. */
export async function browserTransport(): Promise<Transport> {
  const folder = await mkdtemp(path.join(tmpdir(), 'ttfnet-contract-'));
  const root = path.join(folder, 'images');
  const errors: unknown[] = [];
  const children: Child[] = [];
  const { worker } = builtFiles();
  const served = await serve({
    version: '0.0.0-test',
    dataFolder: path.join(folder, 'data'),
    roots: [folder],
    log: (_where, error) => errors.push(error),
    spawn: (env) => {
      const child = forkChild(worker, env);
      children.push(child);
      return child;
    },
  });
  const cookie = await enter(served);
  const sockets: WebSocket[] = [];
  const connection = connectTo(served.port, cookie, sockets);
  const second = connectTo(served.port, cookie);
  return {
    root,
    connection,
    second,
    allow: () => Promise.resolve(),
    media: (address) => fetch(`http://127.0.0.1:${served.port}${address}`, { headers: { Cookie: cookie } }),
    breakWire: () => {
      sockets.at(-1)!.terminate();
      return Promise.resolve();
    },
    killChildren: () => {
      for (const child of children.splice(0)) child.kill();
      return Promise.resolve();
    },
    errors,
    close: async () => {
      connection.close();
      second.close();
      await served.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
