// Finds what describes a YOLO dataset: data.yaml, darknet's obj.names with lists, or classes.txt.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { FAILSAFE_SCHEMA, YAMLException, load } from 'js-yaml';
import { saying } from '../../shared/errors.ts';
import { readText, tryParse } from './annotationFiles.ts';
import { namesOfLines } from './classNames.ts';
import { withoutExtension } from './folderFiles.ts';
import type { FolderFiles } from './folderFiles.ts';
import { isSplitName } from './imageIndex.ts';
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

/** Parses YAML with every scalar as text, so that a class called `no` or `12` stays what it is. Error: `annotation-invalid` with line. */
export function parseYaml(text: string, file: string): unknown {
  try {
    return load(text, { schema: FAILSAFE_SCHEMA });
  } catch (error) {
    const line = error instanceof YAMLException && error.mark ? `, line ${error.mark.line + 1}` : '';
    const reason = error instanceof YAMLException ? error.reason : String(error);
    throw saying('annotation-invalid', 'annotation.yaml', { file: `${file}${line}`, detail: reason }, error);
  }
}

/** The dataset's description; damaged files are reported and passed over. */
export async function readYoloConfig(files: FolderFiles, report: Report): Promise<YoloConfig> {
  for (const file of files.others.filter(isYaml)) {
    const config = await fromYaml(file, files, report);
    if (config) return config;
  }
  return fromLists(files);
}

async function fromYaml(file: string, files: FolderFiles, report: Report): Promise<YoloConfig | null> {
  const text = await readText(file, report);
  const data = text === null ? null : tryParse(file, report, () => parseYaml(text, file));
  if (!isRecord(data) || !('names' in data)) return null;
  const root = yamlRoot(file, data, files);
  const splits = new Map<string, string[]>();
  for (const [key, value] of Object.entries(data)) {
    const entries = (Array.isArray(value) ? value : [value]).filter(
      (v): v is string => typeof v === 'string' && v !== '',
    );
    const isList = entries.length > 0 && entries.every((entry) => entry.endsWith('.txt'));
    if (entries.length > 0 && (isSplitName(key) || isList))
      splits.set(
        key,
        entries.map((entry) => resolveEntry(entry, root, path.dirname(file), files)),
      );
  }
  return { file, names: namesOf(data['names']), splits, pose: 'kpt_shape' in data };
}

function namesOf(value: unknown): string[] | null {
  if (Array.isArray(value)) return value.map(String);
  if (!isRecord(value)) return null;
  const names: string[] = [];
  for (const [key, name] of Object.entries(value)) if (/^\d{1,6}$/.test(key)) names[Number(key)] = String(name);
  return Array.from(names, (name, i) => (name as string | undefined) ?? `class ${i}`);
}

/** `path:` as far as it exists here (it is often somebody else's disk), else the folder of the file. */
function yamlRoot(file: string, data: Yaml, files: FolderFiles): string {
  const own = path.dirname(file);
  if (typeof data['path'] !== 'string') return own;
  const root = path.resolve(own, data['path']);
  return files.images.concat(files.others).some((f) => f.startsWith(root + path.sep)) ? root : own;
}

/** Roboflow writes `../train/images` where `train/images` is meant; other entries may begin with somebody else's folders. */
function resolveEntry(entry: string, root: string, own: string, files: FolderFiles): string {
  const all = [...files.others, ...files.images];
  const exists = (full: string) => all.some((file) => file === full || file.startsWith(full + path.sep));
  const parts = entry
    .replaceAll('\\', '/')
    .split('/')
    .filter((part) => part !== '' && part !== '.');
  const candidates = [path.resolve(root, entry), path.resolve(own, entry)];
  for (let skip = 0; skip < parts.length; skip++)
    candidates.push(path.resolve(root, ...parts.slice(skip)), path.resolve(own, ...parts.slice(skip)));
  return candidates.find(exists) ?? candidates[0]!;
}

async function fromLists(files: FolderFiles): Promise<YoloConfig> {
  const namesFile =
    files.others.find((file) => /^(classes|labels)\.txt$/i.test(path.basename(file))) ??
    files.others.find((file) => file.endsWith('.names'));
  const splits = new Map<string, string[]>();
  for (const file of files.others) {
    const stem = withoutExtension(path.basename(file));
    if (file.endsWith('.txt') && isSplitName(stem) && path.dirname(file) === files.folder) splits.set(stem, [file]);
  }
  const names = namesFile === undefined ? null : namesOfLines(await readFile(namesFile, 'utf8').catch(() => ''));
  return { file: namesFile ?? '', names: names && names.length > 0 ? names : null, splits, pose: false };
}
