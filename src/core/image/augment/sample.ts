// What every augmentation takes and gives, and the box bookkeeping that they share.
import type { Box, Size } from '../../../shared/geometry.ts';
import { area, clip } from '../../../shared/geometry.ts';
import type { RgbImage } from '../rgbImage.ts';

/** A picture and what is labelled on it; `B` is any annotation with a box in the picture's continuous pixels. */
export interface AugmentSample<B extends { box: Box }> {
  image: RgbImage;
  boxes: B[];
}

/** Boxes with each corner moved by `move`; everything else on them is kept. */
export function mapBoxes<B extends { box: Box }>(boxes: readonly B[], move: (box: Box) => Box): B[] {
  return boxes.map((b) => ({ ...b, box: move(b.box) }));
}

/**
 * Boxes as seen through a window whose corner is at (`left`, `top`): a box whose centre is outside is dropped (as in SSD), the others
 * are moved and clipped; one with nothing left of it is dropped too.
 */
export function boxesInWindow<B extends { box: Box }>(boxes: readonly B[], left: number, top: number, size: Size): B[] {
  return boxes
    .filter(({ box }) => {
      const x = (box.x1 + box.x2) / 2 - left;
      const y = (box.y1 + box.y2) / 2 - top;
      return x >= 0 && y >= 0 && x < size.width && y < size.height;
    })
    .map((b) => ({ ...b, box: clip(shift(b.box, -left, -top), size) }))
    .filter(({ box }) => area(box) > 0);
}

/** `box` moved by (`dx`, `dy`). */
export function shift(box: Box, dx: number, dy: number): Box {
  return { x1: box.x1 + dx, y1: box.y1 + dy, x2: box.x2 + dx, y2: box.y2 + dy };
}

/** Boxes of a picture of size `from` on the same picture resized to `to`. */
export function scaleBoxes<B extends { box: Box }>(boxes: readonly B[], from: Size, to: Size): B[] {
  const sx = to.width / from.width;
  const sy = to.height / from.height;
  return mapBoxes(boxes, ({ x1, y1, x2, y2 }) => ({ x1: x1 * sx, y1: y1 * sy, x2: x2 * sx, y2: y2 * sy }));
}
