// Reads the lists of one large JSON object element by element, so that memory doesn't follow the size of the file.
import { stat } from 'node:fs/promises';
import { fromFileError, saying } from '../../shared/errors.ts';
import { readPieces } from '../files/plainFile.ts';
import type { TaskOptions } from './adapter.ts';
import { checkCancelled } from './folderFiles.ts';
import { maxDepth, maxEntryBytes, tooDeep } from './limits.ts';

/** What to do with the pieces. A handler that throws ends the reading. */
export interface JsonHandlers {
  /** A value of the outermost object begins: a list, or anything else. */
  value: (key: string, isList: boolean) => void;
  /** An object in the list under `key`. */
  element: (key: string, value: unknown) => void;
  /** Something in a list that is no object, or an object that is no valid JSON (then with its text), with its line; the reading goes on behind it. */
  broken: (key: string, line: number, reason: string, text: string) => void;
}

const quote = 0x22;
const backslash = 0x5c;
const newline = 0x0a;
const comma = 0x2c;
const colon = 0x3a;
const space = 0x20;
const brace = 0x7b;
const bracket = 0x5b;
const opening = new Set([brace, bracket]);
const closing = new Set([0x7d, 0x5d]);
const byteOrderMark = new Set([0xef, 0xbb, 0xbf]);

/** What may come next in the outermost object, or in a list directly under it. */
type Next = 'key' | 'colon' | 'value' | 'comma';

/**
 * Streams `file`: only objects in lists directly under the outermost object are parsed, the rest is skipped.
 * Errors: `annotation-invalid` with the line (cut off, brackets that don't match, missing commas or colons, text behind the end),
 * `cancelled`, file errors.
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
  /** Bytes, from earlier chunks, of the key or the element being read. */
  #kept: Buffer[] = [];
  #keepFrom = -1;
  #keptLine = 1;
  #keptBytes = 0;
  #key = '';
  #started = false;
  #inObject: Next = 'key';
  #inList: Next = 'value';

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
      else if (byte > 0x5a && opening.has(byte)) this.#openBracket(byte, i);
      else if (byte > 0x5a && closing.has(byte)) this.#closeBracket(byte, chunk, i);
      else if (byte > space && this.#open.length < 3) this.#plain(byte);
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

  get #isInList(): boolean {
    return this.#open.length === 2 && this.#open[1] === bracket;
  }

  #startString(at: number): void {
    this.#inString = true;
    if (this.#open.length === 0) this.#outside();
    if (this.#open.length === 1 && this.#inObject === 'key') this.#startKeeping(at);
    else if (this.#open.length === 1) this.#startValue(false);
    else if (this.#isInList) this.#startOdd('a text');
  }

  #endString(chunk: Buffer, at: number): void {
    this.#inString = false;
    if (this.#open.length !== 1 || this.#inObject !== 'key') return;
    const text = this.#take(chunk, at);
    this.#inObject = 'colon';
    try {
      this.#key = JSON.parse(text) as string;
    } catch {
      this.#key = text;
    }
  }

  #openBracket(byte: number, at: number): void {
    if (this.#open.length === 0) this.#begin(byte);
    else if (this.#open.length === 1) this.#startValue(byte === bracket);
    else if (this.#isInList && byte === brace) this.#startElement(at);
    else if (this.#isInList) this.#startOdd('a list');
    if (this.#open.push(byte) > maxDepth) throw tooDeep(this.#file);
  }

  #closeBracket(byte: number, chunk: Buffer, at: number): void {
    const open = this.#open.pop();
    if (open === undefined || byte !== open + 2) this.#fail(`unexpected ${String.fromCharCode(byte)}`);
    if (this.#open.length === 2 && this.#keepFrom >= 0) this.#finishElement(this.#take(chunk, at));
  }

  /** A byte outside of strings and brackets' elements: a comma, a colon, or one of a number or word. */
  #plain(byte: number): void {
    if (this.#open.length === 0) {
      if (!byteOrderMark.has(byte)) this.#outside();
    } else if (this.#open.length === 1) this.#plainInObject(byte);
    else if (this.#isInList) {
      if (byte === comma) this.#inList = this.#inList === 'comma' ? 'value' : this.#fail('unexpected ,');
      else if (byte === colon) this.#fail('unexpected : in a list');
      else if (this.#inList === 'value') this.#startOdd('a number or word');
    }
  }

  #plainInObject(byte: number): void {
    if (byte === colon) this.#inObject = this.#inObject === 'colon' ? 'value' : this.#fail('unexpected :');
    else if (byte === comma) this.#inObject = this.#inObject === 'comma' ? 'key' : this.#fail('unexpected ,');
    else if (this.#inObject === 'value') this.#startValue(false);
    else if (this.#inObject !== 'comma') this.#fail(`unexpected ${String.fromCharCode(byte)}`);
  }

  #begin(byte: number): void {
    if (this.#started) this.#outside();
    if (byte !== brace) this.#fail('it begins with no {');
    this.#started = true;
  }

  #outside(): never {
    return this.#fail(this.#started ? 'there is something behind its end' : 'it begins with no {');
  }

  #startValue(isList: boolean): void {
    if (this.#inObject !== 'value')
      this.#fail(this.#inObject === 'comma' ? 'a comma is missing' : 'a colon is missing');
    this.#inObject = 'comma';
    this.#inList = 'value';
    this.#handlers.value(this.#key, isList);
  }

  #startElement(at: number): void {
    if (this.#inList !== 'value') this.#fail('a comma is missing');
    this.#inList = 'comma';
    this.#startKeeping(at);
  }

  /** An element that is no object. */
  #startOdd(what: string): void {
    if (this.#inList !== 'value') this.#fail('a comma is missing');
    this.#inList = 'comma';
    this.#handlers.broken(this.#key, this.#line, `${what} where an object was expected`, '');
  }

  #finishElement(text: string): void {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (error) {
      this.#handlers.broken(this.#key, this.#keptLine, error instanceof Error ? error.message : String(error), text);
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
