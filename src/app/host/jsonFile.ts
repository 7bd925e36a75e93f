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

/** The mode of files that are nobody else's business. */
export const personOnly = 0o600;

/** Holds the value of one JSON file in memory; writes are queued, so that the last one wins whole. */
export class JsonFile<T> {
  readonly #file: string;
  readonly #mode: number;
  #value: T;
  /** What is on disk. */
  #kept: T;
  #writing: Promise<void> = Promise.resolve();

  private constructor(file: string, value: T, mode: number) {
    this.#file = file;
    this.#mode = mode;
    this.#value = value;
    this.#kept = value;
  }

  /**
   * Reads `file`; a missing one gives `initial`, a damaged one too and is renamed to `*.damaged`.
   * @param mode who may read and write it once it is written, such as {@link personOnly}
   */
  static async open<T>(file: string, schema: Parser<T>, initial: T, mode = 0o666): Promise<JsonFile<T>> {
    let text: string;
    try {
      text = await readFile(file, 'utf8');
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT')
        return new JsonFile(file, initial, mode);
      throw fromFileError(error, file);
    }
    try {
      return new JsonFile(file, schema.parse(JSON.parse(text)), mode);
    } catch {
      await rename(file, `${file}.damaged`);
      return new JsonFile(file, initial, mode);
    }
  }

  get value(): T {
    return this.#value;
  }

  /** Replaces the value; done when it is on disk. On an error (`disk-full`, `file-permission`) the value is again what is on disk. */
  set(value: T): Promise<void> {
    this.#value = value;
    this.#writing = this.#writing.catch(() => undefined).then(() => this.#write(value));
    return this.#writing;
  }

  async #write(value: T): Promise<void> {
    try {
      await makeFolder(path.dirname(this.#file));
      await writeFileAtomic(this.#file, JSON.stringify(value, null, 2), this.#mode);
      this.#kept = value;
    } catch (error) {
      if (this.#value === value) this.#value = this.#kept; // a newer one is still to be written
      throw error;
    }
  }
}
