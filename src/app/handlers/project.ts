// Handlers of the contract's projects.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { findProject } from '../../core/store/location.ts';
import { forgetRecent, listRecents } from '../../core/store/recents.ts';
import { requireInput } from '../../core/files/outputMarker.ts';
import { findImageFiles } from '../../core/store/scan.ts';
import type { PassedOver } from '../../core/files/walk.ts';
import { fromFileError, saying, telling } from '../../shared/errors.ts';
import type { DomainHandlers } from '../host/call.ts';
import { importInto, inspectFolder } from '../host/formats.ts';
import { numberOf, projectId, type OpenProject } from '../host/openProject.ts';
import type { Services } from '../host/services.ts';
import { streamWork, type Task } from '../host/work.ts';
import { toInfo, toMergeConflict } from './convert.ts';

type ProjectCalls = DomainHandlers<'project'>;

/** Binds `project.*`. */
export function projectHandlers(services: Services): ProjectCalls {
  return {
    ...recentHandlers(services),
    ...openingHandlers(services),
    ...stateHandlers(services),
    ...copyHandlers(services),
  };
}

function recentHandlers({ options, projects }: Services): Pick<ProjectCalls, 'recent' | 'forget'> {
  return {
    recent: () =>
      listRecents(options.dataFolder).map(({ folder, cover: _image, ...rest }) => ({
        ...rest,
        path: folder,
        cover: existsSync(projects.coverFile(folder)) ? `/media/cover/${projectId(folder)}` : null,
      })),
    forget: ({ path: folder }) => {
      forgetRecent(options.dataFolder, folder);
      return {};
    },
  };
}

function openingHandlers(
  services: Services,
): Pick<ProjectCalls, 'inspectFolder' | 'create' | 'sample' | 'open' | 'close'> {
  const { options, projects } = services;
  return {
    inspectFolder: async ({ path: asked }, { signal }) => {
      const folder = await options.access.existing(asked);
      const isProject = projects.isProject(folder);
      const found = isProject ? { images: 0, annotations: [] } : await inspectFolder(services.workers, folder, signal);
      return { path: folder, name: path.basename(folder), isProject, more: false, ...found };
    },
    create: (input, call) => streamWork(call, (task) => create(services, input, call.connection, task)),
    sample: (_input, call) => streamWork(call, (task) => openSample(services, call.connection, task)),
    open: async ({ path: asked }, { connection }) =>
      toInfo(await projects.open(await options.access.existing(asked), connection)),
    close: async ({ project }, { connection }) => {
      await projects.release(project, connection);
      return {};
    },
  };
}

interface Creation {
  path: string;
  name?: string | undefined;
  classes?: string[] | undefined;
  importFrom?: { format: string; path: string } | undefined;
}

/** Makes a project: its images are listed at once and read in the background. One that fails or is cancelled leaves nothing behind. */
export async function create(services: Services, input: Creation, connection: number, task: Task) {
  const { access } = services.options;
  const folder = await access.existing(input.path);
  const importFrom = input.importFrom && {
    format: input.importFrom.format,
    folder: await access.existing(input.importFrom.path),
  };
  task.report({ phase: 'list', done: 0, total: null });
  await requireInput(folder);
  const { files, passedOver } = await findImageFiles(folder, task.signal);
  const open = services.projects.create(folder, input.name, connection);
  try {
    await list(open, files, task);
    const classes = input.classes ?? [];
    if (classes.length > 0)
      open.store.addClasses(
        open.person,
        classes.map((name) => ({ name })),
      );
    const imported = importFrom ? await importInto(open, services.workers, importFrom, task) : null;
    services.projects.readFacts(open);
    await services.projects.remember(open);
    return { project: toInfo(open), imported, passedOver: passedOver.map(toPassed) };
  } catch (error) {
    await services.projects.discard(open);
    throw error;
  }
}

async function list(open: OpenProject, files: readonly string[], { signal, report }: Task): Promise<void> {
  for (let start = 0; start < files.length; start += 5000) {
    signal.throwIfAborted();
    const part = files.slice(start, start + 5000);
    open.store.addImages(part.map((file) => ({ path: file })));
    report({ phase: 'list', done: start + part.length, total: files.length });
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const toPassed = ({ path: file, said: by }: PassedOver) => ({ path: file, ...telling(by) });

/** Draws the sample into the program's own folder, or takes the one that is there. */
async function openSample(services: Services, connection: number, task: Task) {
  const { access, dataFolder } = services.options;
  const folder = path.join(dataFolder, 'Sample project');
  if (services.projects.isProject(folder))
    return { project: toInfo(await services.projects.open(folder, connection)), imported: null, passedOver: [] };
  const onEvent = ({ done, total }: { done: number; total: number }) => task.report({ phase: 'sample', done, total });
  const { classes } = await services.workers.pixels.call('sample', { folder }, { signal: task.signal, onEvent });
  access.grant(folder);
  const input = { path: folder, name: 'Sample', classes, importFrom: { format: 'voc', path: folder } };
  return create(services, input, connection, task);
}

function stateHandlers(services: Services): Pick<ProjectCalls, 'info' | 'rename' | 'rescan' | 'events'> {
  const { projects } = services;
  return {
    info: ({ project }) => toInfo(projects.get(project)),
    rename: async ({ project, name }) => {
      const open = projects.get(project);
      open.store.rename(name);
      open.changed('project');
      await projects.remember(open);
      return {};
    },
    rescan: ({ project }, call) => streamWork(call, (task) => rescan(projects.get(project), task)),
    events: ({ project }, { signal }) => projects.get(project).changes.subscribe(signal),
  };
}

async function rescan(open: OpenProject, { signal, report }: Task) {
  report({ phase: 'scan', done: 0, total: null });
  const { added, moved, missing, unreadable, passedOver } = await open.store.scan(open.facts, {
    signal,
    onProgress: (done, total) => report({ phase: 'scan', done, total }),
  });
  open.changed('images');
  return { added, moved: moved.length, missing, unreadable, passedOver: passedOver.map(toPassed) };
}

type CopyCalls = 'checkpoints' | 'makeCheckpoint' | 'restoreCheckpoint' | 'mergePreview' | 'merge';

function copyHandlers({ projects, options }: Services): Pick<ProjectCalls, CopyCalls> {
  const copyFile = async (from: string): Promise<string> => {
    const file = findProject(await options.access.existing(from), options.dataFolder);
    if (file === null) throw saying('file-missing', 'merge.noProject', { folder: from });
    return file;
  };
  const list = (open: OpenProject) =>
    open.store.checkpoints().map(({ seq, label, at, author }) => ({
      id: String(seq),
      name: label,
      at,
      automatic: author !== 'person',
    }));
  return {
    checkpoints: ({ project }) => list(projects.get(project)),
    makeCheckpoint: ({ project, name }) => {
      const open = projects.get(project);
      const seq = String(open.store.checkpoint(open.person, name));
      return list(open).find(({ id }) => id === seq)!;
    },
    restoreCheckpoint: ({ project, checkpoint }) => {
      const open = projects.get(project);
      open.store.restore(open.person, numberOf(checkpoint));
      for (const what of ['labels', 'classes', 'images'] as const) open.changed(what);
      return toInfo(open);
    },
    mergePreview: async ({ project, from }) => {
      const open = projects.get(project);
      const file = await copyFile(from);
      try {
        const { added, changed, removed, newImages, conflicts } = open.store.previewMerge(file);
        return { added, changed, removed, newImages, conflicts: conflicts.map((c) => toMergeConflict(open, c)) };
      } catch (error) {
        throw fromFileError(error, file);
      }
    },
    merge: async ({ project, from, choices: chosen, conflicts: otherwise }) => {
      const open = projects.get(project);
      const file = await copyFile(from);
      try {
        const choices = new Map(Object.entries(chosen));
        const plan = open.store.merge(open.person, file, { choices, otherwise });
        const { added, changed, removed, newImages, conflicts } = plan;
        for (const what of ['labels', 'classes', 'images'] as const) open.changed(what);
        return { added, changed, removed, newImages, conflicts: conflicts.length };
      } catch (error) {
        throw fromFileError(error, file);
      }
    },
  };
}
