// The list of recent projects, one JSON file in the program's data folder, replaced as a whole.
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import path from 'node:path';
import { fromFileError } from '../../shared/errors.ts';

/** One line of the list. */
export interface RecentProject {
  /** Absolute path of the images' folder. */
  folder: string;
  name: string;
  images: number;
  labelled: number;
  boxes: number;
  /** Milliseconds since 1970. */
  openedAt: number;
  /** Image whose thumbnail stands for the project. */
  cover: number | null;
}

const most = 50;
const fileIn = (dataFolder: string): string => path.join(dataFolder, 'recent.json');

/** Recent projects, last opened first, and whether each folder is there now. A list that can't be read is an empty one. */
export function listRecents(dataFolder: string): (RecentProject & { exists: boolean })[] {
  return read(dataFolder).map((entry) => ({ ...entry, exists: existsSync(entry.folder) }));
}

function read(dataFolder: string): RecentProject[] {
  try {
    const value: unknown = JSON.parse(readFileSync(fileIn(dataFolder), 'utf8'));
    return Array.isArray(value) ? value.filter(isEntry) : [];
  } catch {
    return []; // absent or damaged: the list is a convenience, the projects are elsewhere
  }
}

const isEntry = (value: unknown): value is RecentProject =>
  typeof value === 'object' &&
  value !== null &&
  'folder' in value &&
  typeof value.folder === 'string' &&
  'name' in value &&
  typeof value.name === 'string';

/** Puts a project first. @throws StudioError disk-full, file-permission */
export function rememberRecent(dataFolder: string, entry: RecentProject): void {
  write(dataFolder, [entry, ...read(dataFolder).filter((e) => e.folder !== entry.folder)].slice(0, most));
}

/** Takes a project off the list; its files stay. */
export function forgetRecent(dataFolder: string, folder: string): void {
  write(
    dataFolder,
    read(dataFolder).filter((e) => e.folder !== folder),
  );
}

function write(dataFolder: string, entries: readonly RecentProject[]): void {
  const file = fileIn(dataFolder);
  const partial = `${file}.part`;
  try {
    mkdirSync(dataFolder, { recursive: true, mode: 0o700 });
    const handle = openSync(partial, 'w', 0o600);
    try {
      writeSync(handle, JSON.stringify(entries, null, 2));
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    renameSync(partial, file);
  } catch (error) {
    throw fromFileError(error, file);
  }
}
