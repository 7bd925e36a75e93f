// Reads Apple's Create ML: a JSON list of images, boxes by their centre in pixels.
import path from 'node:path';
import { z } from 'zod';
import { said } from '../../shared/said.ts';
import type { ReadOptions, ReadResult } from './adapter.ts';
import type { Description, DescribedBox } from './described.ts';
import { someHead } from './folderFiles.ts';
import type { FolderFiles } from './folderFiles.ts';
import { readLists } from './jsonLists.ts';
import { brief } from './limits.ts';
import type { Report } from './report.ts';

const entrySchema = z.union([
  z.object({ image: z.string().min(1), annotations: z.array(z.unknown()) }),
  z
    .object({ imagefilename: z.string().min(1), annotation: z.array(z.unknown()) })
    .transform(({ imagefilename, annotation }) => ({ image: imagefilename, annotations: annotation })),
]);
const boxSchema = z.object({
  label: z.string().trim().min(1),
  coordinates: z.object({ x: z.number(), y: z.number(), width: z.number(), height: z.number() }),
});

const isCreateMl = (head: string): boolean =>
  /^\s*\[/.test(head) && /"image(filename)?"\s*:\s*"/.test(head) && /"coordinates"\s*:\s*\{/.test(head);

/** Whether the folder has a JSON file with a list of images and coordinates. */
export function detectCreateMl(files: FolderFiles): Promise<boolean> {
  return someHead(files, '.json', isCreateMl);
}

/** Reads every such file; one named after a split, or in a folder so named, makes that split. Class order: by name. */
export function readCreateMl(files: FolderFiles, options: ReadOptions): Promise<ReadResult> {
  return readLists({ name: 'createml', test: isCreateMl, describe }, files, options);
}

function describe(entry: unknown, json: string, report: Report): Description | null {
  const parsed = entrySchema.safeParse(entry).data;
  if (!parsed) {
    report.lose(json, 'unreadable', said('loss.jsonEntry', { text: brief(entry) }));
    return null;
  }
  const boxes = parsed.annotations.map((value) => readBox(value, json, report));
  return {
    source: json,
    names: [{ name: parsed.image, near: [path.dirname(json)] }],
    size: { width: 0, height: 0 },
    boxes: boxes.filter((box) => box !== null),
    broken: boxes.includes(null),
  };
}

function readBox(value: unknown, json: string, report: Report): DescribedBox | null {
  const parsed = boxSchema.safeParse(value).data;
  if (!parsed) {
    report.lose(json, 'unreadable', said('loss.jsonRegion', { text: brief(value) }));
    return null;
  }
  const { x, y, width, height } = parsed.coordinates;
  return { label: parsed.label, box: { x1: x - width / 2, y1: y - height / 2, x2: x + width / 2, y2: y + height / 2 } };
}
