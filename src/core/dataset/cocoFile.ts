// One COCO file, streamed: its images, its categories, and its labels packed until each image's turn comes.
import { StudioError, toldBy } from '../../shared/errors.ts';
import { said } from '../../shared/said.ts';
import type { ReadOptions } from './adapter.ts';
import { cocoAnnotation, cocoCategory, cocoImage } from './cocoRecords.ts';
import type { CocoImage } from './cocoRecords.ts';
import { streamJson } from './jsonStream.ts';
import { brief } from './limits.ts';
import { LabelPool } from './labelPool.ts';
import type { Report } from './report.ts';

/** The content of one file. */
export interface CocoFile {
  /** Path of the file. */
  json: string;
  images: Map<number | string, CocoImage>;
  /** Labels by image; `classId` is still the category's own id. */
  labels: LabelPool;
  categories: { id: number; name: string; supercategory: string }[];
}

/** Reads one file; null, and an entry in the report, when it can't be read to its end. */
export async function readCocoFile(json: string, report: Report, options: ReadOptions): Promise<CocoFile | null> {
  const content: CocoFile = { json, images: new Map(), labels: new LabelPool(), categories: [] };
  const broken = (key: string, line: number, reason: string) =>
    report.lose(json, 'unreadable', said('loss.cocoEntry', { line: String(line), key, detail: reason }));
  try {
    await streamJson(json, { element: (key, value) => take(content, key, value, report), broken }, options);
  } catch (error) {
    if (!(error instanceof StudioError) || error.code === 'cancelled') throw error;
    report.lose(json, 'unreadable', toldBy(error));
    return null;
  }
  report.files++;
  return content;
}

function take(content: CocoFile, key: string, value: unknown, report: Report): void {
  if (key === 'annotations') takeLabel(content, value, report);
  else if (key === 'images') takeImage(content, value, report);
  else if (key === 'categories') {
    const category = cocoCategory(value);
    if (category) content.categories.push(category);
    else report.lose(content.json, 'unreadable', said('loss.cocoCategory', { text: brief(value) }));
  }
}

function takeImage({ json, images }: CocoFile, value: unknown, report: Report): void {
  const image = cocoImage(value);
  if (!image) report.lose(json, 'unreadable', said('loss.cocoImage', { text: brief(value) }));
  else if (images.has(image.id)) report.lose(json, 'duplicate', said('loss.cocoImageTwice', { id: String(image.id) }));
  else images.set(image.id, image);
}

function takeLabel({ json, labels }: CocoFile, value: unknown, report: Report): void {
  const found = cocoAnnotation(value);
  if (!found) {
    report.lose(json, 'unreadable', said('loss.cocoAnnotation', { text: brief(value) }));
    return;
  }
  labels.add(found.imageId, found.annotation);
  if (found.converted) report.lose(json, 'converted', said('loss.cocoMask', { id: String(found.id ?? '?') }));
}
