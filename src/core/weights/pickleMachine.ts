// The state of a pickle being read: input, stack, marks, memo, and the budgets that keep a hostile file small and quick.
import { StudioError } from '../../shared/errors.ts';
import { builderOf, isAllowedGlobal, storageFromId } from './pickleGlobals.ts';
import type { PickleDict, PickleValue } from './pickleValues.ts';
import { isKind } from './pickleValues.ts';

/** Operations and copied items that one pickle may cost; a whole TTFNet-53 checkpoint with its optimizer needs some 40,000. */
export const pickleBudget = 500_000;

/** Longest whole number, in bytes; the longest in a checkpoint is the 10-byte magic number of the old format. */
const maxLongBytes = 32;

const utf8 = new TextDecoder();

/**
 * Reads bytes and builds plain data. Imports nothing, calls nothing of the file, and recurses nowhere; every method throws model-invalid
 * naming the file when the bytes ask for something impossible.
 */
export class PickleMachine {
  readonly stack: PickleValue[] = [];
  readonly memo = new Map<number, PickleValue>();
  readonly #marks: number[] = [];
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #file: string;
  #budget = pickleBudget;
  position: number;

  /** @param file for messages; `position` is where the pickle starts in `bytes` */
  constructor(bytes: Uint8Array, position: number, file: string) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#file = file;
    this.position = position;
  }

  /** A refusal that names the file and says `what` is wrong. */
  refuse(what: string): StudioError {
    return new StudioError('model-invalid', `${this.#file} is not a readable PyTorch checkpoint: ${what}.`);
  }

  /** Pays for `items` units of work. @throws model-invalid when the budget is used up */
  spend(items: number): void {
    this.#budget -= items;
    if (this.#budget < 0) throw this.refuse('its description is far larger than that of any network');
  }

  /** The next `length` bytes, without a copy. @throws model-invalid past the end */
  take(length: number): Uint8Array {
    const end = this.position + length;
    if (!(end <= this.#bytes.length))
      throw this.refuse(
        `it is truncated, or claims ${length} bytes where ${this.#bytes.length - this.position} are left`,
      );
    const part = this.#bytes.subarray(this.position, end);
    this.position = end;
    return part;
  }

  /** A little-endian unsigned number of 1, 2, 4 or 8 bytes (8: as far as exact). */
  takeUint(size: 1 | 2 | 4 | 8): number {
    const at = this.position;
    this.take(size);
    if (size === 1) return this.#view.getUint8(at);
    if (size === 2) return this.#view.getUint16(at, true);
    return size === 4 ? this.#view.getUint32(at, true) : Number(this.#view.getBigUint64(at, true));
  }

  takeInt32(): number {
    return this.takeUint(4) | 0;
  }

  /** Big-endian, as pickle has it. */
  takeDouble(): number {
    const at = this.position;
    this.take(8);
    return this.#view.getFloat64(at, false);
  }

  /** A two's complement whole number of `length` bytes. */
  takeLong(length: number): bigint {
    if (length > maxLongBytes) throw this.refuse(`it claims a whole number of ${length} bytes`);
    const bytes = this.take(length);
    let value = 0n;
    for (let i = length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i]!);
    return BigInt.asIntN(8 * length, value);
  }

  takeText(length: number): string {
    return utf8.decode(this.take(length));
  }

  takeLine(): string {
    const end = this.#bytes.indexOf(10, this.position);
    if (end < 0) throw this.refuse('it is truncated');
    const line = this.takeText(end - this.position);
    this.position = end + 1;
    return line;
  }

  push(value: PickleValue): void {
    this.stack.push(value);
  }

  pop(): PickleValue {
    const value = this.stack.length > (this.#marks.at(-1) ?? 0) ? this.stack.pop() : undefined;
    if (value === undefined) throw this.refuse('its description is damaged (empty stack)');
    return value;
  }

  mark(): void {
    this.#marks.push(this.stack.length);
  }

  /** Everything above the last mark. */
  popToMark(): PickleValue[] {
    const mark = this.#marks.pop();
    if (mark === undefined) throw this.refuse('its description is damaged (no mark)');
    return this.stack.splice(mark);
  }

  /** The container on top of the stack, which stays there. */
  top<K extends 'list' | 'dict' | 'set'>(kind: K): Extract<PickleValue, { kind: K }> {
    const value = this.stack.at(-1);
    if (!isKind(value, kind)) throw this.refuse(`its description is damaged (no ${kind} to add to)`);
    return value;
  }

  remember(index: number): void {
    const value = this.stack.at(-1);
    if (value === undefined) throw this.refuse('its description is damaged (nothing to remember)');
    this.memo.set(index, value);
  }

  recall(index: number): void {
    const value = this.memo.get(index);
    if (value === undefined) throw this.refuse(`its description is damaged (nothing is remembered as ${index})`);
    this.push(value);
  }

  /** Pushes an allowed name; every other name is refused here, before anything could be done with it. */
  pushGlobal(module: string, qualname: string): void {
    const name = `${module}.${qualname}`;
    if (!isAllowedGlobal(name))
      throw this.refuse(
        `it wants to use ${JSON.stringify(name.slice(0, 120))}, which no checkpoint needs; nothing of it was run`,
      );
    this.push({ kind: 'global', name });
  }

  /** `callable(*args)` of an allowed builder. */
  call(callable: PickleValue, args: PickleValue): void {
    const builder = isKind(callable, 'global') ? builderOf(callable.name) : undefined;
    const items = isKind(args, 'tuple') ? args.items : undefined;
    if (!builder || !items) throw this.refuse('it wants to call something that is not a builder of tensors');
    const value = builder(items, (count) => this.spend(count));
    if (value === undefined)
      throw this.refuse(`its description is damaged (arguments of ${isKind(callable, 'global') ? callable.name : ''})`);
    this.push(value);
  }

  pushPersistent(id: PickleValue): void {
    const storage = storageFromId(id);
    if (!storage) throw this.refuse('it refers to something outside the file that is not a storage');
    this.push(storage);
  }
}

/** Adds `[key, value, key, value, ...]` to a dict. */
export function addPairs(machine: PickleMachine, dict: PickleDict, flat: readonly PickleValue[]): void {
  if (flat.length % 2) throw machine.refuse('its description is damaged (a key without a value)');
  for (let i = 0; i < flat.length; i += 2) dict.map.set(flat[i]!, flat[i + 1]!);
}
