// Reads LabelMe: one JSON beside each image, with shapes; rectangles as they are, other shapes as the box around them.
import path from 'node:path';
import { z } from 'zod';
import { saying } from '../../shared/errors.ts';
import type { Box } from '../../shared/geometry.ts';
import { isImageName } from '../../shared/imageFiles.ts';
import { said, word } from '../../shared/said.ts';
import type { ReadOptions, ReadResult } from './adapter.ts';
import { eachFile, parseJson, readText, tryParse } from './annotationFiles.ts';
import { ClassList, namesOfLines, sortClasses } from './classNames.ts';
import { makeImages, type DescribedBox, type Description } from './described.ts';
import { isInside, someHead, withoutExtension } from './folderFiles.ts';
import type { FolderFiles } from './folderFiles.ts';
import { ImageIndex, type Reference } from './imageIndex.ts';
import { splitByFolder } from './leftovers.ts';
import { brief } from './limits.ts';
import { imageFolders, type ImageFolders } from './mirrors.ts';
import { Report, enclosing } from './report.ts';

const shapeSchema = z.object({
  label: z.string(),
  points: z.array(z.tuple([z.number(), z.number()]).rest(z.number())),
  shape_type: z.string().nullish(),
  flags: z.record(z.string(), z.unknown()).nullish(),
  group_id: z.unknown().optional(),
  description: z.string().nullish(),
});
const fileSchema = z.object({
  imagePath: z.string().nullish(),
  imageWidth: z.number().nullish(),
  imageHeight: z.number().nullish(),
  shapes: z.array(z.unknown()),
});
type Shape = z.infer<typeof shapeSchema>;

const isLabelme = (head: string) => /"shapes"\s*:\s*\[/.test(head);

/** Whether the folder has JSON files with `shapes`. */
export function detectLabelme(files: FolderFiles): Promise<boolean> {
  return someHead(files, '.json', isLabelme);
}

/** Reads every JSON with `shapes`. Class order: labels.txt in the folder, else by name. Shape flags `crowd` and `ignore` are kept. */
export async function readLabelme(files: FolderFiles, options: ReadOptions): Promise<ReadResult> {
  const report = new Report('labelme', files.folder);
  const index = new ImageIndex(files, options);
  const base = path.resolve(options.annotations ?? files.folder);
  const named = options.annotations !== undefined;
  const jsons = files.others.filter((f) => f.toLowerCase().endsWith('.json') && (!named || isInside(base, f)));
  const foldersOf = imageFolders(jsons, { base, root: index.root, named });
  const read = await eachFile(jsons, options, (json) => readOne(json, foldersOf(json), report));
  const listed = await readLabels(files, report);
  const classes = new ClassList(files.folder, listed);
  const made = await makeImages(
    read.filter((description) => description !== null),
    {
      ...{ index, classes, report, options },
      missing: ({ source, names }) => ({ file: source, said: said('loss.noImage', { image: names[0]!.name }) }),
    },
  );
  const dataset = { classes: classes.names, imageRoot: index.root, images: made.map(({ image }) => image) };
  if (listed.length === 0) sortClasses(dataset);
  splitByFolder(dataset.images, index, (image) => path.join(index.root, image.path));
  return { dataset, report: report.finish(dataset) };
}

async function readLabels(files: FolderFiles, report: Report): Promise<string[]> {
  const file = path.join(files.folder, 'labels.txt');
  if (!files.others.includes(file)) return [];
  const lines = namesOfLines((await readText(file, report)) ?? '');
  return lines.filter((name) => name !== '__ignore__' && name !== '_background_'); // LabelMe's own examples begin with these
}

async function readOne(json: string, folders: ImageFolders, report: Report): Promise<Description | null> {
  const text = await readText(json, report);
  if (text !== null && !text.includes('"shapes"') && !isDamaged(text)) return null;
  const content = text === null ? null : tryParse(json, report, () => parseFile(text, json));
  const names = namesOf(json, content?.imagePath ?? null, folders);
  if (!content) return { source: json, names, size: { width: 0, height: 0 }, boxes: [], broken: true };
  report.files++;
  const shapes = content.shapes.map((shape) => readShape(shape, json, report));
  return {
    source: json,
    names,
    size: { width: content.imageWidth ?? 0, height: content.imageHeight ?? 0 },
    boxes: shapes.filter((shape) => typeof shape !== 'string'),
    broken: shapes.includes('broken'),
  };
}

/** By `imagePath`, which is relative to the JSON; else the image of the JSON's own name. */
function namesOf(json: string, written: string | null, { near, below }: ImageFolders): Reference[] {
  const stem = path.posix.join(below, path.basename(withoutExtension(json)));
  const own: Reference = { name: stem, near, stem: !isImageName(stem) };
  if (written === null || written.trim() === '') return [own];
  const clean = written.replaceAll('\\', '/');
  const beside: Reference = { name: clean, near: [path.dirname(json)] };
  return clean.includes('/') ? [beside, own] : [{ name: path.posix.join(below, clean), near }, own];
}

/** A JSON that ends before its shapes is reported; one of something else is passed over. */
function isDamaged(text: string): boolean {
  return text.trim() === '' || (/^\s*\{\s*"(version|flags)"/.test(text.slice(0, 200)) && !text.trimEnd().endsWith('}'));
}

function parseFile(text: string, json: string): z.infer<typeof fileSchema> {
  const parsed = fileSchema.safeParse(parseJson(text, json));
  if (parsed.success) return parsed.data;
  const reason = z.prettifyError(parsed.error).replaceAll('\n', ' ');
  throw saying('annotation-invalid', 'annotation.labelme', { file: json, detail: reason });
}

/** The box of a shape; `broken` when it can't be read, `none` for one without extent. Both go to the report. */
function readShape(value: unknown, json: string, report: Report): DescribedBox | 'broken' | 'none' {
  const parsed = shapeSchema.safeParse(value);
  if (!parsed.success || parsed.data.label.trim() === '') {
    report.lose(json, 'unreadable', said('loss.labelmeShape', { text: brief(value) }));
    return 'broken';
  }
  const shape = parsed.data;
  const kind = shape.shape_type ?? 'polygon';
  const box = boxOfShape(shape, kind);
  if (!box && (kind === 'point' || kind === 'points')) report.loseDetail(json, 'keypoints');
  else if (!box) report.lose(json, 'dropped', said('loss.labelmeBox', { kind: word(kind), label: shape.label }));
  if (!box) return 'none';
  if (kind !== 'rectangle')
    report.lose(json, 'converted', said('loss.enclosed', { kind: word(kind), label: shape.label }));
  loseDetails(shape, json, report);
  const { crowd, ignore } = shape.flags ?? {};
  return {
    box,
    label: shape.label.trim(),
    ...(crowd === true && { crowd }),
    ...(ignore === true && { ignore }),
  };
}

function loseDetails({ flags, group_id: group, description }: Shape, json: string, report: Report): void {
  const others = Object.entries(flags ?? {}).filter(
    ([name, value]) => value === true && !/^(crowd|ignore)$/.test(name),
  );
  if (others.length > 0 || (description ?? '').trim() !== '') report.loseDetail(json, 'attributes');
  if (group !== null && group !== undefined) report.loseDetail(json, 'groups');
}

function boxOfShape(shape: Shape, kind: string): Box | null {
  const points = shape.points.flatMap(([x, y]) => [x, y]);
  if (kind === 'circle' && points.length === 4) {
    const [cx, cy, x, y] = points as [number, number, number, number];
    const radius = Math.hypot(x - cx, y - cy);
    return { x1: cx - radius, y1: cy - radius, x2: cx + radius, y2: cy + radius };
  }
  const least: Record<string, number> = { rectangle: 4, polygon: 6, mask: 4, oriented_rectangle: 8 };
  return points.length >= (least[kind] ?? Infinity) ? enclosing(points) : null;
}
