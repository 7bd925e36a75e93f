// The one walk through a person's folder: the same files, links and order for datasets, projects and detection.
import type { Dirent } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { fromFileError, reasonIn, saying, StudioError, toldBy } from '../../shared/errors.ts';
import { said, type Said } from '../../shared/said.ts';
import { naturalKey } from './naturalKey.ts';
import { outputMarker } from './outputMarker.ts';

/** A file that a walk found. */
export interface WalkedFile {
  /** Absolute path. */
  file: string;
  /** Path relative to the walked folder, `/` as separator. */
  path: string;
}

/** Something that a walk left out though a person might expect it, and why. */
export interface PassedOver {
  /** Path relative to the walked folder, `/` as separator; '' for that folder itself. */
  path: string;
  said: Said;
}

/** What a walk found. */
export interface Walked {
  /** In natural order of their paths (`img2` before `img10`). */
  files: WalkedFile[];
  passedOver: PassedOver[];
}

/** How to walk. */
export interface WalkOptions {
  /** Also enter sub-folders; default true. */
  recursive?: boolean;
  signal?: AbortSignal | undefined;
}

const skippedFolders = new Set(['node_modules', '__MACOSX']);

/**
 * Lists the files of a folder. Hidden files and folders are left out. Symbolic links to files and folders are followed; a folder that
 * is reached twice is entered once, by its real path before any link. Left out and told in {@link Walked.passedOver}: sub-folders that
 * can't be entered, sub-folders of this program's own results, links to nothing, and what is neither file nor folder (devices, pipes).
 * @throws file-missing, file-permission, argument-invalid (a file) for the folder itself; cancelled
 */
export async function walkFolder(folder: string, options: WalkOptions = {}): Promise<Walked> {
  const walk = new Walk(path.resolve(folder), options);
  await walk.run();
  return walk.found();
}

class Walk {
  readonly #root: string;
  readonly #options: WalkOptions;
  readonly #files: WalkedFile[] = [];
  readonly #passedOver: PassedOver[] = [];
  readonly #entered = new Set<string>();
  /** Links to folders wait until every folder has been entered by its own name. */
  readonly #links: string[] = [];

  constructor(root: string, options: WalkOptions) {
    this.#root = root;
    this.#options = options;
  }

  async run(): Promise<void> {
    await this.#enter(this.#root);
    for (let link = this.#links.shift(); link !== undefined; link = this.#links.shift()) await this.#enter(link);
  }

  found(): Walked {
    // Names that differ by case alone have one key: their own order must not be that in which the disk lists them.
    const keys = new Map(this.#files.map((file) => [file, `${naturalKey(file.path)}\0${file.path}`]));
    const files = this.#files.sort((a, b) => (keys.get(a)! < keys.get(b)! ? -1 : 1));
    return { files, passedOver: this.#passedOver };
  }

  async #enter(folder: string): Promise<void> {
    for (const open = [folder]; open.length > 0;) {
      this.#checkCancelled();
      const at = open.pop()!;
      const entries = await this.#entriesOf(at);
      for (const entry of entries ?? []) {
        const inner = await this.#take(path.join(at, entry.name), entry);
        if (inner !== null && this.#options.recursive !== false) open.push(inner);
      }
    }
  }

  async #entriesOf(folder: string): Promise<Dirent[] | null> {
    try {
      const real = await realpath(folder);
      if (this.#entered.has(real)) return null;
      this.#entered.add(real);
      const entries = await readdir(folder, { withFileTypes: true });
      const isOutput = folder !== this.#root && entries.some(({ name }) => name === outputMarker);
      if (!isOutput) return entries;
      this.#passOver(folder, said('walk.output', {}));
    } catch (error) {
      if (folder === this.#root) throw notListed(error, folder);
      this.#passOver(folder, said('walk.unreadable', { reason: reasonIn(toldBy(fromFileError(error, folder))) }));
    }
    return null;
  }

  /** Notes a file; a folder to enter now is returned. */
  async #take(full: string, entry: Dirent): Promise<string | null> {
    if (entry.name.startsWith('.') || skippedFolders.has(entry.name)) return null;
    const isLink = entry.isSymbolicLink();
    const kind = isLink ? await stat(full).catch(() => null) : entry;
    if (kind === null) this.#passOver(full, said('walk.deadLink', {}));
    else if (kind.isFile()) this.#files.push({ file: full, path: this.#relative(full) });
    else if (!kind.isDirectory()) this.#passOver(full, said('walk.notFile', {}));
    else if (!isLink) return full;
    else if (this.#options.recursive !== false) this.#links.push(full);
    return null;
  }

  #passOver(full: string, why: Said): void {
    this.#passedOver.push({ path: this.#relative(full), said: why });
  }

  #relative(full: string): string {
    return path.relative(this.#root, full).replaceAll(path.sep, '/');
  }

  #checkCancelled(): void {
    if (this.#options.signal?.aborted) throw new StudioError('cancelled', 'Stopped on request; nothing was changed.');
  }
}

function notListed(error: unknown, folder: string): StudioError {
  const isFile = error instanceof Error && 'code' in error && error.code === 'ENOTDIR';
  if (!isFile) return fromFileError(error, folder);
  return saying('argument-invalid', 'folder.isFile', { folder, parent: path.dirname(folder) }, error);
}
