// Finds what describes a YOLO dataset: every data.yaml, darknet's obj.names, classes.txt, and the lists of images.
import path from 'node:path';
import { said } from '../../shared/said.ts';
import { readText, tryParse } from './annotationFiles.ts';
import { withoutExtension } from './folderFiles.ts';
import type { FolderFiles } from './folderFiles.ts';
import { isSplitName } from './imageIndex.ts';
import { checkClassCount, checkClassName, maxPathParts } from './limits.ts';
import type { Report } from './report.ts';
import { parseYaml } from './yaml.ts';

/** Class names by id; an id that the file passes over has none. */
export type NamesById = readonly (string | undefined)[];

/** Where images of a split are: a folder, a list (.txt) or a single image. */
export interface SplitPlace {
  /** Absolute. */
  at: string;
  /** As the dataset's file writes it. */
  written: string;
  /** Whether it is in the dataset. */
  isHere: boolean;
}

/** A file that names classes, and what else it says. */
export interface YoloSource {
  file: string;
  names: NamesById;
  /** Splits and where their images are. */
  splits: ReadonlyMap<string, readonly SplitPlace[]>;
  /** Numbers of the keypoints behind each box; 0 for none. */
  keypoints: number;
  /** A data.yaml some of whose images are here (2) or that names none (1); a plain list (1); a data.yaml of images elsewhere (0). */
  fit: 0 | 1 | 2;
  isYaml: boolean;
}

/** All that describes the dataset. */
export interface YoloConfig {
  sources: YoloSource[];
  /** Lists named after splits in the dataset's folder: they count where no data.yaml is used. */
  lists: ReadonlyMap<string, readonly SplitPlace[]>;
}

type Yaml = Record<string, unknown>;

const isYaml = (file: string) => /\.ya?ml$/i.test(file);
const isClassList = (file: string) => /^(classes|labels)\.txt$|\.names$/i.test(path.basename(file));
const isRecord = (value: unknown): value is Yaml =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The dataset's descriptions, in the order of their paths; damaged files are reported and passed over. */
export async function readYoloConfig(files: FolderFiles, report: Report): Promise<YoloConfig> {
  const places = placesOf(files);
  const sources: YoloSource[] = [];
  for (const file of files.others) {
    const source = isYaml(file)
      ? await fromYaml(file, places, report)
      : isClassList(file)
        ? await fromList(file, report)
        : null;
    if (source) sources.push(source);
  }
  return { sources, lists: listsOf(files) };
}

async function fromYaml(file: string, places: ReadonlySet<string>, report: Report): Promise<YoloSource | null> {
  const text = await readText(file, report);
  const data = text === null ? null : tryParse(file, report, () => parseYaml(text, file));
  const names = isRecord(data) ? namesOf(data['names'], file) : null;
  if (!isRecord(data) || !names) return null;
  const count = Number(data['nc']);
  if (Number.isInteger(count) && count !== names.length)
    report.lose(file, 'conflict', said('loss.yoloCount', { declared: count, named: names.length }));
  const splits = splitsOf(data, file, places);
  const entries = [...splits.values()].flat();
  const fit = entries.length === 0 ? 1 : entries.some(({ isHere }) => isHere) ? 2 : 0;
  return { file, names, splits, keypoints: keypointsOf(data['kpt_shape']), fit, isYaml: true };
}

function splitsOf(data: Yaml, file: string, places: ReadonlySet<string>): Map<string, SplitPlace[]> {
  const root = yamlRoot(file, data, places);
  const splits = new Map<string, SplitPlace[]>();
  for (const [key, value] of Object.entries(data)) {
    const entries = (Array.isArray(value) ? value : [value]).filter(
      (v): v is string => typeof v === 'string' && v !== '',
    );
    const isList = entries.length > 0 && entries.every((entry) => entry.endsWith('.txt'));
    if (entries.length > 0 && (isSplitName(key) || isList))
      splits.set(
        key,
        entries.map((entry) => resolveEntry(entry, root, path.dirname(file), places)),
      );
  }
  return splits;
}

function namesOf(value: unknown, file: string): NamesById | null {
  if (Array.isArray(value)) return checked(value.map(String), file);
  if (!isRecord(value)) return null;
  const names: string[] = [];
  for (const [key, name] of Object.entries(value)) {
    if (!/^\d+$/.test(key)) continue;
    checkClassCount(Number(key) + 1, file);
    names[Number(key)] = String(name);
  }
  return checked(Array.from(names), file);
}

/** The names, when they are ones; blank ones as none. Error: `annotation-invalid`. */
function checked(names: (string | undefined)[], file: string): NamesById {
  checkClassCount(names.length, file);
  return names.map((name) => {
    if (name === undefined || name.trim() === '') return undefined;
    checkClassName(name, file);
    return name;
  });
}

/** Numbers behind a box: `kpt_shape: [points, numbers of each]`. */
function keypointsOf(value: unknown): number {
  const [points, numbers] = Array.isArray(value) ? value.map(Number) : [];
  const count = (points ?? 0) * (numbers ?? 0);
  return Number.isInteger(count) && count > 0 ? count : 0;
}

/** One name per line; the number of the line is the id, so a blank line is a class without a name. */
async function fromList(file: string, report: Report): Promise<YoloSource | null> {
  const text = await readText(file, report);
  const names = checked(
    (text ?? '')
      .trimEnd()
      .split(/\r?\n/)
      .map((line) => line.trim()),
    file,
  );
  if (names.every((name) => name === undefined)) return null;
  const blank = names.findIndex((name) => name === undefined);
  if (blank >= 0) report.lose(file, 'guessed', said('loss.yoloBlank', { line: String(blank + 1), id: String(blank) }));
  return { file, names, splits: new Map(), keypoints: 0, fit: 1, isYaml: false };
}

/** Every file and every folder that has one. */
function placesOf({ images, others }: FolderFiles): Set<string> {
  const places = new Set<string>();
  for (const file of images.concat(others)) for (let at = file; !places.has(at); at = path.dirname(at)) places.add(at);
  return places;
}

/** `path:` as far as it exists here (it is often somebody else's disk), else the folder of the file. */
function yamlRoot(file: string, data: Yaml, places: ReadonlySet<string>): string {
  const own = path.dirname(file);
  if (typeof data['path'] !== 'string') return own;
  const root = path.resolve(own, data['path']);
  return places.has(root) ? root : own;
}

/** Roboflow writes `../train/images` where `train/images` is meant; other entries may begin with somebody else's folders. */
function resolveEntry(entry: string, root: string, own: string, places: ReadonlySet<string>): SplitPlace {
  const parts = entry
    .replaceAll('\\', '/')
    .split('/')
    .filter((part) => part !== '' && part !== '.');
  const candidates = [path.resolve(root, entry), path.resolve(own, entry)];
  for (let skip = 0; skip < parts.length && parts.length <= maxPathParts; skip++)
    candidates.push(path.resolve(root, ...parts.slice(skip)), path.resolve(own, ...parts.slice(skip)));
  const here = candidates.find((place) => places.has(place));
  return { at: here ?? candidates[0]!, written: entry, isHere: here !== undefined };
}

function listsOf(files: FolderFiles): Map<string, SplitPlace[]> {
  const lists = new Map<string, SplitPlace[]>();
  for (const file of files.others) {
    const stem = withoutExtension(path.basename(file));
    if (file.endsWith('.txt') && isSplitName(stem) && path.dirname(file) === files.folder)
      lists.set(stem, [{ at: file, written: path.basename(file), isHere: true }]);
  }
  return lists;
}
