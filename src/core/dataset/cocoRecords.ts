// The three kinds of records in a COCO file, checked and brought into our terms.
import type { Box } from '../../shared/geometry.ts';
import type { Annotation } from '../../shared/labels.ts';
import { enclosing } from './report.ts';
import { boxOfRuns, decodeRuns } from './rle.ts';

/** An entry of `images`; sizes are 0 where the file gives none. */
export interface CocoImage {
  id: number | string;
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
const positive = (value: unknown): number => (typeof value === 'number' && value > 0 ? value : 0);

/** An entry of `images`; null when it has no id or name. */
export function cocoImage(value: unknown): CocoImage | null {
  if (!isFields(value) || !isId(value['id']) || typeof value['file_name'] !== 'string') return null;
  const { id, file_name: fileName } = value;
  return { id, fileName, width: positive(value['width']), height: positive(value['height']) };
}

/** An entry of `categories`; null when it has no id or name. */
export function cocoCategory(value: unknown): { id: number; name: string; supercategory: string } | null {
  if (!isFields(value) || typeof value['id'] !== 'number' || typeof value['name'] !== 'string') return null;
  const supercategory = typeof value['supercategory'] === 'string' ? value['supercategory'] : '';
  return { id: value['id'], name: value['name'], supercategory };
}

/** A label and the image it belongs to. */
export interface CocoLabel {
  id: number | string | undefined;
  imageId: number | string;
  /** `classId` is the category's id in the file. */
  annotation: Annotation;
  /** Whether the box was derived from the segmentation. */
  converted: boolean;
}

/** An entry of `annotations`; null when image, category or box are missing. */
export function cocoAnnotation(value: unknown): CocoLabel | null {
  if (!isFields(value) || !isId(value['image_id']) || typeof value['category_id'] !== 'number') return null;
  const given = withFarCorner(boxOfBbox(value['bbox']), value['far_corner']);
  const box = given ?? boxOfSegmentation(value['segmentation']);
  if (!box) return null;
  const annotation: Annotation = { box, classId: value['category_id'] };
  if (isSet(value['iscrowd'])) annotation.crowd = true;
  if (isSet(value['ignore'])) annotation.ignore = true;
  const id = isId(value['id']) ? value['id'] : undefined;
  return { id, imageId: value['image_id'], annotation, converted: !given };
}

function isSet(value: unknown): boolean {
  return value === 1 || value === true;
}

function boxOfBbox(value: unknown): Box | null {
  if (!isNumbers(value) || value.length !== 4) return null;
  const [x, y, width, height] = value as [number, number, number, number];
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
    const points = value.filter(isNumbers).flat();
    return points.length >= 4 ? enclosing(points) : null;
  }
  if (!isFields(value) || !isNumbers(value['size'])) return null;
  const height = value['size'][0] ?? 0;
  const { counts } = value;
  if (typeof counts === 'string') return boxOfRuns(decodeRuns(counts), height);
  return isNumbers(counts) ? boxOfRuns(counts, height) : null;
}
