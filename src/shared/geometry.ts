// Boxes and their arithmetic. One convention everywhere in the program; formats and the network convert at their edges.

/**
 * A box in continuous pixel coordinates of the upright image (EXIF orientation applied): the left edge of the first pixel is 0,
 * the right edge of the last one is the image's width, so `x2 - x1` is the width. Never inclusive corners: readers and writers of
 * formats with inclusive or 1-based corners (VOC), and TTFNet's own arithmetic (far corner inclusive), convert at their edge.
 */
export interface Box {
  x1: number;
  y1: number;
  x2: number;
  y2: number;
}

/** Width and height in pixels of an upright image. */
export interface Size {
  width: number;
  height: number;
}

/** Area in square pixels; 0 for an empty or inverted box. */
export function area(box: Box): number {
  return Math.max(0, box.x2 - box.x1) * Math.max(0, box.y2 - box.y1);
}

/** The overlap of two boxes; may be empty (then {@link area} is 0). */
export function intersect(a: Box, b: Box): Box {
  return { x1: Math.max(a.x1, b.x1), y1: Math.max(a.y1, b.y1), x2: Math.min(a.x2, b.x2), y2: Math.min(a.y2, b.y2) };
}

/** Intersection over union, 0 when both boxes are empty. */
export function iou(a: Box, b: Box): number {
  const overlap = area(intersect(a, b));
  const union = area(a) + area(b) - overlap;
  return union > 0 ? overlap / union : 0;
}

/** The part of `box` inside an image of `size`. */
export function clip(box: Box, size: Size): Box {
  return intersect(box, { x1: 0, y1: 0, x2: size.width, y2: size.height });
}
