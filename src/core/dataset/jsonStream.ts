// Reads the arrays of one large JSON object element by element, so that memory doesn't follow the size of the file.
import { stat } from 'node:fs/promises';
import { fromFileError, saying } from '../../shared/errors.ts';
import { readPieces } from '../files/plainFile.ts';
import type { TaskOptions } from './adapter.ts';
import { checkCancelled } from './folderFiles.ts';
import { maxDepth, maxEntryBytes, tooDeep } from './limits.ts';

/** What to do with the pieces. */
export interface JsonHandlers {
  /** An object in the array under `key` of the outermost object. */
  element: (key: string, value: unknown) => void;
  /** An element that isn't valid JSON, with its line; the reading goes on behind it. */
  broken: (key: string, line: number, reason: string) => void;
}

const quote = 0x22;
const backslash = 0x5c;
const newline = 0x0a;
const opening = new Set([0x7b, 0x5b]);
const closing = new Set([0x7d, 0x5d]);

/**
 * Streams `file`: only objects in arrays directly under the outermost object are parsed, the rest is skipped.
 * Errors: `annotation-invalid` (cut off, or brackets that don't match, with the line), `cancelled`, file errors.
 */
export async function streamJson(file: string, handlers: JsonHandlers, options: TaskOptions): Promise<void> {
  const scanner = new Scanner(file, handlers);
  try {
    const { size } = await stat(file);
    let done = 0;
    for await (const chunk of readPieces(file, 1 << 20)) {
      checkCancelled(options);
      scanner.push(chunk);
      done += chunk.length;
      options.onProgress?.({ done, total: size, unit: 'bytes' });
    }
  } catch (error) {
    throw fromFileError(error, file);
  }
  scanner.end();
}

/** Follows strings and brackets byte by byte; the bytes of one element are kept until it closes. */
class Scanner {
  readonly #file: string;
  readonly #handlers: JsonHandlers;
  readonly #open: number[] = [];
  #line = 1;
  #inString = false;
  #escaped = false;
  /** Bytes, from earlier chunks, of the string at depth 1 or of the element being read. */
  #kept: Buffer[] = [];
  #keepFrom = -1;
  #keptLine = 1;
  #keptBytes = 0;
  #key = '';
  #started = false;

  constructor(file: string, handlers: JsonHandlers) {
    this.#file = file;
    this.#handlers = handlers;
  }

  /** Scans one chunk. The loop is written flat: it runs once per byte of files of hundreds of megabytes. */
  push(chunk: Buffer): void {
    if (this.#keepFrom >= 0) this.#keepFrom = 0;
    const length = chunk.length;
    for (let i = 0; i < length; i++) {
      const byte = chunk[i]!;
      if (this.#inString) {
        if (this.#escaped) this.#escaped = false;
        else if (byte === backslash) this.#escaped = true;
        else if (byte === quote) this.#endString(chunk, i);
      } else if (byte === quote) this.#startString(i);
      else if (byte === newline) this.#line++;
      else if (byte > 0x5a) {
        if (opening.has(byte)) this.#openBracket(byte, i);
        else if (closing.has(byte)) this.#closeBracket(byte, chunk, i);
      }
    }
    if (this.#keepFrom >= 0) this.#keep(Buffer.from(chunk.subarray(this.#keepFrom)));
  }

  #keep(piece: Buffer): void {
    this.#keptBytes += piece.length;
    if (this.#keptBytes > maxEntryBytes) this.#fail(`one entry has more than ${maxEntryBytes / 2 ** 20} MB`);
    this.#kept.push(piece);
  }

  /** To be called after the last chunk. */
  end(): void {
    if (!this.#started) this.#fail('it holds no JSON object');
    if (this.#inString || this.#open.length > 0) this.#fail('the file ends in the middle: it was cut off');
  }

  #startString(at: number): void {
    this.#inString = true;
    if (this.#open.length === 1) this.#startKeeping(at);
  }

  #endString(chunk: Buffer, at: number): void {
    this.#inString = false;
    if (this.#open.length !== 1) return;
    const text = this.#take(chunk, at);
    try {
      this.#key = JSON.parse(text) as string;
    } catch {
      this.#key = text;
    }
  }

  #openBracket(byte: number, at: number): void {
    if (!this.#started && byte !== 0x7b) this.#fail('it begins with no {');
    this.#started = true;
    if (this.#open.push(byte) > maxDepth) throw tooDeep(this.#file);
    if (this.#open.length === 3 && byte === 0x7b && this.#open[1] === 0x5b) this.#startKeeping(at);
  }

  #closeBracket(byte: number, chunk: Buffer, at: number): void {
    const open = this.#open.pop();
    if (open === undefined || byte !== open + 2) this.#fail(`unexpected ${String.fromCharCode(byte)}`);
    if (this.#open.length === 2 && this.#keepFrom >= 0) this.#finishElement(this.#take(chunk, at));
  }

  #finishElement(text: string): void {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (error) {
      this.#handlers.broken(this.#key, this.#keptLine, error instanceof Error ? error.message : String(error));
      return;
    }
    this.#handlers.element(this.#key, value);
  }

  #startKeeping(at: number): void {
    this.#keepFrom = at;
    this.#keptBytes = 0;
    this.#keptLine = this.#line;
  }

  #take(chunk: Buffer, at: number): string {
    const last = chunk.toString('utf8', this.#keepFrom, at + 1);
    // A character may straddle two chunks, so the pieces are joined as bytes.
    const text =
      this.#kept.length === 0
        ? last
        : Buffer.concat([...this.#kept, chunk.subarray(this.#keepFrom, at + 1)]).toString('utf8');
    this.#kept = [];
    this.#keepFrom = -1;
    return text;
  }

  #fail(reason: string): never {
    const line = String(this.#line);
    throw saying('annotation-invalid', 'annotation.json', { file: this.#file, line, detail: reason });
  }
}
