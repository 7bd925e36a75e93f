// Merging another person's copy of the project into this one: their history is taken over, clashes are settled as chosen.
import { existsSync, realpathSync } from 'node:fs';
import { saying, StudioError } from '../../shared/errors.ts';
import { said } from '../../shared/said.ts';
import { copyAside, ofOriginal } from './copies.ts';
import type { Driver, WriteDb } from './driver.ts';
import { loadClasses } from './history.ts';
import { insertImage } from './images.ts';
import {
  mergeImage,
  mergeMaps,
  planMerge,
  setsMissingIn,
  touchedBy,
  translate,
  translateBody,
  unseenBodies,
} from './mergePlan.ts';
import type { MergeConflict, MergePlan, Translation } from './mergePlan.ts';
import { readableCopy } from './examine.ts';
import { ChangeSet, lastSeq, newBoxId, pushUndoRange } from './record.ts';
import { diffMaps, loadState, patchMap, patchState } from './state.ts';
import type { ChangeBody, ClassValue, ImageState } from './state.ts';
import type { Actor, AuthorKind, ImageFacts } from './types.ts';

/** Which side of a conflict stays; `both` keeps ours and adds theirs as a box of its own. */
export type MergeChoice = 'ours' | 'theirs' | 'both';

/** How conflicts are settled. */
export interface MergeChoices {
  /** By {@link conflictKey}. */
  choices?: ReadonlyMap<string, MergeChoice>;
  /** For those that aren't named; without it, an unnamed conflict stops the merge before anything changes. */
  otherwise?: MergeChoice;
}

/** The key of a conflict in {@link MergeChoices}. */
export const conflictKey = (conflict: Pick<MergeConflict, 'image' | 'box'>): string =>
  `${conflict.image}/${conflict.box}`;

function withCopy<T>(file: string, body: (theirs: Driver) => T): T {
  const copy = copyAside(file);
  try {
    const theirs = readableCopy(copy.file, said('project.forReading', { file }));
    try {
      return body(theirs);
    } finally {
      theirs.close();
    }
  } catch (error) {
    throw ofOriginal(error, copy.file, file);
  } finally {
    copy.remove();
  }
}

/**
 * What merging another copy would do, with the conflicts to choose from. Neither file is changed.
 * @throws StudioError argument-invalid when the file is another project's, project-damaged, project-version
 */
export function previewMerge(ours: Driver, file: string): MergePlan {
  refuseItself(ours, file);
  return withCopy(file, (theirs) => planMerge(ours, theirs));
}

/** Reading the open file by hand would also drop SQLite's locks on it. */
function refuseItself(ours: Driver, file: string): void {
  if (!existsSync(file)) throw saying('file-missing', 'file.missing', { file });
  if (realpathSync(file) !== realpathSync(ours.file)) return;
  throw saying('argument-invalid', 'merge.sameProject', { file });
}

/**
 * Merges another copy in, as one step for undo; the other file stays as it is. Their change sets keep who, when and with what.
 * @throws StudioError argument-invalid when a conflict has no choice; nothing is changed then
 */
export function mergeCopy(ours: Driver, actor: Actor, file: string, choices: MergeChoices): MergePlan {
  refuseItself(ours, file);
  return withCopy(file, (theirs) => {
    const plan = planMerge(ours, theirs);
    const settled = new Map(plan.conflicts.map((c) => [conflictKey(c), choiceFor(c, choices)]));
    if (plan.sets + plan.newImages > 0) ours.write((w) => applyMerge(ours, theirs, w, actor, settled));
    return plan;
  });
}

function choiceFor(conflict: MergeConflict, { choices, otherwise }: MergeChoices): MergeChoice {
  const choice = choices?.get(conflictKey(conflict)) ?? otherwise;
  if (choice) return choice;
  throw new StudioError(
    'argument-invalid',
    `Both copies changed box ${conflict.box} of ${conflict.path}. Choose one of ours, theirs, both.`,
  );
}

function applyMerge(
  ours: Driver,
  theirs: Driver,
  w: WriteDb,
  actor: Actor,
  settled: ReadonlyMap<string, MergeChoice>,
): void {
  const t = translate(ours, theirs);
  const first = lastSeq(w) + 1;
  takeImages(theirs, w, t);
  const sets = setsMissingIn(theirs, ours);
  const list = JSON.stringify(sets);
  const finals = finalStates(theirs, w, list, t, settled);
  const classes = finalClasses(theirs, w, list, t);
  const ourClasses = loadClasses(w);
  const theirClasses = [...loadClasses(theirs)].map(([id, value]) => [t.classes.get(id)!, value] as const);
  for (const seq of sets) takeSet(theirs, w, seq, t);
  const set = new ChangeSet(w, { actor, action: 'merge', undoable: 'never' });
  for (const [image, state] of finals) set.image(image, loadState(w, image), state, true);
  keepUsedClasses(w, classes, finals, new Map([...theirClasses, ...ourClasses]));
  set.classes(diffMaps(loadClasses(w), classes));
  pushUndoRange(w, first, set.finish());
}

type FactsRow = ImageFacts & { path: string; phash: string | null };

function takeImages(theirs: Driver, w: WriteDb, t: Translation): void {
  for (const { id } of t.newImages) {
    const row = theirs.one<FactsRow>('SELECT * FROM image WHERE id = ?', [id])!;
    const { path, hash, width, height, orientation, bytes, modified, phash } = row;
    const facts: ImageFacts = { hash, width, height, orientation, bytes, modified };
    if (phash !== null) facts.perceptualHash = phash;
    t.images.set(id, insertImage(w, { path, facts }));
  }
}

/** What each image that they touched becomes, by our id. */
function finalStates(
  theirs: Driver,
  w: WriteDb,
  sets: string,
  t: Translation,
  settled: ReadonlyMap<string, MergeChoice>,
): Map<number, ImageState> {
  const finals = new Map<number, ImageState>();
  for (const image of touchedBy(theirs, sets)) {
    const id = t.images.get(image)!;
    const { state, clashes } = mergeImage(finals.get(id) ?? loadState(w, id), unseenBodies(theirs, image, sets, t));
    for (const clash of clashes) {
      const choice = settled.get(conflictKey({ image: id, box: clash.box }));
      if (choice === 'both' && clash.theirs) state.boxes.set(newBoxId(), clash.theirs);
      else if (choice === 'theirs' && clash.theirs) state.boxes.set(clash.box, clash.theirs);
      else if (choice === 'theirs') state.boxes.delete(clash.box);
    }
    finals.set(id, state);
  }
  return finals;
}

function finalClasses(theirs: Driver, w: WriteDb, sets: string, t: Translation): Map<number, ClassValue> {
  const steps = unseenBodies(theirs, 0, sets, t).flatMap((b) => b.classes ?? []);
  const ours = loadClasses(w);
  const { merged } = mergeMaps(ours, steps);
  const keys = new Set([...ours.values()].map((c) => c[3]));
  for (const [id, [uid, name, color, key, position]] of merged) {
    if (!ours.has(id) && key !== null && keys.has(key)) merged.set(id, [uid, name, color, null, position]);
  }
  return merged;
}

/** A class that one side deleted stays when a box of the merged project has it. */
function keepUsedClasses(
  w: WriteDb,
  classes: Map<number, ClassValue>,
  finals: ReadonlyMap<number, ImageState>,
  known: ReadonlyMap<number, ClassValue>,
): void {
  const used = new Set(w.ids('SELECT group_concat(DISTINCT class) FROM image_class'));
  for (const state of finals.values()) for (const [classId] of state.boxes.values()) used.add(classId);
  for (const id of used) {
    const value = known.get(id);
    if (!classes.has(id) && value) classes.set(id, value);
  }
}

interface SetRow {
  uid: string;
  at: number;
  who: string;
  author: AuthorKind;
  tool: string;
  version: string;
  action: string;
  label: string;
}

/** Appends one of their change sets to our history, applied to what is there now; it keeps its identity, so it is never merged twice. */
function takeSet(theirs: Driver, w: WriteDb, seq: number, t: Translation): void {
  const row = theirs.one<SetRow>('SELECT * FROM change_set WHERE seq = ?', [seq])!;
  const { uid, at, who, author, tool, version, action, label } = row;
  const set = new ChangeSet(w, { actor: { author, who, tool, version }, action, label, uid, at, undoable: 'never' });
  const sql = "SELECT group_concat('[' || image || ',' || body || ']') FROM change WHERE seq = ?";
  for (const [image, body] of theirs.json<[number, ChangeBody]>(sql, [seq])) {
    const translated = translateBody(body, t);
    if (image === 0) takeClasses(w, set, translated);
    else takeImage(w, set, t.images.get(image)!, translated);
  }
  set.finish();
}

function takeImage(w: WriteDb, set: ChangeSet, image: number, body: ChangeBody): void {
  const current = loadState(w, image);
  set.image(image, current, patchState(current, [body], 'after'), true);
}

function takeClasses(w: WriteDb, set: ChangeSet, body: ChangeBody): void {
  const current = loadClasses(w);
  const next = new Map(current);
  patchMap(next, body.classes ?? [], 'after');
  set.classes(diffMaps(current, next));
}
