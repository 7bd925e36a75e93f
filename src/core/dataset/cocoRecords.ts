// The three kinds of records in a COCO file, checked and brought into our terms.
import { area, type Box } from '../../shared/geometry.ts';
import type { Annotation } from '../../shared/labels.ts';
import { enclosing } from './report.ts';
import type { Detail } from './report.ts';
import { boxOfRuns, decodeRuns } from './rle.ts';

/** Id of an image by its text: files have numbers mostly, texts at times, and tools mix the two. */
export type ImageId = string;

/** An entry of `images`; sizes are 0 where the file gives none. */
export interface CocoImage {
  id: ImageId;
  fileName: string;
  width: number;
  height: number;
}

type Fields = Record<string, unknown>;

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isId = (value: unknown): value is number | string => typeof value === 'number' || typeof value === 'string';
const isNumbers = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((v) => typeof v === 'number');
const isBlank = (value: unknown): boolean =>
  value === undefined || value === null || (Array.isArray(value) && value.length === 0);
const positive = (value: unknown): number => (typeof value === 'number' && value > 0 ? value : 0);

/** Id of a category: a number, also one written as text; null for anything else. */
function categoryId(value: unknown): number | null {
  if (typeof value === 'string' && /^-?\d{1,15}$/.test(value)) return Number(value);
  return typeof value === 'number' ? value : null;
}

/** An entry of `images`; null when it has no id or name. */
export function cocoImage(value: unknown): CocoImage | null {
  if (!isFields(value) || !isId(value['id']) || typeof value['file_name'] !== 'string') return null;
  const { id, file_name: fileName } = value;
  return { id: String(id), fileName, width: positive(value['width']), height: positive(value['height']) };
}

/** An entry of `categories`; null when it has no id or name. */
export function cocoCategory(value: unknown): { id: number; name: string; supercategory: string } | null {
  const id = isFields(value) ? categoryId(value['id']) : null;
  if (!isFields(value) || id === null || typeof value['name'] !== 'string') return null;
  const supercategory = typeof value['supercategory'] === 'string' ? value['supercategory'] : '';
  return { id, name: value['name'], supercategory };
}

/** A label and the image it belongs to. */
export interface CocoLabel {
  /** Its own id; undefined where it has none. */
  id: string | undefined;
  imageId: ImageId;
  /** `classId` is the category's id in the file. */
  annotation: Annotation;
  /** Whether the box was derived from the segmentation. */
  converted: boolean;
  /** What it says besides box and class. */
  details: Detail[];
}

/** The image of an entry of `annotations`, null when it names none. */
export const imageIdOf = (value: unknown): ImageId | null =>
  isFields(value) && isId(value['image_id']) ? String(value['image_id']) : null;

/** The same for an entry that is no valid JSON, by its text. */
export function imageIdIn(text: string): ImageId | null {
  const found = [...text.matchAll(/"image_id"\s*:\s*(?:(-?\d{1,15})|"([^"\\]*)")\s*[,}]/g)];
  const [, number, name] = found.length === 1 ? found[0]! : [];
  return number === undefined ? (name ?? null) : String(Number(number));
}

/** Whether an entry of `annotations` marks nothing: a tag of the whole image, or a box that was emptied. */
export const isEmptyAnnotation = (value: unknown): boolean =>
  isFields(value) && ['bbox', 'segmentation', 'keypoints'].every((key) => isBlank(value[key]));

/** An entry of `annotations`; null when image, category or box are missing. */
export function cocoAnnotation(value: unknown): CocoLabel | null {
  const imageId = imageIdOf(value);
  const classId = isFields(value) ? categoryId(value['category_id']) : null;
  if (!isFields(value) || imageId === null || classId === null) return null;
  const given = withFarCorner(boxOfBbox(value['bbox']), value['far_corner']);
  const mask = given && area(given) > 0 ? null : boxOfSegmentation(value['segmentation']);
  const box = mask ?? given;
  if (!box) return null;
  const annotation: Annotation = { box, classId };
  if (isSet(value['iscrowd'])) annotation.crowd = true;
  if (isSet(value['ignore'])) annotation.ignore = true;
  const id = isId(value['id']) ? String(value['id']) : undefined;
  return { id, imageId, annotation, converted: mask !== null, details: detailsOf(value, mask !== null) };
}

function isSet(value: unknown): boolean {
  return value === 1 || value === true;
}

function detailsOf(value: Fields, isMaskUsed: boolean): Detail[] {
  const { segmentation, keypoints, attributes, score, track_id: track } = value;
  const details: Detail[] = [];
  const isFilled = Array.isArray(segmentation) ? segmentation.length > 0 : isFields(segmentation);
  if (isFilled && !isMaskUsed) details.push('masks');
  if (Array.isArray(keypoints) && keypoints.some((v) => v !== 0)) details.push('keypoints');
  if (isFields(attributes) && Object.values(attributes).some(says)) details.push('attributes');
  if (typeof score === 'number') details.push('scores');
  if (isId(track)) details.push('tracks');
  return details;
}

/** Whether an attribute says something; what is false or empty is so for every box. */
const says = (value: unknown): boolean => value !== false && value !== null && value !== '' && value !== 0;

/** A number that was written as text as a number. */
const numberOf = (value: unknown): unknown =>
  typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value;

function boxOfBbox(value: unknown): Box | null {
  const numbers: unknown = Array.isArray(value) ? value.map(numberOf) : value;
  if (!isNumbers(numbers) || numbers.length !== 4) return null;
  const [x, y, width, height] = numbers as [number, number, number, number];
  return { x1: x, y1: y, x2: x + width, y2: y + height };
}
/** The far corner as our own writer notes it, unless another tool has changed the bbox since. */
function withFarCorner(box: Box | null, corner: unknown): Box | null {
  if (!box || !isNumbers(corner) || corner.length !== 2) return box;
  const [x2, y2] = corner as [number, number];
  return Math.abs(box.x2 - x2) < 1e-9 && Math.abs(box.y2 - y2) < 1e-9 ? { ...box, x2, y2 } : box;
}

function boxOfSegmentation(value: unknown): Box | null {
  if (Array.isArray(value)) {
    const points = isNumbers(value) ? value : value.filter(isNumbers).flat();
    return points.length >= 4 ? enclosing(points) : null;
  }
  if (!isFields(value) || !isNumbers(value['size'])) return null;
  const height = value['size'][0] ?? 0;
  const { counts } = value;
  if (typeof counts === 'string') return boxOfRuns(decodeRuns(counts), height);
  return isNumbers(counts) ? boxOfRuns(counts, height) : null;
}
