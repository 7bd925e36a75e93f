// One COCO file, streamed: its images, its categories, and its labels packed until each image's turn comes.
import { saying, StudioError, toldBy } from '../../shared/errors.ts';
import { said } from '../../shared/said.ts';
import type { ReadOptions } from './adapter.ts';
import { cocoAnnotation, cocoCategory, cocoImage, imageIdIn, imageIdOf, isEmptyAnnotation } from './cocoRecords.ts';
import type { CocoImage, ImageId } from './cocoRecords.ts';
import { streamJson } from './jsonStream.ts';
import { brief } from './limits.ts';
import { LabelPool } from './labelPool.ts';
import type { Report } from './report.ts';

/** The content of one file. */
export interface CocoFile {
  /** Path of the file. */
  json: string;
  images: Map<ImageId, CocoImage>;
  /** Further images with an id that one before has. */
  namesakes: CocoImage[];
  /** Ids that several images have: nobody knows whose their labels are. */
  shared: Set<ImageId>;
  /** Ids of images with a label that can't be read. */
  broken: Set<ImageId>;
  /** How many entries of `images` can't be read. */
  unread: number;
  /** Ids of images without a label whose labels may have been lost; `noteUnlisted` fills it. */
  suspects: Set<ImageId>;
  /** Labels by image; `classId` is still the category's own id. */
  labels: LabelPool;
  categories: { id: number; name: string; supercategory: string }[];
}

const lists = ['images', 'annotations', 'categories'] as const;

/**
 * Reads one file; null, and an entry in the report, when it can't be read to its end, lacks one of its lists, or has a label that can't be
 * read without telling its image: any image may miss it then, and would pass for background.
 */
export async function readCocoFile(json: string, report: Report, options: ReadOptions): Promise<CocoFile | null> {
  const [images, labels] = [new Map<ImageId, CocoImage>(), new LabelPool()];
  const content: CocoFile = {
    json,
    images,
    labels,
    namesakes: [],
    shared: new Set(),
    broken: new Set(),
    unread: 0,
    suspects: new Set(),
    categories: [],
  };
  const seen = new Set<string>();
  const handlers = {
    value: (key: string, isList: boolean) => {
      noteValue(key, isList, seen, json);
    },
    element: (key: string, value: unknown) => {
      take(content, key, value, report);
    },
    broken: (key: string, line: number, reason: string, text: string) => {
      if (key === 'annotations') breakImage(content, imageIdIn(text), { line, reason }, report);
      else if (isListName(key)) {
        if (key === 'images') content.unread++;
        report.lose(json, 'unreadable', said('loss.cocoEntry', { line: String(line), key, detail: reason }));
      }
    },
  };
  try {
    await streamJson(json, handlers, options);
    for (const key of lists)
      if (!seen.has(key)) throw saying('annotation-invalid', 'annotation.cocoList', { file: json, key });
  } catch (error) {
    if (!(error instanceof StudioError) || error.code === 'cancelled') throw error;
    report.lose(json, 'unreadable', toldBy(error));
    return null;
  }
  report.files++;
  return content;
}

const isListName = (key: string): boolean => lists.some((name) => name === key);

/** Refuses a file whose lists are none, or are there twice. */
function noteValue(key: string, isList: boolean, seen: Set<string>, file: string): void {
  if (!isListName(key)) return;
  if (!isList) throw saying('annotation-invalid', 'annotation.cocoList', { file, key });
  if (seen.has(key)) throw saying('annotation-invalid', 'annotation.cocoListTwice', { file, key });
  seen.add(key);
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

function takeImage(content: CocoFile, value: unknown, report: Report): void {
  const { json, images, namesakes, shared } = content;
  const image = cocoImage(value);
  const other = image && images.get(image.id);
  if (!image) {
    content.unread++;
    report.lose(json, 'unreadable', said('loss.cocoImage', { text: brief(value) }));
  } else if (!other) images.set(image.id, image);
  else if (other.fileName === image.fileName)
    report.lose(json, 'duplicate', said('loss.cocoImageTwice', { id: image.id }));
  else {
    namesakes.push(image);
    shared.add(image.id);
  }
}

function takeLabel(content: CocoFile, value: unknown, report: Report): void {
  const { json, labels } = content;
  const found = cocoAnnotation(value);
  if (!found && isEmptyAnnotation(value)) {
    report.lose(json, 'dropped', said('loss.cocoEmpty', { text: brief(value) }));
    return;
  }
  if (!found) {
    breakImage(content, imageIdOf(value), { text: brief(value) }, report);
    return;
  }
  labels.add(found.imageId, found.annotation);
  for (const detail of found.details) report.loseDetail(json, detail);
  if (found.converted) report.lose(json, 'converted', said('loss.cocoMask', { id: found.id ?? '?' }));
}

type Fault = { line: number; reason: string } | { text: string };

/** Notes a label that can't be read. Error: `annotation-invalid` when it doesn't even tell its image. */
function breakImage({ json, broken }: CocoFile, id: ImageId | null, fault: Fault, report: Report): void {
  const why =
    'text' in fault
      ? said('loss.cocoAnnotation', fault)
      : said('loss.cocoEntry', { line: String(fault.line), key: 'annotations', detail: fault.reason });
  if (id === null) throw saying('annotation-invalid', 'annotation.cocoOwner', { file: json, detail: why });
  broken.add(id);
  report.lose(json, 'unreadable', why);
}
