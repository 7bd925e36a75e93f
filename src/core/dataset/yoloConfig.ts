// Finds what describes a YOLO dataset: data.yaml, darknet's obj.names with lists, or classes.txt.
import path from 'node:path';
import { FAILSAFE_SCHEMA, YAMLException, load } from 'js-yaml';
import { saying } from '../../shared/errors.ts';
import { readText, tryParse } from './annotationFiles.ts';
import { namesOfLines } from './classNames.ts';
import { withoutExtension } from './folderFiles.ts';
import type { FolderFiles } from './folderFiles.ts';
import { isSplitName } from './imageIndex.ts';
import { checkClassCount, checkClassName, maxDepth, maxPathParts, tooDeep } from './limits.ts';
import type { Report } from './report.ts';

/** What a YOLO dataset says of itself. */
export interface YoloConfig {
  /** The file it came from, for messages; '' when there is none. */
  file: string;
  /** Null when no file names the classes. */
  names: string[] | null;
  /** Splits and where their images are: folders, lists (.txt) or single images, absolute. */
  splits: Map<string, string[]>;
  /** Whether keypoints follow each box. */
  pose: boolean;
}

type Yaml = Record<string, unknown>;

const isYaml = (file: string) => /\.ya?ml$/i.test(file);
const isRecord = (value: unknown): value is Yaml =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Parses YAML with every scalar as text, so that a class called `no` or `12` stays what it is. Aliases (`*name`) are refused: a few of them
 * within each other stand for gigabytes. Error: `annotation-invalid` with line.
 */
export function parseYaml(text: string, file: string): unknown {
  try {
    return load(text, { schema: FAILSAFE_SCHEMA, maxDepth, maxAliases: 0 });
  } catch (error) {
    const line = error instanceof YAMLException && error.mark ? `, line ${error.mark.line + 1}` : '';
    const reason = error instanceof YAMLException ? error.reason : String(error);
    const place = `${file}${line}`;
    if (reason.includes('maxAliases')) throw saying('annotation-invalid', 'annotation.alias', { file: place }, error);
    if (reason.includes('maxDepth')) throw tooDeep(place, error);
    throw saying('annotation-invalid', 'annotation.yaml', { file: place, detail: reason }, error);
  }
}

/** The dataset's description; damaged files are reported and passed over. */
export async function readYoloConfig(files: FolderFiles, report: Report): Promise<YoloConfig> {
  for (const file of files.others.filter(isYaml)) {
    const config = await fromYaml(file, files, report);
    if (config) return config;
  }
  return fromLists(files, report);
}

async function fromYaml(file: string, files: FolderFiles, report: Report): Promise<YoloConfig | null> {
  const text = await readText(file, report);
  const data = text === null ? null : tryParse(file, report, () => parseYaml(text, file));
  if (!isRecord(data) || !('names' in data)) return null;
  const places = placesOf(files);
  const root = yamlRoot(file, data, places);
  const splits = new Map<string, string[]>();
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
  return { file, names: namesOf(data['names'], file), splits, pose: 'kpt_shape' in data };
}

function namesOf(value: unknown, file: string): string[] | null {
  if (Array.isArray(value)) return checked(value.map(String), file);
  if (!isRecord(value)) return null;
  const names: string[] = [];
  for (const [key, name] of Object.entries(value)) {
    if (!/^\d+$/.test(key)) continue;
    checkClassCount(Number(key) + 1, file);
    names[Number(key)] = String(name);
  }
  checked(names, file);
  return Array.from(names, (name, i) => (name as string | undefined) ?? `class ${i}`);
}

/** The names, when they are ones. Error: `annotation-invalid`. */
function checked(names: string[], file: string): string[] {
  checkClassCount(names.length, file);
  names.forEach((name) => checkClassName(name, file));
  return names;
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
function resolveEntry(entry: string, root: string, own: string, places: ReadonlySet<string>): string {
  const parts = entry
    .replaceAll('\\', '/')
    .split('/')
    .filter((part) => part !== '' && part !== '.');
  const candidates = [path.resolve(root, entry), path.resolve(own, entry)];
  for (let skip = 0; skip < parts.length && parts.length <= maxPathParts; skip++)
    candidates.push(path.resolve(root, ...parts.slice(skip)), path.resolve(own, ...parts.slice(skip)));
  return candidates.find((place) => places.has(place)) ?? candidates[0]!;
}

async function fromLists(files: FolderFiles, report: Report): Promise<YoloConfig> {
  const namesFile =
    files.others.find((file) => /^(classes|labels)\.txt$/i.test(path.basename(file))) ??
    files.others.find((file) => file.endsWith('.names'));
  const splits = new Map<string, string[]>();
  for (const file of files.others) {
    const stem = withoutExtension(path.basename(file));
    if (file.endsWith('.txt') && isSplitName(stem) && path.dirname(file) === files.folder) splits.set(stem, [file]);
  }
  const text = namesFile === undefined ? null : await readText(namesFile, report);
  const names = text === null ? null : checked(namesOfLines(text), namesFile!);
  return { file: namesFile ?? '', names: names && names.length > 0 ? names : null, splits, pose: false };
}
