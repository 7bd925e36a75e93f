// Reads Label Studio's exports JSON and JSON-MIN: a list of tasks, boxes in percent of the image.
import path from 'node:path';
import { z } from 'zod';
import { said } from '../../shared/said.ts';
import type { ReadOptions, ReadResult } from './adapter.ts';
import type { Description } from './described.ts';
import { someHead } from './folderFiles.ts';
import type { FolderFiles } from './folderFiles.ts';
import type { Reference } from './imageIndex.ts';
import { readLists } from './jsonLists.ts';
import { brief } from './limits.ts';
import { readLabelStudioResult } from './labelStudioResult.ts';
import type { Report } from './report.ts';

const resultSchema = z.array(z.record(z.string(), z.unknown()));
const taskSchema = z.object({
  data: z.record(z.string(), z.unknown()),
  annotations: z.array(z.object({ result: resultSchema, was_cancelled: z.boolean().nullish() })),
});
type Task = z.infer<typeof taskSchema>;

const isLabelStudio = (head: string): boolean =>
  /^\s*\[/.test(head) &&
  (/"(rectangle|polygon|ellipse|brush|keypoint)labels"/.test(head) || /"result"\s*:\s*\[/.test(head));

/** Whether the folder has a JSON file with a list of Label Studio's tasks. */
export function detectLabelStudio(files: FolderFiles): Promise<boolean> {
  return someHead(files, '.json', isLabelStudio);
}

/**
 * Reads every such file. Of several annotations of a task the first counts; polygons, ellipses and turned boxes become their enclosing
 * box. A task that nobody has annotated leaves its image out. Class order: by name.
 */
export function readLabelStudio(files: FolderFiles, options: ReadOptions): Promise<ReadResult> {
  return readLists({ name: 'labelstudio', test: isLabelStudio, describe }, files, options);
}

function describe(entry: unknown, json: string, report: Report): Description | null {
  const task = taskSchema.safeParse(entry).data ?? shortTask(entry);
  const names = task ? namesOf(task.data, json) : [];
  if (!task || names.length === 0) {
    report.lose(json, 'unreadable', said('loss.jsonEntry', { text: brief(entry) }));
    return null;
  }
  const [used, ...others] = task.annotations.filter((annotation) => annotation.was_cancelled !== true);
  if (!used) return null;
  if (others.some(({ result }) => valuesOf(result) !== valuesOf(used.result)))
    report.lose(names[0]!.name, 'conflict', said('loss.annotators', { count: others.length + 1 }));
  const read = used.result.map((result) => readLabelStudioResult(result, json, report));
  return {
    source: json,
    names,
    size: sizeOf(used.result),
    shares: true,
    boxes: read.flatMap((boxes) => boxes ?? []),
    broken: read.includes(null),
  };
}

/** A task of JSON-MIN: the data and, under the name of the labelling tool, the values of its boxes. */
function shortTask(entry: unknown): Task | null {
  const fields = z.record(z.string(), z.unknown()).safeParse(entry).data;
  if (!fields || 'annotations' in fields) return null;
  const lists = Object.values(fields).flatMap((value) => resultSchema.safeParse(value).data ?? []);
  const result = lists.map((value) => ({
    ...value,
    value,
    type: Object.keys(value).find((key) => key.endsWith('labels')),
  }));
  return { data: fields, annotations: result.length > 0 ? [{ result }] : [] };
}

const valuesOf = (result: Task['annotations'][number]['result']): string =>
  result
    .map(({ value }) => JSON.stringify(value))
    .sort()
    .join('\n');

function sizeOf(result: Task['annotations'][number]['result']): { width: number; height: number } {
  const number = (value: unknown) => (typeof value === 'number' ? value : 0);
  const sized = result.find((item) => number(item['original_width']) > 0);
  return { width: number(sized?.['original_width']), height: number(sized?.['original_height']) };
}

/** The image of a task: what its data calls `image`, else the first text that ends like a picture. */
function namesOf(data: Record<string, unknown>, json: string): Reference[] {
  const texts = Object.entries(data).filter((pair): pair is [string, string] => typeof pair[1] === 'string');
  const [, written] =
    texts.find(([key]) => /^(image|img)$/i.test(key)) ?? texts.find(([, text]) => /\.\w{3,4}(\?|$)/.test(text)) ?? [];
  if (written === undefined) return [];
  const near = [path.dirname(json)];
  const name = pathOf(written);
  const plain = name.replace(/(^|\/)[0-9a-f]{8}-([^/]+)$/i, '$1$2'); // uploads get eight digits in front
  return [{ name, near }, ...(plain === name ? [] : [{ name: plain, near }])];
}

/** The path in an address: of local files what follows `?d=`, of uploads the name alone. */
function pathOf(written: string): string {
  const local = /[?&]d=([^&]+)/.exec(written)?.[1];
  const bare = local ?? written.replace(/^[a-z0-9]+:\/\/[^/]*\//i, '').replace(/\?.*$/, '');
  const name = decoded(bare);
  return /(^|\/)data\/upload\//.test(name) ? path.posix.basename(name) : name;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
