// Gives every label its image: by its path, and where folders were renamed or moved only if all labels of the dataset agree on it.
import path from 'node:path';
import { fileName } from '../../shared/fileName.ts';
import { said, type Said } from '../../shared/said.ts';
import { fileKey } from './fileKey.ts';
import type { Candidates, ImageIndex, Reference } from './imageIndex.ts';
import type { Report } from './report.ts';

/** The image that a reference means: `file`; or nothing but `among`, the files that it could mean, none when it is missing. */
export interface Place {
  file: string | undefined;
  among: string[];
}

/** A file that a reference may mean, before it is compared with what the others mean. */
interface Claim extends Candidates {
  file: string;
  name: string;
}

/**
 * Finds the image of every reference. Pass all references of a dataset at once: whether `vidA/1.jpg` may be the only `1.jpg` that there
 * is, `vidB/1.jpg`, depends on what the others name. A reference is one or several ways to name the image, the surest first.
 *
 * A path that leads to a file means it. A path that agrees with one only in its end (somebody else's folders in front, a folder that
 * was renamed or moved) is believed when no folder of its name is there, all paths of its folder lead to one folder, and no other path
 * names that folder, or that file as well. Each renamed folder goes to the report as `guessed`. Otherwise the image is missing; another folder's image
 * of the same name is never taken for it.
 */
export function place(references: readonly (readonly Reference[])[], index: ImageIndex, report: Report): Place[] {
  const found = references.map((ways) => likeliest(ways, index));
  const agreed = new Agreement(
    found.map(({ claim }) => claim).filter((claim) => claim !== null),
    index,
  );
  const told = new Set<string>();
  return found.map(({ claim, among }) => {
    if (!claim) return { file: undefined, among };
    if (!agreed.has(claim)) return { file: undefined, among: [] };
    tell(claim, index, report, told);
    return { file: claim.file, among: [] };
  });
}

/** Reports folders and endings that a label calls otherwise than they are, each once. */
function tell(claim: Claim, index: ImageIndex, report: Report, told: Set<string>): void {
  const { folder: from, file, name, ending } = claim;
  const to = index.relative(path.dirname(file)) || '.';
  const once = `${from}\0${to}`;
  if (isRenamed(claim, index) && !told.has(once)) {
    told.add(once);
    report.lose(from, 'guessed', said('loss.folderRenamed', { from, to }));
  }
  const isOther = ending !== '' && fileKey(path.extname(file)) !== fileKey(ending);
  if (isOther)
    report.lose(
      file,
      'guessed',
      said('loss.otherEnding', { name: fileName(name) + (name.endsWith(ending) ? '' : ending) }),
    );
}

/** Why the image of a label wasn't found: a sentence for `ambiguous`, or null when it is just missing. */
export function ambiguity({ among }: Place, index: ImageIndex): Said | null {
  const [one, other] = among;
  if (one === undefined || other === undefined) return null;
  const [first, second] = [index.relative(one), index.relative(other)];
  return said('loss.ambiguous', { first, second, count: among.length });
}

/** The best of the ways to name an image: one that agrees whole, else the first that finds something. */
function likeliest(ways: readonly Reference[], index: ImageIndex): { claim: Claim | null; among: string[] } {
  let best: { claim: Claim | null; among: string[] } = { claim: null, among: [] };
  for (const { name, ...way } of ways) {
    const found = settled(index.candidates({ name, ...way }), index);
    const [file, other] = found.files;
    const claim = file !== undefined && other === undefined ? { ...found, file, name } : null;
    if (claim?.whole) return { claim, among: [] };
    if (!best.claim && best.among.length === 0) best = { claim, among: claim ? [] : found.files };
  }
  return best;
}

/** Files of another folder don't count while the folder that the reference names is there; files deeper in that folder do. */
function settled(found: Candidates, index: ImageIndex): Candidates {
  if (found.whole || found.folder === '' || found.depth > 1) return found;
  const deeper = found.files.filter((file) => isDeeper(found, file, index));
  if (deeper.length > 0) return { ...found, files: deeper };
  return index.hasFolder(fileName(found.folder)) ? { ...found, files: [] } : found;
}

/** Whether a file lies in a folder of the name that the reference gives, if not right in it. */
const isDeeper = ({ folder, depth }: Candidates, file: string, index: ImageIndex): boolean =>
  depth === 1 &&
  index
    .foldersOf(file)
    .map(fileKey)
    .includes(fileKey(fileName(folder)));

/** Whether a folder of the dataset is called otherwise than the label has it; somebody else's folders around the dataset are no news. */
function isRenamed(claim: Claim, index: ImageIndex): boolean {
  const { whole, folder, depth, file } = claim;
  if (whole || folder === '' || isDeeper(claim, file, index)) return false;
  return index.foldersOf(file).length >= depth;
}

/** How sure a claim is: the more of the path agrees, the surer. */
const rankOf = ({ exact, depth }: Claim): number => (exact ? Infinity : depth);

/** What all references together say of folders and files. */
class Agreement {
  readonly #index: ImageIndex;
  /** By present folder: the folders that references call it by. */
  readonly #names = new Map<string, Set<string>>();
  /** By folder as written: the present folders that its references lead to, and those that they lead to exactly. */
  readonly #targets = new Map<string, Set<string>>();
  readonly #exact = new Map<string, Set<string>>();
  /** By file that somebody guessed: the surest reference to it from each folder. */
  readonly #claims = new Map<string, Map<string, number>>();

  constructor(claims: readonly Claim[], index: ImageIndex) {
    this.#index = index;
    for (const { file, exact } of claims) if (!exact) this.#claims.set(file, new Map());
    if (this.#claims.size === 0) return;
    for (const claim of claims) {
      const { folder, file, whole, exact } = claim;
      const at = path.dirname(file);
      put(this.#targets, folder, at);
      if (whole) put(this.#names, at, folder);
      if (exact) put(this.#exact, folder, at);
      const rivals = this.#claims.get(file);
      rivals?.set(folder, Math.max(rankOf(claim), rivals.get(folder) ?? 0));
    }
  }

  /** Whether nothing speaks against a reference's file. */
  has(claim: Claim): boolean {
    const { folder, file, whole, exact } = claim;
    if (exact) return true;
    if ([...this.#claims.get(file)!].some(([other, rank]) => isRival(claim, other, rank))) return false;
    if (folder === '' || isDeeper(claim, file, this.#index)) return true;
    const at = path.dirname(file);
    if (whole) return !this.#exact.has(folder) || this.#exact.get(folder)!.has(at);
    const names = [...(this.#names.get(at) ?? [])];
    return names.every((other) => isSameFolder(other, folder)) && this.#targets.get(folder)!.size === 1;
  }
}

/** Whether a reference from another folder has as good a claim on a file, or a better one. */
function isRival(claim: Claim, other: string, rank: number): boolean {
  if (fileKey(other) === fileKey(claim.folder)) return false;
  return rank > rankOf(claim) || (rank === rankOf(claim) && !isSameFolder(other, claim.folder));
}

function put(map: Map<string, Set<string>>, key: string, value: string): void {
  const there = map.get(key);
  if (there) there.add(value);
  else map.set(key, new Set([value]));
}

/** Whether two folders as written can be one: the longer ends in the shorter. A bare name has no folder, and contradicts none. */
function isSameFolder(a: string, b: string): boolean {
  const [long, short] = [a, b].map((folder) => `/${fileKey(folder)}`).sort((x, y) => y.length - x.length);
  return short === '/' || long!.endsWith(short!);
}
