// Viewport arithmetic: how image pixels map to the canvas, zooming at a point, panning, fitting. Pure; knows no DOM.
import type { Box, Size } from '../../shared/geometry.ts';

/** A position in image pixels or in canvas (CSS) pixels, as the function says. */
export interface Point {
  x: number;
  y: number;
}

/** Canvas position of the image's top left corner in CSS pixels, and CSS pixels per image pixel. */
export interface Viewport {
  x: number;
  y: number;
  scale: number;
}

/** Smallest and largest zoom: 5 % and 6,400 %. */
export const scaleRange = { min: 0.05, max: 64 } as const;

/** Pixels of the image that panning always leaves in view. */
const keptInView = 48;

/** Limits a zoom factor to {@link scaleRange}. */
export function clampScale(scale: number): number {
  return Math.min(scaleRange.max, Math.max(scaleRange.min, scale));
}

/** The viewport that shows the whole image, centred; small images are not enlarged beyond `maxScale`. */
export function fit(image: Size, view: Size, margin = 24, maxScale = 8): Viewport {
  const room = { width: Math.max(1, view.width - 2 * margin), height: Math.max(1, view.height - 2 * margin) };
  const raw = Math.min(room.width / Math.max(1, image.width), room.height / Math.max(1, image.height));
  return centred(image, view, clampScale(Math.min(raw, maxScale)));
}

/** The viewport with the image's centre in the middle of the view at `scale`. */
export function centred(image: Size, view: Size, scale: number): Viewport {
  return { x: (view.width - image.width * scale) / 2, y: (view.height - image.height * scale) / 2, scale };
}

/** Multiplies the zoom by `factor`, keeping the image point under `at` (canvas pixels) where it is. */
export function zoomAt(vp: Viewport, at: Point, factor: number): Viewport {
  const scale = clampScale(vp.scale * factor);
  const k = scale / vp.scale;
  return { x: at.x - (at.x - vp.x) * k, y: at.y - (at.y - vp.y) * k, scale };
}

/** Moves the image by a distance in canvas pixels, never wholly out of view. */
export function pan(vp: Viewport, dx: number, dy: number, image: Size, view: Size): Viewport {
  return keepInView({ ...vp, x: vp.x + dx, y: vp.y + dy }, image, view);
}

/** Moves a viewport so that some of the image stays in view. */
export function keepInView(vp: Viewport, image: Size, view: Size): Viewport {
  const hold = (offset: number, extent: number, room: number): number => {
    const kept = Math.min(keptInView, extent, room);
    return Math.min(room - kept, Math.max(kept - extent, offset));
  };
  return {
    scale: vp.scale,
    x: hold(vp.x, image.width * vp.scale, view.width),
    y: hold(vp.y, image.height * vp.scale, view.height),
  };
}

/** Canvas pixels to image pixels. */
export function toImage(vp: Viewport, p: Point): Point {
  return { x: (p.x - vp.x) / vp.scale, y: (p.y - vp.y) / vp.scale };
}

/** Image pixels to canvas pixels. */
export function toCanvas(vp: Viewport, p: Point): Point {
  return { x: p.x * vp.scale + vp.x, y: p.y * vp.scale + vp.y };
}

/** A box in image pixels as a box in canvas pixels. */
export function boxToCanvas(vp: Viewport, box: Box): Box {
  return {
    x1: box.x1 * vp.scale + vp.x,
    y1: box.y1 * vp.scale + vp.y,
    x2: box.x2 * vp.scale + vp.x,
    y2: box.y2 * vp.scale + vp.y,
  };
}

/** The part of image space that the view shows (image pixels; may reach beyond the image). */
export function visibleBox(vp: Viewport, view: Size): Box {
  const a = toImage(vp, { x: 0, y: 0 });
  const b = toImage(vp, { x: view.width, y: view.height });
  return { x1: a.x, y1: a.y, x2: b.x, y2: b.y };
}

/** Two fingers moved from `a0`,`b0` to `a1`,`b1`: zooms by the change of their distance and pans with their middle. */
export function pinch(vp: Viewport, a0: Point, b0: Point, a1: Point, b1: Point): Viewport {
  const before = Math.hypot(a0.x - b0.x, a0.y - b0.y);
  const after = Math.hypot(a1.x - b1.x, a1.y - b1.y);
  const middle0 = { x: (a0.x + b0.x) / 2, y: (a0.y + b0.y) / 2 };
  const zoomed = zoomAt(vp, middle0, before > 0 ? after / before : 1);
  return { ...zoomed, x: zoomed.x + (a1.x + b1.x) / 2 - middle0.x, y: zoomed.y + (a1.y + b1.y) / 2 - middle0.y };
}

/** Wheel movement (CSS pixels, negative is away from the person) as a zoom factor: smooth on touchpads, about 1.2 a notch on wheels. */
export function wheelFactor(deltaY: number, deltaMode: number): number {
  const pixels = deltaMode === 1 ? deltaY * 16 : deltaMode === 2 ? deltaY * 400 : deltaY;
  return Math.exp(-Math.max(-240, Math.min(240, pixels)) * 0.0018);
}
