// The contract answered from memory, for tests of the interface alone: no files, no models, everything at once.
import { randomUUID } from 'node:crypto';
import { noFindings } from '../../../src/shared/contract/common.ts';
import type { Handlers } from '../../../src/app/host/call.ts';
import { defaultSettings } from '../../../src/shared/contract/system.ts';
import type {
  ImageItem,
  MergeChoice,
  MergeConflict,
  MergePreview,
  RecentProject,
  Settings,
  SystemEvent,
} from '../../../src/shared/contract/index.ts';
import { StudioError } from '../../../src/shared/errors.ts';
import { inEnglish, said, type Said } from '../../../src/shared/said.ts';
import type { MemoryProject } from './project.ts';
import { evaluateHandlers } from './evaluate.ts';
import { grid, heatPlanes } from './pictures.ts';
import { stream, worked } from './stream.ts';
import { trainingHandlers } from './training.ts';
import { detectHandlers, slowReasons, type Work } from './work.ts';

/** What the stand-in knows. */
export interface World {
  project: MemoryProject;
  settings: Settings;
  recent: RecentProject[];
  work: Work;
  systemListeners: Set<(event: SystemEvent) => void>;
  /** Milliseconds that each edit takes to be saved. */
  editDelay: number;
  /** What the labels of an image wait for. */
  labelsGate: Promise<void> | null;
  /** What whole pictures wait for. */
  pictureGate: Promise<void> | null;
  /** What an estimate of a run's time waits for. */
  estimateGate: Promise<void> | null;
  /** What merging another copy would do, and what a person chose. */
  merge: {
    counts: Omit<MergePreview, 'conflicts'>;
    conflicts: MergeConflict[];
    chosen: Record<string, MergeChoice> | null;
  };
  /** Exports that were asked for. */
  exports: { format: string; to: string }[];
  /** Paths that the folder browser shows, with a project among them or not. */
  folders: { name: string; isProject: boolean; images: number }[];
}

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const nothing = {};
const baseClasses = ['person', 'bicycle', 'car', 'apple', 'orange', 'cup'];

/** All handlers over a world in memory. */
export function standInHandlers(world: World): Handlers {
  const { project: p } = world;
  const models = [
    {
      id: 'base',
      name: 'COCO base (MobileNetV3)',
      kind: 'base' as const,
      classes: baseClasses,
      inputSize: 512,
      ap: 0.251,
      createdAt: null,
      note: '',
      run: null,
    },
    {
      id: 'run-model-1',
      name: 'Second afternoon',
      kind: 'run' as const,
      classes: p.classes.map((c) => c.name),
      inputSize: 512,
      ap: 0.713,
      createdAt: Date.now() - 7_200_000,
      note: '',
      run: 'run-1',
    },
  ];
  let current = 'base';
  return {
    system: systemHandlers(world),
    project: projectHandlers(world),
    images: {
      list: ({ filter, sort, offset, limit }) => {
        const all = filtered(p, filter, sort.by === 'name' ? sort.descending : false);
        return { total: all.length, revision: p.revision, items: all.slice(offset, offset + limit) };
      },
      locate: ({ filter, image }) => {
        const index = filtered(p, filter, false).findIndex((i) => i.id === image);
        return { index: index < 0 ? null : index };
      },
      get: ({ images }) => images.map((id) => p.images.get(id)).filter((i) => i !== undefined),
      setSplit: () => nothing,
      assignSplits: () => nothing,
      duplicates: (_, { signal }) =>
        worked(signal, 'compare', 5, 40, [{ kind: 'near' as const, images: p.order.slice(0, 2), acrossSplits: true }]),
    },
    labels: {
      get: async ({ image }) => {
        await world.labelsGate;
        return p.labels(image);
      },
      edit: async ({ image, action, changes }) => {
        await sleep(world.editDelay);
        return p.edit(image, action, changes);
      },
      setStatus: () => nothing,
      undo: () => p.step('undo'),
      redo: () => p.step('redo'),
      history: ({ image }) =>
        p.steps
          .filter((s) => image === undefined || s.image === image)
          .map((s) => s.entry)
          .reverse(),
      at: ({ entry }) => p.steps.find((s) => s.entry.id === entry)?.after ?? [],
      restore: ({ image, entry }) => {
        p.objects.set(image, p.steps.find((s) => s.entry.id === entry)?.after ?? []);
        return p.labels(image);
      },
      classes: () => p.countClasses(),
      addClass: ({ name }) => {
        if (p.classes.some((c) => c.name === name))
          throw new StudioError('argument-invalid', `There is a class "${name}" already. Choose another name.`);
        const made = p.addClass(name);
        p.tell({ type: 'classes' });
        return made;
      },
      updateClass: ({ classId, name, color, hotkey }) => {
        p.classes = p.classes.map((c) =>
          c.id === classId
            ? { ...c, name: name ?? c.name, color: color ?? c.color, hotkey: hotkey === undefined ? c.hotkey : hotkey }
            : c,
        );
        p.tell({ type: 'classes' });
        return p.classes.find((c) => c.id === classId)!;
      },
      orderClasses: ({ classes }) => {
        p.classes = classes.map((id) => p.classes.find((c) => c.id === id)!);
        return nothing;
      },
      mergeClasses: ({ from, into }) => {
        for (const [image, list] of p.objects)
          p.objects.set(
            image,
            list.map((o) => (from.includes(o.classId) ? { ...o, classId: into } : o)),
          );
        p.classes = p.classes.filter((c) => !from.includes(c.id));
        return nothing;
      },
      deleteClass: ({ classId }) => {
        for (const [image, list] of p.objects)
          p.objects.set(
            image,
            list.filter((o) => o.classId !== classId),
          );
        p.classes = p.classes.filter((c) => c.id !== classId);
        return nothing;
      },
    },
    dataset: {
      formats: () =>
        ['coco', 'voc', 'yolo', 'labelme', 'cvat', 'csv'].map((key) => ({
          key,
          title: { voc: 'Pascal VOC', labelme: 'LabelMe' }[key] ?? key.toUpperCase(),
          reads: key !== 'csv',
          writes: true,
        })),
      find: ({ path }) => [
        {
          format: 'coco',
          path: `${path}/annotations.json`,
          evidence: inEnglish(said('looksFor.coco', {})),
          evidenceSaid: said('looksFor.coco', {}),
        },
      ],
      import: (_, { signal }) => worked(signal, 'read', 5, 20, lossReport),
      export: ({ format, to }, { signal }) => {
        world.exports.push({ format, to });
        return worked(signal, 'write', 5, 20, { ...lossReport, ...noFindings });
      },
    },
    training: trainingHandlers(world),
    evaluate: evaluateHandlers(world),
    detect: {
      ...detectHandlers(world),
      suggest: ({ images }, { signal }) => {
        const targets = images === 'new' ? p.order.filter((id) => p.images.get(id)?.status === 'new') : images;
        for (const image of targets) suggestOn(p, image);
        return worked(signal, 'suggest', 4, 30, { images: targets.length, boxes: targets.length * 3, failed: [] });
      },
      heatmap: ({ image }) => {
        const item = p.images.get(image)!;
        const objects = p.objects.get(image) ?? [];
        const peaks = objects.slice(0, 200).map((o, i) => ({
          x: (o.box.x1 + o.box.x2) / 2,
          y: (o.box.y1 + o.box.y2) / 2,
          classId: 0,
          score: 0.92 - (i % 7) * 0.06,
        }));
        const boxes = objects.slice(0, 60).map((o) => o.box);
        const strongest = Buffer.from(heatPlanes(boxes, item.width, item.height).scores).toString('base64');
        return {
          id: image,
          ...grid,
          cellWidth: item.width / grid.columns,
          cellHeight: item.height / grid.rows,
          classes: p.classes.map((c) => c.name),
          peaks,
          strongest,
          milliseconds: 88,
        };
      },
      clickBox: ({ image, x, y }) => {
        const { width, height } = p.images.get(image)!;
        return {
          box: {
            x1: Math.max(0, x - 60),
            y1: Math.max(0, y - 60),
            x2: Math.min(width, x + 60),
            y2: Math.min(height, y + 60),
          },
          className: p.classes[0]?.name ?? 'thing',
          score: 0.8,
        };
      },
    },
    models: {
      list: () => models,
      current: () => ({ model: current }),
      setCurrent: ({ model }) => ((current = model), nothing),
      import: () => models[1]!,
      update: ({ model, name }) => {
        const found = models.find((m) => m.id === model)!;
        found.name = name ?? found.name;
        return found;
      },
      delete: ({ model }) => {
        models.splice(
          models.findIndex((m) => m.id === model),
          1,
        );
        return nothing;
      },
      export: ({ model, file, outputs }, { signal }) => {
        world.work.exported.push(`${model} ${outputs} ${file}`);
        return worked(signal, 'export', 3, 20, { file, bytes: 1, readme: `${file}.md` });
      },
    },
  };
}

function lost(sentence: Said) {
  return { reason: inEnglish(sentence), said: sentence };
}

const lossReport = {
  format: 'coco',
  files: 1,
  images: 24,
  negatives: 2,
  boxes: 131,
  lossCount: 2,
  counts: { clipped: 1, 'zero-area': 1 },
  findingsFile: '/home/me/kitchen/.ttfnet-studio/findings/import.json',
  losses: [
    {
      file: 'kitchen/0012.jpg',
      kind: 'clipped' as const,
      ...lost(said('loss.clipped', { box: '(2, 4, 654, 90)', label: 'mug', width: '640', height: '480' })),
    },
    {
      file: 'kitchen/0019.jpg',
      kind: 'zero-area' as const,
      ...lost(said('loss.zeroArea', { box: '(2, 4, 2, 90)', label: 'mug' })),
    },
  ],
};

function suggestOn(p: MemoryProject, image: string): void {
  const { width, height } = p.images.get(image)!;
  const list = p.objects.get(image) ?? [];
  const made = [0.86, 0.55, 0.31].map((score, i) => ({
    id: randomUUID(),
    classId: p.classes[i % Math.max(1, p.classes.length)]!.id,
    box: { x1: width * (0.1 + i * 0.25), y1: height * 0.3, x2: width * (0.25 + i * 0.25), y2: height * 0.55 },
    state: 'suggested' as const,
    author: { kind: 'model' as const, name: 'COCO base' },
    score,
    crowd: false,
    ignore: false,
    createdAt: Date.now(),
    changedAt: Date.now(),
  }));
  p.objects.set(image, [...list, ...made]);
  p.images.set(image, { ...p.images.get(image)!, suggestions: 3, status: list.length > 0 ? 'labelled' : 'suggested' });
  p.tell({ type: 'labels', images: [image] });
}

type Filter = Parameters<Handlers['images']['list']>[0]['filter'];

function filtered(p: MemoryProject, filter: Filter, descending: boolean): ImageItem[] {
  const { statuses, classes, splits, text } = filter;
  const all = p.order.map((id) => p.images.get(id)!);
  const kept = all.filter(
    (i) =>
      (!statuses || statuses.includes(i.status)) &&
      (!splits || splits.includes(i.split)) &&
      (!text || i.path.toLowerCase().includes(text.toLowerCase())) &&
      (!classes || (p.objects.get(i.id) ?? []).some((o) => classes.includes(o.classId))),
  );
  return descending ? kept.reverse() : kept;
}

const processors = [
  { name: 'cuda', available: false, ...lost(said('provider.library', { library: 'libcublasLt.so.12' })) },
  { name: 'webgpu', available: false, ...lost(said('provider.noDevice', {})) },
  { name: 'cpu', available: true, reason: '', said: null },
];

function systemHandlers(world: World): Handlers['system'] {
  return {
    info: () => ({
      version: '0.1.0',
      platform: 'linux',
      shell: 'browser',
      nativeDialogs: false,
      locale: 'en-GB',
      cpu: 'Stand-in processor 2.4 GHz',
      cores: 2,
      providers: processors,
      telemetry: { state: 'off', message: '', said: said('telemetry.off', {}) },
    }),
    providers: () => processors,
    settings: () => world.settings,
    updateSettings: (change) => {
      world.settings = { ...world.settings, ...change };
      for (const listener of world.systemListeners) listener({ type: 'settings', settings: world.settings });
      return world.settings;
    },
    pick: () => null,
    listFolder: ({ path }) =>
      path === null
        ? {
            path: null,
            parent: null,
            entries: [{ name: 'home', path: '/home/ada', kind: 'folder' as const, isProject: false }],
            more: false,
          }
        : {
            path,
            parent: path === '/home/ada' ? null : '/home/ada',
            entries: world.folders.map((f) => ({
              name: f.name,
              path: `/home/ada/${f.name}`,
              kind: 'folder' as const,
              isProject: f.isProject,
            })),
            more: false,
          },
    makeFolder: ({ parent, name }) => ({ path: `${parent}/${name}` }),
    reveal: () => nothing,
    newWindow: () => nothing,
    setMenu: () => nothing,
    measure: async () => {
      await sleep(200);
      return {
        processor: 'cpu',
        processorReasons: slowReasons,
        imagesPerSecond: 11.6,
        milliseconds: 86,
        threads: world.settings.threads || 2,
      };
    },
    events: (_, { signal }) =>
      stream(signal, (push) => {
        world.systemListeners.add(push);
        return () => world.systemListeners.delete(push);
      }),
  };
}

function projectHandlers(world: World): Handlers['project'] {
  const { project: p } = world;
  return {
    recent: () => world.recent,
    forget: ({ path }) => {
      world.recent = world.recent.filter((r) => r.path !== path);
      return nothing;
    },
    inspectFolder: ({ path }) => {
      const folder = world.folders.find((f) => path.endsWith(f.name));
      return {
        path,
        name: path.split('/').at(-1) ?? path,
        images: folder?.images ?? 0,
        more: false,
        isProject: folder?.isProject ?? false,
        annotations:
          folder && folder.images > 0
            ? [
                {
                  format: 'coco',
                  path: `${path}/instances.json`,
                  evidence: inEnglish(said('looksFor.coco', {})),
                  evidenceSaid: said('looksFor.coco', {}),
                },
              ]
            : [],
      };
    },
    create: ({ name }, { signal }) => {
      p.name = name ?? p.name;
      return worked(signal, 'scan', 5, 20, { project: p.info(), imported: null, passedOver: [] });
    },
    sample: (_, { signal }) => worked(signal, 'sample', 5, 20, { project: p.info(), imported: null, passedOver: [] }),
    open: () => p.info(),
    info: () => p.info(),
    close: () => nothing,
    rename: ({ name }) => {
      p.name = name;
      p.tell({ type: 'project' });
      return nothing;
    },
    rescan: (_, { signal }) =>
      worked(signal, 'scan', 5, 20, { added: 0, moved: 0, missing: 0, unreadable: [], passedOver: [] }),
    checkpoints: () => p.checkpoints,
    makeCheckpoint: ({ name }) => {
      const made = { id: randomUUID(), name, at: Date.now(), automatic: false };
      p.checkpoints = [made, ...p.checkpoints];
      return made;
    },
    restoreCheckpoint: () => p.info(),
    mergePreview: () => ({ ...world.merge.counts, conflicts: world.merge.conflicts }),
    merge: ({ choices }) => {
      world.merge.chosen = choices;
      return { ...world.merge.counts, conflicts: world.merge.conflicts.length };
    },
    events: (_, { signal }) =>
      stream(signal, (push) => {
        p.listeners.add(push);
        return () => p.listeners.delete(push);
      }),
  };
}

/** Conflicts on the first images: moved by both, deleted by one side, given another class. */
function conflictsOf(project: MemoryProject): MergeConflict[] {
  return project.order.slice(0, 3).flatMap((image, i) => {
    const object = project.objects.get(image)?.[0];
    if (!object) return [];
    const name = (step: number) => project.classes[(i + step) % project.classes.length]!.name;
    const { x1, y1, x2, y2 } = object.box;
    const ours = { box: object.box, className: name(0) };
    const theirs = { box: { x1: x1 + 12, y1: y1 + 9, x2: x2 + 6, y2: y2 + 14 }, className: name(i === 2 ? 1 : 0) };
    const path = project.images.get(image)!.path;
    return [{ key: `${image}/${object.id}`, image, path, ours, theirs: i === 1 ? null : theirs }];
  });
}

/** A world with one project in it. */
export function worldOf(project: MemoryProject, more: Partial<World> = {}): World {
  return {
    project,
    settings: { ...defaultSettings, language: 'en' },
    recent: [],
    work: {
      runs: [],
      metrics: new Map(),
      jobs: [],
      results: new Map(),
      ready: [],
      findings: noFindings,
      watched: new Map(),
      asked: { estimates: [], samples: [] },
      exported: [],
    },
    systemListeners: new Set(),
    editDelay: 0,
    labelsGate: null,
    pictureGate: null,
    estimateGate: null,
    merge: {
      counts: { added: 12, changed: 3, removed: 1, newImages: 2 },
      conflicts: conflictsOf(project),
      chosen: null,
    },
    exports: [],
    folders: [],
    ...more,
  };
}
