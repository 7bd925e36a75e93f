// A project made in the folder of its images: pictures read, annotations found beside them taken in when asked.
import { stat } from 'node:fs/promises';
import { StudioError, fromFileError } from '../../shared/errors.ts';
import { Project } from '../../core/store/project.ts';
import { requireInput } from '../../core/files/outputMarker.ts';
import { findImageFiles, type ScanResult } from '../../core/store/scan.ts';
import { dataFolder } from '../host/folders.ts';
import { asCancelled, projectFileOf, type ProjectTaskOptions } from './projectAccess.ts';
import {
  findAnnotations,
  readAnnotations,
  requirePictures,
  saveAnnotations,
  scanImages,
  type AnnotationSource,
  type FoundFormat,
  type ImportOutcome,
} from './projectImport.ts';

/** What to make. */
export interface CreateRequest extends AnnotationSource {
  /** Default: the folder's name. */
  name?: string | undefined;
  /** Take in the annotations; a format or a folder of annotations says so too. */
  import: boolean;
}

/** The project that was made. */
export interface CreateOutcome {
  file: string;
  root: string;
  name: string;
  scan: ScanResult;
  /** What annotations are there, the likeliest format first. */
  found: FoundFormat[];
  /** Null when nothing was to be imported. */
  imported: ImportOutcome | null;
}

/**
 * Makes a project. Annotations are read before anything is written: when they can't be, no project is left behind.
 * @throws StudioError argument-invalid when there is one already, dataset-empty, dataset-format-unknown, annotation-invalid, file errors
 */
export async function createTask(request: CreateRequest, options: ProjectTaskOptions = {}): Promise<CreateOutcome> {
  const { folder } = request;
  await requireNew(folder);
  await requireInput(folder);
  const { files } = await findImageFiles(folder, options.signal).catch(notMade);
  requirePictures(folder, files.length);
  const wanted = request.import || request.format !== undefined || request.annotations !== undefined;
  const opened = wanted ? await readAnnotations(request, folder, options).catch(notMade) : null;
  const found = opened ? [] : await findAnnotations(request);
  const name = request.name === undefined ? {} : { name: request.name };
  const project = Project.create(folder, { ...name, dataFolder: dataFolder(), backupMinutes: 0 });
  try {
    const scan = await scanImages(project, options);
    const imported = opened && (await saveAnnotations(project, opened, request, options));
    return { file: project.file, root: project.root, name: project.name, scan, found, imported };
  } catch (error) {
    const command = `"ttfnet-studio project import ${folder}"`;
    throw asCancelled(error, `Stopped. The project is made, with what was read so far; finish it with ${command}.`);
  } finally {
    await project.close();
  }
}

function notMade(error: unknown): never {
  throw asCancelled(error, 'Stopped. No project was made.');
}

async function requireNew(folder: string): Promise<void> {
  const info = await stat(folder).catch((error: unknown) => {
    throw fromFileError(error, folder);
  });
  if (!info.isDirectory())
    throw new StudioError('argument-invalid', `${folder} is a file. Name the folder with the pictures to label.`);
  const there = projectFileOf(folder);
  if (there === null) return;
  throw new StudioError(
    'argument-invalid',
    `${folder} has a project already (${there}). Look at it with "ttfnet-studio project info ${folder}", or take in new pictures and labels with "ttfnet-studio project import ${folder}".`,
  );
}
