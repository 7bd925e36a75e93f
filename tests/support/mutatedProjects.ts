// A process that opens mutated copies of a project file, one after another, does with each what people do, and prints what became of it.
// Arguments: the whole file, a whole project of the same history, a folder to work in, the first seed, how many.
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { Project } from '../../src/core/store/project.ts';
import { restoreBackup } from '../../src/core/store/restoreBackup.ts';
import { StudioError } from '../../src/shared/errors.ts';
import type { Actor } from '../../src/core/store/types.ts';

/** One line of the output, as JSON. */
export interface Tried {
  seed: number;
  /** What the mutation was. */
  what: string;
  /** Codes of what was refused, by step; `other` for an error that is none of ours. */
  refused: Record<string, string>;
}

const actor: Actor = { author: 'person', who: 'Ann', tool: 'label' };
const [whole, sibling, folder] = process.argv.slice(2, 5) as [string, string, string];
const [first, count] = process.argv.slice(5).map(Number) as [number, number];
const bytes = readFileSync(whole);

for (let seed = first; seed < first + count; seed++) {
  const file = path.join(folder, 'ttfnet-studio.sqlite');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const { what, content } = mutated(seed);
  writeFileSync(file, content);
  process.stdout.write(`${JSON.stringify({ seed, what })}\n`); // what an abort was about
  const tried: Tried = { seed, what, refused: await use(file) };
  process.stdout.write(`${JSON.stringify(tried)}\n`);
}

/** Flips up to 8 bytes or bits, cuts the file, or puts bytes that are no text into the middle of words. */
function mutated(seed: number): { what: string; content: Uint8Array } {
  const random = xoroshiro128plus(seed);
  const below = (n: number): number => uniformInt(random, 0, n - 1);
  const content = Uint8Array.from(bytes);
  const kind = below(4);
  if (kind === 0) return { what: 'cut', content: content.subarray(0, below(content.length)) };
  const places = Array.from({ length: 1 + below(8) }, () =>
    kind === 3 ? letter(content, below) : below(content.length),
  );
  for (const at of places) content[at] = kind === 1 ? content[at]! ^ (1 << below(8)) : 128 + below(128);
  return { what: `${['', 'bits', 'bytes', 'letters'][kind]} at ${places.join(', ')}`, content };
}

/** A place inside a run of letters: text, not a number of SQLite's. */
function letter(content: Uint8Array, below: (n: number) => number): number {
  const isLetter = (at: number): boolean => content[at]! >= 97 && content[at]! <= 122;
  for (let tries = 0; tries < 10_000; tries++) {
    const at = 1 + below(content.length - 2);
    if (isLetter(at - 1) && isLetter(at) && isLetter(at + 1)) return at;
  }
  return 0;
}

async function use(file: string): Promise<Record<string, string>> {
  const refused: Record<string, string> = {};
  const step = async (name: string, body: () => unknown): Promise<void> => {
    try {
      await body();
    } catch (error) {
      refused[name] = error instanceof StudioError ? error.code : `other: ${String(error)}`;
      if (refused[name] === 'internal') refused[name] += `: ${(error as Error).message}`;
    }
  };
  await step('read', () => look(Project.open(file, { readOnly: true, backupMinutes: 0 })));
  await step('merge', () => merge(file));
  await step('restore', () => restore(file));
  await step('write', () => edit(Project.open(file, { backupMinutes: 0 })));
  return refused;
}

async function look(project: Project): Promise<void> {
  try {
    project.check();
    project.history({ limit: 100 });
    project.statistics();
    project.runs();
    project.classes();
    for (const { id } of project.images([...project.find.ids()])) {
      project.boxes(id);
      project.timeline(id);
    }
  } finally {
    await project.close();
  }
}

async function merge(file: string): Promise<void> {
  const own = path.join(folder, 'own.sqlite');
  copyFileSync(sibling, own);
  const project = Project.open(own, { backupMinutes: 0 });
  try {
    project.previewMerge(file);
    project.merge(actor, file, { otherwise: 'ours' });
  } finally {
    await project.close();
  }
}

function restore(file: string): void {
  const own = path.join(folder, 'restored.sqlite');
  copyFileSync(sibling, own);
  restoreBackup(own, file);
}

async function edit(project: Project): Promise<void> {
  try {
    project.runs();
    for (const { id } of project.images([...project.find.ids()]).slice(0, 3)) {
      const box = { x1: 1, y1: 1, x2: 9, y2: 9 };
      const classId = project.classes()[0]!.id;
      if (project.readOnlyReason === null)
        project.edit(actor, [{ image: id, ops: [{ type: 'add', classId, box }] }], { action: 'draw' });
    }
    if (project.readOnlyReason === null) project.undo(actor);
  } finally {
    await project.close();
  }
}
