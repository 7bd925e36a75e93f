// Reads one pickle as plain data: the opcodes that checkpoints use, as a table; others are refused by number.
import { narrow } from './pickleGlobals.ts';
import { addPairs, PickleMachine } from './pickleMachine.ts';
import type { PickleDict, PickleList, PickleTuple, PickleValue } from './pickleValues.ts';
import { isKind } from './pickleValues.ts';

type Step = (m: PickleMachine) => void;

const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');
const bytesValue = (bytes: Uint8Array): PickleValue => ({ kind: 'bytes', bytes: bytes.slice() });
const list = (items: PickleValue[]): PickleList => ({ kind: 'list', items });
const tuple = (items: PickleValue[]): PickleTuple => ({ kind: 'tuple', items });
const emptyDict = (): PickleDict => ({ kind: 'dict', map: new Map() });

/** Text numbers of protocol 0. */
function textInt(m: PickleMachine): number | bigint {
  const line = m.takeLine().replace(/L$/, '');
  if (!/^-?\d{1,40}$/.test(line)) throw m.refuse('a number in it is unreadable');
  return narrow(BigInt(line));
}

function popMany(m: PickleMachine, count: number): PickleValue[] {
  return Array.from({ length: count }, () => m.pop()).reverse();
}

/** `BUILD`: state of OrderedDict (`_metadata`), Parameter and numpy types; none of it is needed, all of it is dropped. */
function build(m: PickleMachine): void {
  const state = m.pop();
  const target = m.stack.at(-1);
  if (!isKind(target, 'dict', 'tensor', 'dtype')) throw m.refuse('it wants to set attributes of an object');
  if (isKind(target, 'dtype') && isKind(state, 'tuple') && state.items[1] === '>')
    throw m.refuse('it holds big-endian numbers');
}

function stackGlobal(m: PickleMachine): void {
  const [module, name] = popMany(m, 2);
  if (typeof module !== 'string' || typeof name !== 'string') throw m.refuse('a name in it is unreadable');
  m.pushGlobal(module, name);
}

function callTop(m: PickleMachine): void {
  const args = m.pop();
  m.call(m.pop(), args);
}

const steps: Readonly<Record<string, Step>> = {
  '\x80': (m) => m.take(1), // PROTO
  '\x95': (m) => m.take(8), // FRAME
  '(': (m) => m.mark(),
  '0': (m) => m.pop(),
  '1': (m) => m.popToMark(),
  '2': (m) => {
    const value = m.pop(); // DUP
    m.push(value);
    m.push(value);
  },
  N: (m) => m.push(null),
  '\x88': (m) => m.push(true),
  '\x89': (m) => m.push(false),
  I: (m) => m.push(textInt(m)),
  L: (m) => m.push(textInt(m)),
  J: (m) => m.push(m.takeInt32()),
  K: (m) => m.push(m.takeUint(1)),
  M: (m) => m.push(m.takeUint(2)),
  '\x8a': (m) => m.push(narrow(m.takeLong(m.takeUint(1)))),
  '\x8b': (m) => m.push(narrow(m.takeLong(m.takeUint(4)))),
  F: (m) => m.push(Number(m.takeLine())),
  G: (m) => m.push(m.takeDouble()),
  U: (m) => m.push(latin1(m.take(m.takeUint(1)))), // SHORT_BINSTRING: Python 2
  T: (m) => m.push(latin1(m.take(m.takeUint(4)))),
  V: (m) => m.push(m.takeLine()),
  X: (m) => m.push(m.takeText(m.takeUint(4))),
  '\x8c': (m) => m.push(m.takeText(m.takeUint(1))),
  '\x8d': (m) => m.push(m.takeText(m.takeUint(8))),
  B: (m) => m.push(bytesValue(m.take(m.takeUint(4)))),
  C: (m) => m.push(bytesValue(m.take(m.takeUint(1)))),
  '\x8e': (m) => m.push(bytesValue(m.take(m.takeUint(8)))),
  ']': (m) => m.push(list([])),
  l: (m) => m.push(list(m.popToMark())),
  a: (m) => {
    const item = m.pop();
    m.top('list').items.push(item);
  },
  e: (m) => {
    const items = m.popToMark();
    const target = m.top('list').items;
    for (const item of items) target.push(item);
  },
  ')': (m) => m.push(tuple([])),
  t: (m) => m.push(tuple(m.popToMark())),
  '\x85': (m) => m.push(tuple(popMany(m, 1))),
  '\x86': (m) => m.push(tuple(popMany(m, 2))),
  '\x87': (m) => m.push(tuple(popMany(m, 3))),
  '}': (m) => m.push(emptyDict()),
  d: (m) => {
    const dict = emptyDict();
    addPairs(m, dict, m.popToMark());
    m.push(dict);
  },
  s: (m) => {
    const pair = popMany(m, 2);
    addPairs(m, m.top('dict'), pair);
  },
  u: (m) => {
    const flat = m.popToMark();
    addPairs(m, m.top('dict'), flat);
  },
  '\x8f': (m) => m.push({ kind: 'set', items: new Set() }),
  '\x90': (m) => {
    const items = m.popToMark();
    const set = m.top('set').items;
    for (const item of items) set.add(item);
  },
  '\x91': (m) => m.push({ kind: 'set', items: new Set(m.popToMark()) }),
  c: (m) => {
    const module = m.takeLine();
    m.pushGlobal(module, m.takeLine());
  },
  '\x93': stackGlobal,
  R: callTop,
  '\x81': callTop, // NEWOBJ: the classes allowed here are made by calling them
  b: build,
  Q: (m) => m.pushPersistent(m.pop()),
  p: (m) => m.remember(Number(textInt(m))),
  q: (m) => m.remember(m.takeUint(1)),
  r: (m) => m.remember(m.takeUint(4)),
  '\x94': (m) => m.remember(m.memo.size),
  g: (m) => m.recall(Number(textInt(m))),
  h: (m) => m.recall(m.takeUint(1)),
  j: (m) => m.recall(m.takeUint(4)),
  i: (m) => {
    const module = m.takeLine(); // INST: names a class and makes it at once
    m.pushGlobal(module, m.takeLine());
    throw m.refuse('it makes an object in a way that no checkpoint does');
  },
};

const table: readonly (Step | undefined)[] = Array.from({ length: 256 }, (_, code) => steps[String.fromCharCode(code)]);
const stop = '.'.charCodeAt(0);

/** A value and the position after its `STOP`. */
export interface Unpickled {
  readonly value: PickleValue;
  readonly end: number;
}

/**
 * Reads the pickle that starts at `position`. Executes nothing: names outside the allow-list are refused, and the work and
 * memory are bounded whatever the bytes say.
 * @param file for messages
 * @throws model-invalid naming the file, and the name, opcode or claim that was refused
 */
export function unpickle(bytes: Uint8Array, position: number, file: string): Unpickled {
  const machine = new PickleMachine(bytes, position, file);
  for (;;) {
    const code = machine.takeUint(1);
    if (code === stop) return { value: machine.pop(), end: machine.position };
    const step = table[code];
    if (!step) throw machine.refuse(`its description has an unknown instruction (0x${code.toString(16)})`);
    machine.spend(1);
    step(machine);
  }
}
