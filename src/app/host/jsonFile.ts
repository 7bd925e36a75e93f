// A small JSON file that is checked when read, written to a temporary name, synced and renamed; a damaged one is set aside, never trusted.
import { readFile, rename } from 'node:fs/promises';
import path from 'node:path';
import { writeFileAtomic } from '../../core/files/atomicWrite.ts';
import { makeFolder } from '../../core/files/makeFolder.ts';
import { fromFileError } from '../../shared/errors.ts';

/** What a schema must do: accept a value or throw. */
interface Parser<T> {
  parse(value: unknown): T;
}

/** Holds the value of one JSON file in memory; writes are queued, so that the last one wins whole. */
export class JsonFile<T> {
  readonly #file: string;
  #value: T;
  #writing: Promise<void> = Promise.resolve();

  private constructor(file: string, value: T) {
    this.#file = file;
    this.#value = value;
  }

  /** Reads `file`; a missing one gives `initial`, a damaged one too and is renamed to `*.damaged`. */
  static async open<T>(file: string, schema: Parser<T>, initial: T): Promise<JsonFile<T>> {
    let text: string;
    try {
      text = await readFile(file, 'utf8');
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return new JsonFile(file, initial);
      throw fromFileError(error, file);
    }
    try {
      return new JsonFile(file, schema.parse(JSON.parse(text)));
    } catch {
      await rename(file, `${file}.damaged`);
      return new JsonFile(file, initial);
    }
  }

  get value(): T {
    return this.#value;
  }

  /** Replaces the value; done when it is on disk. Errors: `disk-full`, `file-permission`. */
  set(value: T): Promise<void> {
    this.#value = value;
    this.#writing = this.#writing.catch(() => undefined).then(() => write(this.#file, JSON.stringify(value, null, 2)));
    return this.#writing;
  }
}

async function write(file: string, text: string): Promise<void> {
  await makeFolder(path.dirname(file));
  await writeFileAtomic(file, text);
}
