// Which label file is whose: the one that mirrors the image's path; by name alone only where no other image could mean it.
import path from 'node:path';
import type { ReadOptions } from './adapter.ts';
import { fileKey } from './fileKey.ts';
import { isInside, withoutExtension } from './folderFiles.ts';
import type { FolderFiles } from './folderFiles.ts';
import type { ImageIndex } from './imageIndex.ts';

/** What was found for an image: its label file; or the one that it would share with `other`, which means that nobody knows whose it is. */
export interface LabelFile {
  file: string;
  other?: string;
}

/** An image's wish for a label file. A lower rank is the better reason. */
interface Claim {
  image: string;
  file: string;
  rank: number;
}

const imageFolder = /^(images?|imgs?|JPEGImages)$/i;

/** The label files of a dataset. */
export class LabelFiles {
  readonly #byKey = new Map<string, string[]>();
  readonly #override: string | null;
  readonly #folder: string;
  /** The images lie elsewhere: then the labels may lie in the dataset's folder itself. */
  readonly #apart: boolean;

  /** @param others text files that hold no labels: class lists, lists of images */
  constructor(files: FolderFiles, options: ReadOptions, others: ReadonlySet<string>) {
    for (const file of files.others) {
      if (!/\.txt$/i.test(file) || others.has(file)) continue;
      const key = fileKey(withoutExtension(file));
      this.#byKey.set(key, [...(this.#byKey.get(key) ?? []), file]);
    }
    this.#override = options.annotations === undefined ? null : path.resolve(options.annotations);
    this.#folder = files.folder;
    this.#apart = options.images !== undefined;
  }

  /**
   * Gives the images their label files; an image that isn't in the answer has none. A file belongs to the images whose paths it mirrors,
   * letter by letter before in another case or normal form; only when there are none, to those of its name. Several equally good ones
   * share it, so none gets it.
   */
  assign(index: ImageIndex): Map<string, LabelFile> {
    const claims = new Map<string, Claim[]>();
    for (const image of index.files) {
      const claim = this.#claim(image, index);
      if (claim) claims.set(claim.file, [...(claims.get(claim.file) ?? []), claim]);
    }
    const found = new Map<string, LabelFile>();
    for (const [file, all] of claims) {
      const best = Math.min(...all.map(({ rank }) => rank));
      const owners = all.filter(({ rank }) => rank === best).map(({ image }) => image);
      for (const owner of owners) {
        const other = owners.find((image) => image !== owner);
        found.set(owner, other === undefined ? { file } : { file, other });
      }
    }
    return found;
  }

  /** Label files that no image wanted: those in a folder of labels. Elsewhere lie readme files and the like. */
  unused(used: ReadonlySet<string>): string[] {
    const isLabel = (file: string) =>
      path.dirname(file).split(path.sep).includes('labels') && isInside(this.#folder, file);
    return [...this.#byKey.values()].flat().filter((file) => isLabel(file) && !used.has(file));
  }

  #claim(image: string, index: ImageIndex): Claim | null {
    const stems = this.#stems(image, index);
    for (const [at, stem] of stems.entries()) {
      const files = this.#byKey.get(fileKey(stem)) ?? [];
      const exact = files.find((file) => withoutExtension(file) === stem);
      const byName = at < stems.length - this.#nameOnly ? 0 : 2;
      if (exact !== undefined) return { image, file: exact, rank: byName };
      if (files[0] !== undefined) return { image, file: files[0], rank: byName + 1 };
    }
    return null;
  }

  /** How many of {@link #stems}, at their end, name the image alone and not its folder. */
  get #nameOnly(): number {
    return this.#override === null && this.#apart ? 2 : 1;
  }

  /**
   * In the given folder; else with an image folder of the path turned to `labels`, the innermost first; beside the image; in labels/ of the
   * dataset's folder, or in that itself. By path first, then by the name alone.
   */
  #stems(image: string, index: ImageIndex): string[] {
    const relative = withoutExtension(index.relative(image));
    const name = path.basename(relative);
    if (this.#override !== null) return [path.join(this.#override, relative), path.join(this.#override, name)];
    const bases = [path.join(this.#folder, 'labels'), ...(this.#apart ? [this.#folder] : [])];
    const byPath = bases.map((base) => path.join(base, relative));
    return [
      ...mirrored(withoutExtension(image)),
      withoutExtension(image),
      ...byPath,
      ...bases.map((base) => path.join(base, name)),
    ];
  }
}

/** The path with one of its image folders called `labels`, the innermost first. */
function mirrored(stem: string): string[] {
  const parts = stem.split(path.sep);
  const folders = parts.slice(0, -1).flatMap((part, at) => (imageFolder.test(part) ? [at] : []));
  return folders.reverse().map((at) => [...parts.slice(0, at), 'labels', ...parts.slice(at + 1)].join(path.sep));
}
