// Which part of an image to show around some boxes.
import type { Box, Size } from '../../shared/geometry.ts';

/** The part (image pixels, 4:3) that holds the boxes with as much again around them, cut to the image; the whole image when there are none. */
export function cropOf(boxes: readonly Box[], image: Size): Box {
  const whole = { x1: 0, y1: 0, x2: image.width, y2: image.height };
  if (boxes.length === 0) return whole;
  const [x1, x2] = [Math.min(...boxes.map((b) => b.x1)), Math.max(...boxes.map((b) => b.x2))];
  const [y1, y2] = [Math.min(...boxes.map((b) => b.y1)), Math.max(...boxes.map((b) => b.y2))];
  const width = Math.max((x2 - x1) * 2, ((y2 - y1) * 2 * 4) / 3, 48);
  const height = (width * 3) / 4;
  const cut = (middle: number, side: number, full: number): [number, number] => {
    if (side >= full) return [0, full];
    const from = Math.min(full - side, Math.max(0, middle - side / 2));
    return [from, from + side];
  };
  const [left, right] = cut((x1 + x2) / 2, width, image.width);
  const [top, bottom] = cut((y1 + y2) / 2, height, image.height);
  return { x1: left, y1: top, x2: right, y2: bottom };
}
