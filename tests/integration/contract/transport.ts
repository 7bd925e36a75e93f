// What the contract suite needs of a transport; browser mode and the desktop window each provide one.
import type { Connection } from '../../../src/shared/client/connection.ts';

/** A running program and a way to it. */
export interface Transport {
  /** A folder that doesn't exist yet and may become a project once {@link allow} was called. */
  root: string;
  connection: Connection;
  /** A second window or tab. */
  second: Connection;
  /** Makes a folder known as chosen by the person (dropped on the window); browser mode allows its roots anyway. */
  allow(folder: string): Promise<void>;
  /** Fetches an address under `/media/`. */
  media(address: string): Promise<Response>;
  /** Cuts the first connection's wire, as a sleeping laptop or a crash would. */
  breakWire(): Promise<void>;
  /** Kills the program's child processes, as native crashes would. */
  killChildren(): Promise<void>;
  /** Unexpected errors that the host has logged. */
  errors: unknown[];
  close(): Promise<void>;
}
