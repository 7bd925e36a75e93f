// The host in this process with the built child processes, in a folder of its own, and a client of it.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { builtFiles } from '../../src/app/host/folders.ts';
import { forkChild } from '../../src/app/worker/forkChild.ts';
import type { Child } from '../../src/app/worker/workerClient.ts';
import { serve } from '../../src/server/serve.ts';
import type { StudioClient } from '../../src/shared/contract/index.ts';
import { connectTo, enter } from './contract/browserTransport.ts';

/** A host that runs. */
export interface BuiltHost {
  /** All it may touch; its data lie in `data`. */
  folder: string;
  client: StudioClient;
  /** Fetches what lies under `/media/`. */
  media: (address: string) => Promise<Response>;
  /** The child processes that it started, in order. */
  children: readonly Child[];
  /** What it logged as unexpected. */
  errors: readonly unknown[];
  close: () => Promise<void>;
}

/** Starts a host. */
export async function startBuiltHost(): Promise<BuiltHost> {
  const folder = await mkdtemp(path.join(tmpdir(), 'ttfnet-host-'));
  const { worker } = builtFiles();
  const children: Child[] = [];
  const errors: unknown[] = [];
  const served = await serve({
    version: '0',
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
  const connection = connectTo(served.port, cookie);
  return {
    ...{ folder, client: connection.client, children, errors },
    media: (address) => fetch(`http://127.0.0.1:${served.port}${address}`, { headers: { Cookie: cookie } }),
    close: async () => {
      connection.close();
      await served.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
