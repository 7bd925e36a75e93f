// A project at a glance: counts, classes, splits, what it takes on disk, backups, who has it open, pictures that are the same.
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Backup } from '../../core/store/backups.ts';
import type { DuplicateGroup } from '../../core/store/duplicates.ts';
import type { ProjectCounts } from '../../core/store/images.ts';
import { sideFolder } from '../../core/store/location.ts';
import type { Holder } from '../../core/store/lock.ts';
import type { Project } from '../../core/store/project.ts';
import type { SplitShares } from '../../shared/splits.ts';
import { finishedStatuses } from '../../shared/labels.ts';
import { withProject } from './projectAccess.ts';

/** Images of a split, and how many of them are labelled. */
export interface SplitCount {
  /** `none`: not dealt yet, the file hasn't been read. */
  split: 'train' | 'val' | 'test' | 'none';
  images: number;
  labelled: number;
}

/** Pictures that are the same or nearly. */
export interface Duplicates {
  /** Groups of equal files. */
  exact: number;
  /** Groups of pictures that look alike. */
  near: number;
  /** Those that lie in more than one split, which flatters every evaluation; with the images' paths. */
  acrossSplits: { kind: 'exact' | 'near'; images: string[] }[];
}

/** A project at a glance. */
export interface ProjectSummary {
  name: string;
  file: string;
  root: string;
  /** Number of the newest change. */
  snapshot: number;
  counts: ProjectCounts;
  classes: { name: string; color: string; boxes: number; images: number }[];
  splits: SplitCount[];
  shares: SplitShares;
  /** Bytes on disk: the project file with its log; the hidden folder beside it (backups, thumbnails, runs). */
  bytes: { project: number; beside: number };
  /** Newest first. */
  backups: Backup[];
  /** Null when nobody else has it open. */
  holder: Holder | null;
  notices: readonly string[];
  duplicates: Duplicates;
}

/** Sums a project up; nothing in it changes. @throws StudioError as withProject */
export function infoTask(target: string): Promise<ProjectSummary> {
  return withProject(target, 'read', async (project) => {
    const { name, file, root, snapshot, shares, holder, notices } = project;
    return {
      ...{ name, file, root, snapshot, shares, holder, notices },
      counts: project.counts(),
      classes: project.classes().map((c) => ({ name: c.name, color: c.color, boxes: c.boxes, images: c.images })),
      splits: splitCounts(project),
      bytes: await sizeOnDisk(file),
      backups: project.backups(),
      duplicates: duplicatesOf(project),
    };
  });
}

function splitCounts({ find }: Project): SplitCount[] {
  return (['train', 'val', 'test', 'none'] as const).map((split) => {
    const splits = [split === 'none' ? null : split];
    const labelled = find.ids({ splits, statuses: finishedStatuses }).length;
    return { split, images: find.ids({ splits }).length, labelled };
  });
}

async function sizeOnDisk(file: string): Promise<ProjectSummary['bytes']> {
  const [main, log] = await Promise.all([sizeOf(file), sizeOf(`${file}-wal`)]);
  return { project: main + log, beside: await folderSize(sideFolder(file)) };
}

const sizeOf = async (file: string): Promise<number> => (await stat(file).catch(() => null))?.size ?? 0; // it may go while we look

async function folderSize(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []); // no folder takes nothing
  const sizes = entries.filter((e) => e.isFile()).map((e) => sizeOf(path.join(e.parentPath, e.name)));
  return (await Promise.all(sizes)).reduce((sum, bytes) => sum + bytes, 0);
}

function duplicatesOf(project: Project): Duplicates {
  const exact = project.exactDuplicates();
  const equal = new Set(exact.map(({ images }) => images.join()));
  const near = project.nearDuplicates().filter(({ images }) => !equal.has(images.join()));
  const across = [...exact, ...near].filter((group) => group.acrossSplits);
  return {
    exact: exact.length,
    near: near.length,
    acrossSplits: across.map((group) => ({ kind: group.kind, images: pathsOf(project, group) })),
  };
}

const pathsOf = (project: Project, { images }: DuplicateGroup): string[] =>
  project.images(images).map((image) => image.path);
