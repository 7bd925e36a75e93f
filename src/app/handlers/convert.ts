// Between the store's rows and the contract's values.
import type { HistoryEntry as StoredEntry, TimelineEntry } from '../../core/store/history.ts';
import type { ImageRow, LabelledBox } from '../../core/store/images.ts';
import type { LabelClass as StoredClass } from '../../core/store/classes.ts';
import { conflictKey } from '../../core/store/merge.ts';
import type { MergeConflict as StoredConflict } from '../../core/store/mergePlan.ts';
import { telling } from '../../shared/errors.ts';
import { countsOf, type Loss, type LossReport } from '../../shared/lossReport.ts';
import type { Findings, ImportReport } from '../../shared/contract/common.ts';
import type { ImageFilter, ImageItem, ImageSort } from '../../shared/contract/images.ts';
import type { HistoryEntry, LabelClass, LabelObject } from '../../shared/contract/labels.ts';
import type { ImageFilter as StoreFilter, ImageSort as StoreSort } from '../../core/store/find.ts';
import type { OpenProject } from '../host/openProject.ts';
import { numberOf } from '../host/openProject.ts';
import type { MergeConflict, ProjectInfo } from '../../shared/contract/project.ts';

/** An image row as the gallery gets it. */
export function toItem(row: ImageRow): ImageItem {
  const { path, width, height, status, split, boxes, suggestions, missing, uncertainty } = row;
  return {
    id: String(row.id),
    path,
    width,
    height,
    status,
    split,
    boxes,
    suggestions,
    missing,
    informative: uncertainty,
  };
}

/** A filter of the contract as the store takes it. */
export function toStoreFilter({ classes, ...rest }: ImageFilter): StoreFilter {
  return { ...rest, ...(classes === undefined ? {} : { classes: classes.map(numberOf) }) };
}

/** An order of the contract as the store takes it. */
export function toStoreSort({ by, descending }: ImageSort): StoreSort {
  // "Most informative first" is the order that people mean: the store's plain order is ascending doubt.
  if (by === 'informative') return { by: 'uncertainty', descending: !descending };
  return { by, descending };
}

/** Name of who stands behind something: the person, or the model or file. */
const nameOf = (e: { author: string; who: string; tool: string }) => (e.author === 'person' ? e.who : e.tool);

/** A box with its story. */
export function toObject(b: LabelledBox): LabelObject {
  const { id, box, score, crowd, ignore } = b;
  return {
    id,
    classId: String(b.classId),
    box,
    state: b.suggestion ? 'suggested' : 'confirmed',
    author: { kind: b.author, name: nameOf(b) },
    score,
    crowd,
    ignore,
    createdAt: b.madeAt,
    changedAt: b.changedAt,
  };
}

/** A class with its counts. */
export function toClass({ id, name, color, key, boxes, images }: StoredClass): LabelClass {
  return { id: String(id), name, color, hotkey: key, boxes, images };
}

/** A step of the history; `images` are the ones known at this place. */
export function toEntry(e: StoredEntry, images: readonly number[]): HistoryEntry {
  return {
    id: String(e.seq),
    at: e.at,
    author: { kind: e.author, name: nameOf(e) },
    action: e.action,
    images: images.map(String),
    imageCount: e.images,
    boxes: e.boxes,
    undone: e.undone,
  };
}

/** What was on an image right after change set `seq`, by walking its timeline from the beginning. */
export function objectsAt(timeline: readonly TimelineEntry[], seq: number): LabelObject[] {
  const objects = new Map<string, { object: LabelObject; position: number }>();
  for (const entry of timeline.filter((e) => e.seq <= seq))
    for (const [id, , after] of entry.change.boxes ?? []) {
      if (after === null) {
        objects.delete(id);
        continue;
      }
      const [classId, x1, y1, x2, y2, flags, state, score, position] = after;
      const before = objects.get(id)?.object;
      const object: LabelObject = {
        id,
        classId: String(classId),
        box: { x1, y1, x2, y2 },
        state: state === 1 ? 'suggested' : 'confirmed',
        author: before?.author ?? { kind: entry.author, name: nameOf(entry) },
        score,
        crowd: (flags & 1) !== 0,
        ignore: (flags & 2) !== 0,
        createdAt: before?.createdAt ?? entry.at,
        changedAt: entry.at,
      };
      objects.set(id, { object, position });
    }
  return [...objects.values()].sort((a, b) => a.position - b.position).map(({ object }) => object);
}

/** An open project's state. */
export function toInfo(project: OpenProject): ProjectInfo {
  const { store } = project;
  return {
    id: project.id,
    name: store.name,
    path: store.root,
    counts: store.counts(),
    revision: store.revision,
    ...store.undoState(),
    readOnlyReason: store.readOnlyReason,
    readOnlySaid: store.readOnlySaid,
    notices: store.noticesSaid.map(telling),
  };
}

const mostLosses = 1000;

/** Findings short enough to send: counts of all, the first of them, and the file that has them all. */
export function toFindings(losses: readonly Loss[], findingsFile: string | null): Findings {
  return { lossCount: losses.length, counts: countsOf(losses), losses: losses.slice(0, mostLosses), findingsFile };
}

/** A loss report short enough to send. */
export function toReport({ losses, ...rest }: LossReport, findingsFile: string | null): ImportReport {
  return { ...rest, ...toFindings(losses, findingsFile) };
}

/** A conflict of a merge with its classes by name; a class that only the other copy has is named by its number. */
export function toMergeConflict(open: OpenProject, conflict: StoredConflict): MergeConflict {
  const names = new Map(open.store.classes().map(({ id, name }) => [id, name]));
  const side = (value: StoredConflict['ours']): MergeConflict['ours'] => {
    if (value === null) return null;
    const [classId, x1, y1, x2, y2] = value;
    return { box: { x1, y1, x2, y2 }, className: names.get(classId) ?? `#${classId}` };
  };
  const { image, path, ours, theirs } = conflict;
  return { key: conflictKey(conflict), image: String(image), path, ours: side(ours), theirs: side(theirs) };
}
