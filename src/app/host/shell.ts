// What a shell (window or server) gives to the handlers, and how it starts the program.
import type { z } from 'zod';
import type { menu, system } from '../../shared/contract/system.ts';
import type { InferSchemaOutput } from '@orpc/contract';
import type { Spawn } from '../worker/workerClient.ts';
import type { Access } from './access.ts';
import type { LogError } from './wireErrors.ts';

/** What `system.pick` asks for. */
export type PickOptions = InferSchemaOutput<(typeof system.pick)['~orpc']['inputSchema'] & object>;

/** Things that only some shells can do; a missing one is answered with `provider-unavailable` and what to do instead. */
export interface Shell {
  kind: 'desktop' | 'browser';
  /** Language of the machine, like `zh-CN`. */
  locale: string;
  /** The system's dialog on the window of a connection; `null` when it was closed. */
  pick?: (options: PickOptions, connection: number) => Promise<string[] | null>;
  reveal?: (file: string) => void;
  newWindow?: () => void;
  setMenu?: (menus: z.infer<typeof menu>[], connection: number) => void;
  /** A project was opened: for the system's own list of recent documents. */
  opened?: (folder: string) => void;
}

/** How a shell starts the program. */
export interface StudioOptions {
  version: string;
  /** Folder for settings, the recent list, covers and the sample project. */
  dataFolder: string;
  access: Access;
  shell: Shell;
  /** Starts a child process that runs the built worker. */
  spawn: Spawn;
  log: LogError;
}
