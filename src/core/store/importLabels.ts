// Labels of a whole dataset into the project: in saved steps, with progress, and cancelled without a trace.
import path from 'node:path';
import { toldBy } from '../../shared/errors.ts';
import type { LabelledImage } from '../../shared/labels.ts';
import type { Said } from '../../shared/said.ts';
import { roleOf } from '../../shared/splits.ts';
import type { Driver, ReadDb, WriteDb } from './driver.ts';
import { putClasses, usedClassIds } from './classes.ts';
import { flagsOf, nextPosition } from './edits.ts';
import { loadClasses, takeBack } from './history.ts';
import { imageByPath, insertImage } from './images.ts';
import { ChangeSet, newBoxId } from './record.ts';
import { copyState, diffMaps, loadState } from './state.ts';
import type { BoxValue, ImageState } from './state.ts';
import { splits, type Actor, type FactsOf, type ImageFacts } from './types.ts';

/** What is imported: a dataset in memory, or one whose images come one by one. */
export interface ImportSource {
  classes: string[];
  /** Colour by class name, for classes that the project doesn't have yet. */
  colours?: Record<string, string>;
  imageRoot: string;
  images: Iterable<LabelledImage> | AsyncIterable<LabelledImage>;
  /** Number of images, for progress; known by itself when `images` is an array. */
  count?: number;
}

/** How an import runs. */
export interface ImportOptions {
  actor: Actor;
  /** Facts of images that the project doesn't have yet. */
  facts: FactsOf;
  /** For the history: the imported file or folder. */
  label?: string;
  signal?: AbortSignal;
  onProgress?: (done: number, total: number) => void;
}

/** What an import did. */
export interface ImportResult {
  images: number;
  newImages: number;
  newClasses: number;
  boxes: number;
  /** Boxes that were there already, to the last bit. */
  duplicates: number;
  unreadable: { file: string; reason: string; said: Said | null }[];
  /** Images that are in lists which name none of the project's splits, or several, by the names of the lists. */
  unplaced: Map<string, number>;
}

const importChunk = 1000;

/**
 * Adds a dataset's labels to the project. Each few hundred images are saved together; all of it is one step for undo.
 * Boxes that are there already are left out, so an import that was cut off can simply be run again.
 * @throws DOMException AbortError when cancelled, and what `source` throws: everything it did is taken back first
 */
export async function importDataset(
  db: Driver,
  root: string,
  source: ImportSource,
  options: ImportOptions,
): Promise<ImportResult> {
  const counts = { images: 0, newImages: 0, newClasses: 0, boxes: 0, duplicates: 0 };
  const result: ImportResult = { ...counts, unreadable: [], unplaced: new Map() };
  const total = source.count ?? (Array.isArray(source.images) ? source.images.length : 0);
  const prefix = path.relative(root, source.imageRoot).split(path.sep).join('/');
  const sets = { first: 0, last: 0 };
  const classIds = importClasses(db, source, options, result, sets);
  const save = async (part: LabelledImage[]): Promise<void> => {
    const placed = part.map((image) => ({
      ...image,
      path: prefix === '' ? image.path : path.posix.join(prefix, image.path),
    }));
    const facts = await readFacts(db, placed, options.facts, result);
    saveChunk(db, { placed, facts, classIds }, options, result, sets);
    options.onProgress?.(result.images, total);
    await new Promise((resolve) => setImmediate(resolve));
  };
  try {
    for await (const part of chunks(source.images, importChunk)) {
      options.signal?.throwIfAborted();
      await save(part);
    }
    options.signal?.throwIfAborted();
  } catch (error) {
    if (sets.first > 0) takeBack(db, options.actor, sets.first, sets.last);
    throw error;
  }
  return result;
}

async function* chunks<T>(items: Iterable<T> | AsyncIterable<T>, size: number): AsyncGenerator<T[]> {
  let part: T[] = [];
  for await (const item of items) {
    part.push(item);
    if (part.length < size) continue;
    yield part;
    part = [];
  }
  if (part.length > 0) yield part;
}

interface SetRange {
  first: number;
  last: number;
}

function noteSet(sets: SetRange, seq: number): void {
  if (sets.first === 0) sets.first = seq;
  sets.last = seq;
}

/** Project ids of the dataset's classes, by name; makes those that are new. */
function importClasses(
  db: Driver,
  source: ImportSource,
  options: ImportOptions,
  result: ImportResult,
  sets: SetRange,
): number[] {
  const colours = new Map(Object.entries(source.colours ?? {}));
  return db.write((w) => {
    const before = loadClasses(w);
    const after = new Map(before);
    const byName = new Map([...after].map(([id, value]) => [value[1], id]));
    const fresh = [...new Set(source.classes)].filter((name) => !byName.has(name));
    const wanted = fresh.map((name) => ({ name, color: colours.get(name) }));
    putClasses(after, usedClassIds(w), wanted).forEach((id, i) => byName.set(fresh[i]!, id));
    const ids = source.classes.map((name) => byName.get(name)!);
    result.newClasses = after.size - before.size;
    if (result.newClasses === 0) return ids;
    const set = new ChangeSet(w, {
      actor: options.actor,
      action: 'import',
      label: options.label ?? '',
      undoable: 'own',
    });
    set.classes(diffMaps(before, after));
    noteSet(sets, set.finish());
    return ids;
  });
}

async function readFacts(
  db: ReadDb,
  images: readonly LabelledImage[],
  facts: FactsOf,
  result: ImportResult,
): Promise<Map<string, ImageFacts>> {
  const wanted = images.filter((image) => imageByPath(db, image.path) === null);
  const found = new Map<string, ImageFacts>();
  for (let start = 0; start < wanted.length; start += 8) {
    const part = wanted.slice(start, start + 8).map(async ({ path: file }) => {
      try {
        found.set(file, await facts(file));
      } catch (error) {
        const { message, said } = toldBy(error);
        result.unreadable.push({ file, reason: message, said });
      }
    });
    await Promise.all(part);
  }
  return found;
}

interface Chunk {
  placed: readonly LabelledImage[];
  facts: ReadonlyMap<string, ImageFacts>;
  classIds: readonly number[];
}

function saveChunk(db: Driver, chunk: Chunk, options: ImportOptions, result: ImportResult, sets: SetRange): void {
  db.write((w) => {
    const undoable = sets.first === 0 ? 'own' : 'join';
    const set = new ChangeSet(w, { actor: options.actor, action: 'import', label: options.label ?? '', undoable });
    for (const image of chunk.placed) saveImage(w, set, image, chunk, result);
    if (set.empty) w.run('DELETE FROM change_set WHERE seq = ?', [set.seq]);
    else noteSet(sets, set.finish());
  });
}

function saveImage(w: WriteDb, set: ChangeSet, image: LabelledImage, chunk: Chunk, result: ImportResult): void {
  result.images++;
  const known = imageByPath(w, image.path);
  const facts = chunk.facts.get(image.path);
  const size = { width: image.width, height: image.height };
  const id = known?.id ?? insertImage(w, facts ? { path: image.path, facts } : { path: image.path });
  if (!known) result.newImages++;
  if (!known && !facts) w.run('UPDATE image SET width = ?, height = ? WHERE id = ?', [size.width, size.height, id]);
  const current = known ? loadState(w, id) : { boxes: new Map<string, BoxValue>(), status: 0, splitChosen: null };
  set.image(id, current, withImported(current, image, chunk.classIds, result));
}

const keyOf = (value: BoxValue): string => value.slice(0, 6).join();

const valuesOf = (state: ImageState): Set<string> =>
  new Set([...state.boxes.values()].filter((b) => b[6] === 0).map(keyOf));

function withImported(
  current: ImageState,
  image: LabelledImage,
  classIds: readonly number[],
  result: ImportResult,
): ImageState {
  const next = copyState(current);
  const there = valuesOf(current);
  let position = nextPosition(current);
  for (const { box, classId, crowd, ignore } of image.annotations) {
    const value: BoxValue = [
      classIds[classId]!,
      box.x1,
      box.y1,
      box.x2,
      box.y2,
      flagsOf(crowd, ignore),
      0,
      null,
      position,
    ];
    if (there.size > 0 && there.has(keyOf(value))) result.duplicates++;
    else {
      next.boxes.set(newBoxId(), value);
      position++;
      result.boxes++;
    }
  }
  next.splitChosen = splitNamed(image.splits, result) ?? next.splitChosen;
  if (current.status < 2) next.status = 2; // an image without boxes counts too: the dataset says that nothing is on it
  return next;
}

/** The project's split of an image, when its lists name exactly one; else none, and the lists are counted. */
function splitNamed(lists: readonly string[] = [], { unplaced }: ImportResult): number | null {
  const named = new Set(lists.flatMap((name) => roleOf(name) ?? []));
  if (named.size === 1) return splits.indexOf([...named][0]!);
  if (lists.length > 0) unplaced.set(lists.join(', '), (unplaced.get(lists.join(', ')) ?? 0) + 1);
  return null;
}
