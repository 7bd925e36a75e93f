// A project in memory for tests of the interface: images, objects, classes, history with undo, all in plain maps.
import { randomUUID } from 'node:crypto';
import { classColour } from '../../../src/shared/palette.ts';
import type {
  HistoryEntry,
  ImageItem,
  LabelChange,
  LabelClass,
  LabelObject,
  ProjectEvent,
  ProjectInfo,
} from '../../../src/shared/contract/index.ts';

/** One image to begin with. */
export interface Scene {
  path: string;
  width: number;
  height: number;
  objects: { className: string; box: LabelObject['box']; score?: number }[];
  status?: ImageItem['status'];
}

interface Step {
  entry: HistoryEntry;
  image: string;
  before: LabelObject[];
  after: LabelObject[];
}

/** The project and what happened to it. */
export class MemoryProject {
  readonly id = 'project-1';
  name: string;
  readonly path: string;
  readonly images = new Map<string, ImageItem>();
  readonly objects = new Map<string, LabelObject[]>();
  readonly order: string[] = [];
  classes: LabelClass[] = [];
  steps: Step[] = [];
  readonly listeners = new Set<(event: ProjectEvent) => void>();
  revision = 1;
  /** What a person must know about its opening. */
  notices: ProjectInfo['notices'] = [];
  checkpoints: { id: string; name: string; at: number; automatic: boolean }[] = [];

  constructor(name: string, path: string, classNames: readonly string[], scenes: readonly Scene[]) {
    this.name = name;
    this.path = path;
    for (const className of classNames) this.addClass(className);
    scenes.forEach((scene, i) => this.#add(scene, `image-${i + 1}`));
  }

  #add(scene: Scene, id: string): void {
    const objects = scene.objects.map((o): LabelObject => ({
      id: randomUUID(),
      classId: this.classes.find((c) => c.name === o.className)?.id ?? this.classes[0]!.id,
      box: o.box,
      state: o.score === undefined ? 'confirmed' : 'suggested',
      author: o.score === undefined ? { kind: 'person', name: 'Ada' } : { kind: 'model', name: 'COCO base' },
      score: o.score ?? null,
      crowd: false,
      ignore: false,
      createdAt: Date.now() - 86_400_000,
      changedAt: Date.now() - 86_400_000,
    }));
    const split = (['train', 'train', 'train', 'val', 'test'] as const)[this.order.length % 5]!;
    const item: ImageItem = {
      id,
      path: scene.path,
      width: scene.width,
      height: scene.height,
      status: 'new',
      split,
      boxes: 0,
      suggestions: 0,
      missing: false,
      informative: null,
    };
    this.images.set(id, item);
    this.order.push(id);
    this.objects.set(id, objects);
    this.#recount(id, scene.status);
  }

  addClass(name: string): LabelClass {
    const i = this.classes.length;
    const made: LabelClass = {
      id: `class-${i + 1}`,
      name,
      color: classColour(i),
      hotkey: i < 10 ? '1234567890'[i]! : null,
      boxes: 0,
      images: 0,
    };
    this.classes = [...this.classes, made];
    return made;
  }

  #recount(image: string, status?: ImageItem['status']): void {
    const item = this.images.get(image)!;
    const list = this.objects.get(image)!;
    const boxes = list.filter((o) => o.state === 'confirmed').length;
    const derived = boxes > 0 ? 'labelled' : list.length > 0 ? 'suggested' : 'new';
    const kept = item.status === 'reviewed' || item.status === 'skipped' ? item.status : derived;
    this.images.set(image, { ...item, boxes, suggestions: list.length - boxes, status: status ?? kept });
  }

  countClasses(): LabelClass[] {
    const all = [...this.objects.values()];
    if (all.length > 2000) return this.classes;
    return this.classes.map((c) => ({
      ...c,
      boxes: all.flat().filter((o) => o.classId === c.id).length,
      images: all.filter((list) => list.some((o) => o.classId === c.id)).length,
    }));
  }

  edit(image: string, action: string, changes: readonly LabelChange[]) {
    const before = this.objects.get(image) ?? [];
    let after = [...before];
    let status: ImageItem['status'] | undefined;
    for (const change of changes) {
      if (change.type === 'status') status = change.status;
      else after = applied(after, change);
    }
    this.objects.set(image, after);
    const entry: HistoryEntry = {
      id: randomUUID(),
      at: Date.now(),
      author: { kind: 'person', name: 'Ada' },
      action,
      images: [image],
      imageCount: 1,
      boxes: changes.length,
      undone: false,
    };
    this.steps = [...this.steps.filter((s) => !s.entry.undone), { entry, image, before, after }];
    this.#recount(image, status);
    this.tell({ type: 'labels', images: [image] });
    return this.labels(image);
  }

  labels(image: string) {
    return { image: this.images.get(image)!, objects: this.objects.get(image) ?? [], revision: this.revision };
  }

  step(direction: 'undo' | 'redo') {
    const step =
      direction === 'undo' ? this.steps.findLast((s) => !s.entry.undone) : this.steps.find((s) => s.entry.undone);
    if (step) {
      step.entry = { ...step.entry, undone: direction === 'undo' };
      this.objects.set(step.image, direction === 'undo' ? step.before : step.after);
      this.#recount(step.image);
      this.tell({ type: 'labels', images: [step.image] });
    }
    return { entry: step?.entry ?? null, canUndo: this.info().canUndo, canRedo: this.info().canRedo };
  }

  info(): ProjectInfo {
    const byStatus = { new: 0, suggested: 0, labelled: 0, reviewed: 0, skipped: 0 };
    let boxes = 0;
    let suggestions = 0;
    for (const item of this.images.values()) {
      byStatus[item.status]++;
      boxes += item.boxes;
      suggestions += item.suggestions;
    }
    const counts = { images: this.images.size, byStatus, boxes, suggestions, missing: 0 };
    return {
      id: this.id,
      name: this.name,
      path: this.path,
      counts,
      revision: this.revision,
      canUndo: this.steps.some((s) => !s.entry.undone),
      canRedo: this.steps.some((s) => s.entry.undone),
      readOnlyReason: null,
      readOnlySaid: null,
      notices: this.notices,
    };
  }

  tell(event: Omit<ProjectEvent, 'revision'>): void {
    this.revision++;
    for (const listener of this.listeners) listener({ ...event, revision: this.revision });
  }
}

function applied(list: LabelObject[], change: Exclude<LabelChange, { type: 'status' }>): LabelObject[] {
  const now = Date.now();
  if (change.type === 'add') {
    const made: LabelObject = {
      id: change.id,
      classId: change.classId,
      box: change.box,
      state: 'confirmed',
      author: { kind: 'person', name: 'Ada' },
      score: null,
      crowd: false,
      ignore: false,
      createdAt: now,
      changedAt: now,
    };
    return [...list, made];
  }
  if (change.type === 'remove' || change.type === 'reject') return list.filter((o) => o.id !== change.id);
  return list.map((o) => {
    if (o.id !== change.id) return o;
    if (change.type === 'accept') return { ...o, state: 'confirmed' as const, changedAt: now };
    return { ...o, box: change.box ?? o.box, classId: change.classId ?? o.classId, changedAt: now };
  });
}
