// Shape editors: (box, gesture, image size) -> box, as pure functions. All boxes in continuous image pixels, clamped to the image.
import type { Box, Size } from '../../shared/geometry.ts';
import type { Point } from './viewport.ts';

/** The eight handles of a box by compass direction. */
export const handles = ['nw', 'n', 'ne', 'e', 'se', 's', 'sw', 'w'] as const;

/** One of {@link handles}. */
export type Handle = (typeof handles)[number];

/** The narrowest box, in image pixels, that a person can leave behind; anything smaller is a slip of the hand. */
export const minSide = 1;

const clamp = (v: number, max: number): number => Math.min(max, Math.max(0, v));

/** The box spanned by two corners in any order, cut to the image. */
export function fromCorners(a: Point, b: Point, image: Size): Box {
  const x = [clamp(a.x, image.width), clamp(b.x, image.width)] as const;
  const y = [clamp(a.y, image.height), clamp(b.y, image.height)] as const;
  return { x1: Math.min(...x), y1: Math.min(...y), x2: Math.max(...x), y2: Math.max(...y) };
}

/** True for a box too small to keep. */
export function isTooSmall(box: Box): boolean {
  return box.x2 - box.x1 < minSide || box.y2 - box.y1 < minSide;
}

/** Moves a box by a distance, stopping at the image's edges with its size unchanged. */
export function moveBox(box: Box, dx: number, dy: number, image: Size): Box {
  const x = Math.min(image.width - box.x2, Math.max(-box.x1, dx));
  const y = Math.min(image.height - box.y2, Math.max(-box.y1, dy));
  return { x1: box.x1 + x, y1: box.y1 + y, x2: box.x2 + x, y2: box.y2 + y };
}

/** Moves boxes as one piece, stopping where the first of them meets the image's edge. */
export function moveBoxes(
  boxes: readonly { id: string; box: Box }[],
  dx: number,
  dy: number,
  image: Size,
): Map<string, Box> {
  const x = Math.min(
    image.width - Math.max(...boxes.map((o) => o.box.x2)),
    Math.max(-Math.min(...boxes.map((o) => o.box.x1)), dx),
  );
  const y = Math.min(
    image.height - Math.max(...boxes.map((o) => o.box.y2)),
    Math.max(-Math.min(...boxes.map((o) => o.box.y1)), dy),
  );
  return new Map(boxes.map(({ id, box }) => [id, { x1: box.x1 + x, y1: box.y1 + y, x2: box.x2 + x, y2: box.y2 + y }]));
}

/** Drags one handle by a distance; a handle pulled past the opposite side turns the box over. */
export function resizeBox(box: Box, handle: Handle, dx: number, dy: number, image: Size): Box {
  const west = handle.includes('w');
  const east = handle.includes('e');
  const north = handle.includes('n');
  const south = handle.includes('s');
  return fromCorners(
    { x: box.x1 + (west ? dx : 0), y: box.y1 + (north ? dy : 0) },
    { x: box.x2 + (east ? dx : 0), y: box.y2 + (south ? dy : 0) },
    image,
  );
}

/** Grows or shrinks the right and bottom sides (keys), never below {@link minSide} nor beyond the image. */
export function growBox(box: Box, dw: number, dh: number, image: Size): Box {
  return {
    ...box,
    x2: Math.min(image.width, Math.max(box.x1 + minSide, box.x2 + dw)),
    y2: Math.min(image.height, Math.max(box.y1 + minSide, box.y2 + dh)),
  };
}

/** Where handle `handle` of `box` lies. */
export function handlePoint(box: Box, handle: Handle): Point {
  const x = handle.includes('w') ? box.x1 : handle.includes('e') ? box.x2 : (box.x1 + box.x2) / 2;
  const y = handle.includes('n') ? box.y1 : handle.includes('s') ? box.y2 : (box.y1 + box.y2) / 2;
  return { x, y };
}

/** A box of a quarter of the visible area around its centre: what the keyboard starts from. */
export function keyboardBox(visible: Box, image: Size): Box {
  const inside = fromCorners({ x: visible.x1, y: visible.y1 }, { x: visible.x2, y: visible.y2 }, image);
  const w = (inside.x2 - inside.x1) / 4;
  const h = (inside.y2 - inside.y1) / 4;
  const cx = (inside.x1 + inside.x2) / 2;
  const cy = (inside.y1 + inside.y2) / 2;
  return fromCorners(
    { x: Math.round(cx - w / 2), y: Math.round(cy - h / 2) },
    { x: Math.round(cx + w / 2), y: Math.round(cy + h / 2) },
    image,
  );
}

/** A pasted or duplicated box: shifted by `step` pixels right and down, or back from the edge where there is no room. */
export function offsetCopy(box: Box, step: number, image: Size): Box {
  const dx = box.x2 + step <= image.width ? step : -step;
  const dy = box.y2 + step <= image.height ? step : -step;
  return moveBox(box, dx, dy, image);
}
