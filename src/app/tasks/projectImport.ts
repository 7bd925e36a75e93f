// Labels on disk into a project: pictures that are new, then the annotations, and what was lost on the way.
import path from 'node:path';
import type { FormatName, ReadOptions } from '../../core/dataset/adapter.ts';
import type { DatasetStream } from '../../core/dataset/datasetStream.ts';
import { listFolder } from '../../core/dataset/folderFiles.ts';
import { detectFormats, streamDataset } from '../../core/dataset/openDataset.ts';
import { readImageInfo } from '../../core/image/source.ts';
import type { ImportResult } from '../../core/store/importLabels.ts';
import { sideFolder } from '../../core/store/location.ts';
import type { Project } from '../../core/store/project.ts';
import type { ScanResult } from '../../core/store/scan.ts';
import type { FactsOf } from '../../core/store/types.ts';
import { StudioError } from '../../shared/errors.ts';
import type { LabelledImage } from '../../shared/labels.ts';
import { lossOf, type Loss, type LossReport } from '../../shared/lossReport.ts';
import { inEnglish, said } from '../../shared/said.ts';
import { keepInProject } from './findings.ts';
import { actorOf, factsUnder, withProject, type ProjectTaskOptions } from './projectAccess.ts';

/** Where annotations are, and how to read them. */
export interface AnnotationSource {
  /** Folder of the dataset. */
  folder: string;
  /** Default: found out. */
  format?: FormatName | undefined;
  /** Folder of the annotation files, where it isn't inside `folder`. */
  annotations?: string | undefined;
}

/** How an import looks at picture files, and who does it: by default in this process, and the person at this machine. */
export interface ImportOptions extends ProjectTaskOptions {
  who?: string;
  facts?: FactsOf;
  readSize?: ReadOptions['readSize'];
}

/** What an import did: the loss report of reading, and the store's own counts. */
export interface ImportOutcome {
  report: LossReport;
  /** File with all losses; null without any. */
  findingsFile: string | null;
  added: Omit<ImportResult, 'unreadable' | 'unplaced'>;
}

/** A format that annotations in a folder look like, and by what. */
export interface FoundFormat {
  format: FormatName;
  looksFor: string;
}

/** The formats that a folder's annotations look like, the likeliest first. */
export async function findAnnotations({ folder, annotations }: AnnotationSource): Promise<FoundFormat[]> {
  const found = await detectFormats(await listFolder(folder, annotations === undefined ? {} : { annotations }));
  return found.map(({ name, looksFor }) => ({ format: name, looksFor: inEnglish(looksFor) }));
}

/** Annotations of a folder, and what format they are in. */
export type OpenedAnnotations = DatasetStream & { format: FormatName };

/** Reads annotations about the images under `root`, before anything is written. @throws as streamDataset */
export function readAnnotations(
  source: AnnotationSource,
  root: string,
  { signal, onProgress, readSize = (file) => readImageInfo(file) }: ImportOptions,
): Promise<OpenedAnnotations> {
  const { folder, format, annotations } = source;
  return streamDataset(folder, {
    ...(format === undefined ? {} : { format }),
    ...(annotations === undefined ? {} : { annotations }),
    ...(signal ? { signal } : {}),
    images: root,
    readSize,
    onProgress: ({ done, total }) => onProgress?.('annotations', done, total),
  });
}

/** Looks for new, moved, changed and missing pictures. */
export function scanImages(project: Project, { signal, onProgress }: ProjectTaskOptions): Promise<ScanResult> {
  return project.scan(factsUnder(project.root), {
    ...(signal ? { signal } : {}),
    onProgress: (done, total) => onProgress?.('pictures', done, total),
  });
}

/** Puts annotations that were read into the project, as one step for undo. */
export async function saveAnnotations(
  project: Project,
  opened: OpenedAnnotations,
  source: AnnotationSource,
  { signal, onProgress, who, facts = factsUnder(project.root) }: ImportOptions,
): Promise<ImportOutcome> {
  const name = path.basename(path.resolve(source.annotations ?? source.folder));
  const outside: Loss[] = [];
  const { classes, colours, count } = opened;
  const images = inside(opened, project.root, outside);
  const { unreadable, unplaced, ...added } = await project.import(
    { classes, ...(colours ? { colours } : {}), imageRoot: project.root, images, count },
    {
      actor: { ...actorOf('import', `${opened.format} ${name}`), ...(who === undefined ? {} : { who }) },
      facts,
      label: name,
      ...(signal ? { signal } : {}),
      onProgress: (done, total) => onProgress?.('labels', done, total),
    },
  );
  const unread = unreadable.map(({ file, reason, said: by }): Loss => ({ file, kind: 'unreadable', reason, said: by }));
  const report = opened.report();
  const losses = [...report.losses, ...outside, ...unread, ...splitLosses(unplaced)];
  const findingsFile = await keepInProject(sideFolder(project.file), losses);
  return { report: { ...report, images: added.images, losses }, findingsFile, added };
}

/** What the project's three splits couldn't take. */
function splitLosses(unplaced: ReadonlyMap<string, number>): Loss[] {
  return [...unplaced].map(([lists, count]) => lossOf(lists, 'split-lost', said('loss.splitUnplaced', { count })));
}

/** The images under their paths in the project; those that lie elsewhere are lost, with the reason. */
async function* inside(
  { imageRoot, images }: DatasetStream,
  root: string,
  losses: Loss[],
): AsyncGenerator<LabelledImage> {
  for await (const image of images) {
    const relative = path.relative(root, path.resolve(imageRoot, image.path));
    if (!relative.startsWith('..') && !path.isAbsolute(relative))
      yield { ...image, path: relative.split(path.sep).join('/') };
    else losses.push(lossOf(image.path, 'missing-image', said('loss.outsideRoot', { root })));
  }
}

/**
 * Brings a project up to date with its folder, and takes in annotations from there or from another folder.
 * @param source null to look into the project's own folder, which may have none
 * @throws StudioError project-locked, dataset-format-unknown, dataset-empty, annotation-invalid, file errors, cancelled
 */
export function importTask(
  target: string,
  source: Partial<AnnotationSource>,
  options: ProjectTaskOptions = {},
): Promise<{ scan: ScanResult; imported: ImportOutcome | null }> {
  return withProject(target, 'write', async (project) => {
    const full = { ...source, folder: source.folder ?? project.root };
    const wanted = source.folder !== undefined || source.format !== undefined || source.annotations !== undefined;
    const found = wanted || (await findAnnotations(full)).length > 0;
    const opened = found ? await readAnnotations(full, project.root, options) : null;
    const scan = await scanImages(project, options);
    return { scan, imported: opened && (await saveAnnotations(project, opened, full, options)) };
  });
}

/** The one thing that can't be made up: pictures. @throws StudioError dataset-empty */
export function requirePictures(folder: string, count: number): void {
  if (count > 0) return;
  throw new StudioError(
    'dataset-empty',
    `${folder} has no pictures, also not in its sub-folders. Name the folder with the pictures to label.`,
  );
}
