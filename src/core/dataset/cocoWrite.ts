// Writes COCO: one annotations/instances_SPLIT.json per split (instances.json for images without one), images beside.
import path from 'node:path';
import type { Box } from '../../shared/geometry.ts';
import type { Annotation, Dataset } from '../../shared/labels.ts';
import type { LossReport } from '../../shared/lossReport.ts';
import { writeFileAtomic } from '../files/atomicWrite.ts';
import type { WriteOptions } from './adapter.ts';
import { fitNames } from './classNames.ts';
import { makeFolder, placeImages, transferImages } from './placeImages.ts';
import type { PlacedImage } from './placeImages.ts';
import { Report } from './report.ts';
import { Pieces, breather, safeSplitNames } from './writing.ts';

/**
 * `[x, y, width, height]` such that x + width and y + height in double precision give the far corner to the last bit where some
 * double does: the difference itself may be off by one rounding, then a neighbour of it is mostly right ({@link cocoEntry} has the rest).
 */
export function cocoBbox(box: Box): [number, number, number, number] {
  return [box.x1, box.y1, extent(box.x1, box.x2), extent(box.y1, box.y2)];
}

function extent(from: number, to: number): number {
  const plain = to - from;
  for (const candidate of [plain, neighbour(plain, 1n), neighbour(plain, -1n)])
    if (from + candidate === to) return candidate;
  return plain;
}

/** The double one step above or below a positive one. */
function neighbour(value: number, step: bigint): number {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  view.setBigInt64(0, view.getBigInt64(0) + step);
  return view.getFloat64(0);
}

/** Entries of `categories`, ids from 1. */
export function cocoCategories(classes: readonly string[]): string {
  return classes.map((name, id) => JSON.stringify({ id: id + 1, name, supercategory: '' })).join(',\n');
}

/**
 * One entry of `annotations`. Where no width or height leads to the far corner (about one random sub-pixel box in a thousand: the sum
 * falls between two doubles), a key of our own, `far_corner`, holds it; other tools pass over it.
 */
export function cocoEntry(annotation: Annotation, imageId: number, id: number, score?: number): string {
  const bbox = cocoBbox(annotation.box);
  const { x1, y1, x2, y2 } = annotation.box;
  const isExact = x1 + bbox[2] === x2 && y1 + bbox[3] === y2;
  return JSON.stringify({
    id,
    image_id: imageId,
    category_id: annotation.classId + 1,
    bbox,
    ...(!isExact && { far_corner: [x2, y2] }),
    area: bbox[2] * bbox[3],
    iscrowd: annotation.crowd ? 1 : 0,
    ...(annotation.ignore && { ignore: 1 }),
    segmentation: [],
    ...(score !== undefined && { score }),
  });
}

/** Writes `dataset` as COCO; everything but colours fits. An image in several splits is in several files. */
export async function writeCoco(dataset: Dataset, folder: string, options: WriteOptions): Promise<LossReport> {
  const report = new Report('coco', folder);
  const notes = path.join(folder, 'annotations');
  const classes = fitNames(dataset.classes, (name) => name, report, notes);
  const placed = placeImages(dataset, report, 'path', options);
  await makeFolder(notes);
  await transferImages(dataset, placed, path.join(folder, 'images'), options, report);
  const breathe = breather(options, placed.length);
  const loose = placed.filter(({ image }) => (image.splits ?? []).length === 0);
  const files = [...safeSplitNames(placed, report)].map(([split, name]) => ({
    file: path.join(notes, `instances_${name}.json`),
    images: placed.filter(({ image }) => image.splits?.includes(split)),
  }));
  if (loose.length > 0 || files.length === 0) files.push({ file: path.join(notes, 'instances.json'), images: loose });
  const ids = new Map(placed.map((item, i) => [item, i + 1]));
  for (const { file, images } of files) {
    await writeFileAtomic(file, instances(images, ids, classes, { breathe, report }));
    report.files++;
  }
  return report.finishSeen();
}

/** The text of one file, in pieces made as they are written: a million boxes are a hundred megabytes. */
async function* instances(
  images: readonly PlacedImage[],
  ids: ReadonlyMap<PlacedImage, number>,
  classes: readonly string[],
  { breathe, report }: { breathe: (done: number) => Promise<void>; report: Report },
): AsyncGenerator<Uint8Array> {
  const out = new Pieces();
  out.add(head(classes));
  for (const [i, item] of images.entries()) {
    const { width, height } = item.image;
    out.add((i ? ',\n' : '\n') + JSON.stringify({ id: ids.get(item), file_name: item.path, width, height }));
    yield* out.take();
  }
  out.add('],\n"annotations":[');
  let count = 0;
  for (const [i, item] of images.entries()) {
    const { annotations } = item.image; // asked for once: they may be read from a project then
    for (const annotation of annotations)
      out.add((count++ ? ',\n' : '\n') + cocoEntry(annotation, ids.get(item)!, count));
    report.seen(item, annotations.length);
    yield* out.take();
    await breathe(i + 1);
  }
  out.add(']}\n');
  yield* out.finish();
}

function head(classes: readonly string[]): string {
  const info = { description: 'Written by TTFNet Studio', date_created: new Date().toISOString() };
  return `{"info":${JSON.stringify(info)},\n"licenses":[],\n"categories":[${cocoCategories(classes)}],\n"images":[`;
}
