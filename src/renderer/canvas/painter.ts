// Draws the canvas's layers: picture, heatmap, boxes, and the moving things on top. Each layer is drawn again only when it changed.
import type { Box, Size } from '../../shared/geometry.ts';
import { textColourOn } from '../../shared/palette.ts';
import { colourPlane, type HeatGrid } from './heat.ts';
import { labelHeight, placeLabels, type LabelWish } from './labelPlacement.ts';
import type { Picture } from './pictures.ts';
import { handlePoint, handles } from './shapes.ts';
import { boxToCanvas, visibleBox, type Point, type Viewport } from './viewport.ts';

/** An object as it is drawn: box in image pixels. */
export interface Shown {
  id: string;
  box: Box;
  color: string;
  text: string;
  dashed: boolean;
}

/** Layers from back to front. */
export const layers = ['picture', 'heat', 'boxes', 'top'] as const;
/** One of {@link layers}. */
export type Layer = (typeof layers)[number];
type Surface = CanvasRenderingContext2D;

/** An object drawn strongly: `chosen` is selected, `handles` are there to resize it. */
export type Strong = Shown & { chosen: boolean; handles: boolean };

/** What is drawn above the boxes. */
export interface Top {
  /** Selected, hovered and changing objects, drawn strongly. */
  strong: readonly Strong[];
  /** A box being drawn. */
  draft: { box: Box; color: string } | null;
  /** Around what will be selected. */
  band: Box | null;
  ghost: { box: Box; text: string } | null;
  crosshair: Point | null;
  peaks: readonly { x: number; y: number; score: number }[];
}

const labelFont = "500 11px Roboto, 'Noto Sans', 'Noto Sans CJK SC', sans-serif";
const widths = new Map<string, number>();

/** Sizes a layer to the view at the screen's pixel density and clears it; drawing is in CSS pixels. */
export function begin(g: Surface, view: Size, density: number): void {
  const [w, h] = [Math.round(view.width * density), Math.round(view.height * density)];
  if (g.canvas.width !== w || g.canvas.height !== h) {
    g.canvas.width = w;
    g.canvas.height = h;
  }
  g.setTransform(density, 0, 0, density, 0, 0);
  g.clearRect(0, 0, view.width, view.height);
}

/** Draws the part of the picture that is seen; single pixels stay sharp when they are large. `image` is the upright size that boxes refer to. */
export function paintPicture(g: Surface, picture: Picture, image: Size, vp: Viewport, view: Size): void {
  const { full, preview } = picture;
  const far = preview && image.width * vp.scale <= preview.width * 1.1;
  const source = far ? preview : (full ?? preview);
  if (!source) return;
  const seen = visibleBox(vp, view);
  const x1 = Math.max(0, Math.floor(seen.x1));
  const y1 = Math.max(0, Math.floor(seen.y1));
  const w = Math.min(image.width, Math.ceil(seen.x2)) - x1;
  const h = Math.min(image.height, Math.ceil(seen.y2)) - y1;
  if (w <= 0 || h <= 0) return;
  const kx = source.width / image.width;
  const ky = source.height / image.height;
  g.imageSmoothingEnabled = vp.scale < 3;
  g.imageSmoothingQuality = vp.scale < 1 ? 'medium' : 'low';
  g.drawImage(
    source,
    x1 * kx,
    y1 * ky,
    w * kx,
    h * ky,
    x1 * vp.scale + vp.x,
    y1 * vp.scale + vp.y,
    w * vp.scale,
    h * vp.scale,
  );
}

/** Where the picture will be, until it is there. */
export function paintPlaceholder(g: Surface, image: Size, vp: Viewport): void {
  g.fillStyle = 'rgb(128 136 148 / 20%)';
  g.fillRect(vp.x, vp.y, image.width * vp.scale, image.height * vp.scale);
}

/** A heatmap plane (scores as bytes) as a small picture, one pixel a cell. */
export function heatPicture(grid: HeatGrid, plane: Uint8Array): OffscreenCanvas {
  const canvas = new OffscreenCanvas(grid.columns, grid.rows);
  const pixels = colourPlane(plane);
  canvas.getContext('2d')?.putImageData(new ImageData(pixels, grid.columns, grid.rows), 0, 0);
  return canvas;
}

/** Lays a heatmap picture over the image, cut to it. */
export function paintHeat(g: Surface, heat: OffscreenCanvas, grid: HeatGrid, image: Size, vp: Viewport): void {
  g.save();
  g.beginPath();
  g.rect(vp.x, vp.y, image.width * vp.scale, image.height * vp.scale);
  g.clip();
  g.imageSmoothingEnabled = true;
  g.drawImage(heat, vp.x, vp.y, grid.columns * grid.cellWidth * vp.scale, grid.rows * grid.cellHeight * vp.scale);
  g.restore();
}

/** Draws all boxes, colour by colour; then the labels that find a place. */
export function paintBoxes(g: Surface, shown: readonly Shown[], vp: Viewport, view: Size): void {
  const groups = new Map<string, Box[]>();
  const seen = shown
    .map((s) => ({ ...s, box: boxToCanvas(vp, s.box) }))
    .filter(({ box }) => box.x2 >= 0 && box.y2 >= 0 && box.x1 <= view.width && box.y1 <= view.height);
  for (const { color, dashed, box } of seen) {
    const key = `${dashed ? 'd' : 's'}${color}`;
    const group = groups.get(key);
    if (group) group.push(box);
    else groups.set(key, [box]);
  }
  const many = seen.length > 600;
  for (const [key, boxes] of groups) stroke(g, boxes, key.slice(1), key.startsWith('d'), many);
  paintLabels(g, seen, view, 0);
}

/** Rectangle by rectangle: one path of thousands takes two to four times as long to fill in. */
function stroke(g: Surface, boxes: readonly Box[], color: string, dashed: boolean, many: boolean): void {
  g.setLineDash(dashed ? [6, 4] : []);
  const outline = (width: number, style: string): void => {
    g.lineWidth = width;
    g.strokeStyle = style;
    for (const b of boxes) g.strokeRect(b.x1, b.y1, b.x2 - b.x1, b.y2 - b.y1);
  };
  // A dark edge on both sides, so that a green box is seen on a green table.
  if (!many) outline(4, 'rgb(0 0 0 / 50%)');
  outline(many ? 1.5 : 2, color);
  g.setLineDash([]);
}

/** Draws label texts beside their boxes (canvas pixels). Small boxes go without: their label would be larger than they are. */
function paintLabels(g: Surface, seen: readonly Shown[], view: Size, priority: number): void {
  const worth =
    priority > 0 ? seen : seen.filter(({ box }) => box.x2 - box.x1 >= 14 && box.y2 - box.y1 >= 10).slice(0, 400);
  g.font = labelFont;
  const wishes: LabelWish[] = worth.map(({ id, box, text }) => ({ id, box, width: textWidth(g, text) + 10, priority }));
  const byId = new Map(worth.map((s) => [s.id, s]));
  g.textBaseline = 'middle';
  for (const { id, x, y } of placeLabels(wishes, view)) {
    const { color, text } = byId.get(id)!;
    g.fillStyle = color;
    g.beginPath();
    g.roundRect(x, y + 1, textWidth(g, text) + 10, labelHeight - 2, 3);
    g.fill();
    g.fillStyle = textColourOn(color);
    g.fillText(text, x + 5, y + labelHeight / 2 + 0.5);
  }
}

function textWidth(g: Surface, text: string): number {
  const known = widths.get(text);
  if (known !== undefined) return known;
  if (widths.size > 5000) widths.clear();
  const width = Math.ceil(g.measureText(text).width);
  widths.set(text, width);
  return width;
}

/** Draws what moves: draft, strong boxes with handles, ghost, peaks, crosshair. */
export function paintTop(g: Surface, top: Top, vp: Viewport, view: Size): void {
  if (top.crosshair) paintCrosshair(g, top.crosshair, view);
  for (const peak of top.peaks) paintPeak(g, peak, vp);
  const strong = top.strong.map((s) => ({ ...s, box: boxToCanvas(vp, s.box) }));
  if (strong.length > manyStrong) paintCrowd(g, strong);
  else {
    for (const s of strong) paintStrong(g, s);
    paintLabels(g, strong, view, 1);
  }
  if (top.draft) paintDraft(g, boxToCanvas(vp, top.draft.box), top.draft.color);
  if (top.band) paintBand(g, boxToCanvas(vp, top.band));
  if (top.ghost) paintGhost(g, boxToCanvas(vp, top.ghost.box), top.ghost.text);
}

/** Objects from which on strong ones are drawn together. */
const manyStrong = 100;

/** Very many strong boxes: one fill and one stroke for all. */
function paintCrowd(g: Surface, strong: readonly Shown[]): void {
  g.beginPath();
  for (const { box } of strong) g.rect(box.x1, box.y1, box.x2 - box.x1, box.y2 - box.y1);
  g.fillStyle = 'rgb(255 255 255 / 12%)';
  g.fill();
  g.lineWidth = 1.5;
  g.strokeStyle = '#ffffff';
  g.stroke();
}

function paintBand(g: Surface, { x1, y1, x2, y2 }: Box): void {
  g.fillStyle = 'rgb(255 255 255 / 14%)';
  g.fillRect(x1, y1, x2 - x1, y2 - y1);
  stroke(g, [{ x1, y1, x2, y2 }], '#ffffff', true, false);
}

function paintStrong(g: Surface, s: Strong): void {
  const { x1, y1, x2, y2 } = s.box;
  g.fillStyle = `${s.color}26`;
  g.fillRect(x1, y1, x2 - x1, y2 - y1);
  stroke(g, [s.box], s.chosen ? '#ffffff' : s.color, s.dashed, false);
  if (!s.chosen) return;
  stroke(g, [{ x1: x1 - 1.5, y1: y1 - 1.5, x2: x2 + 1.5, y2: y2 + 1.5 }], s.color, s.dashed, false);
  if (!s.handles) return;
  const small = x2 - x1 < 28 || y2 - y1 < 28;
  for (const h of handles) if (!small || h.length === 2) paintHandle(g, handlePoint(s.box, h), s.color);
}

function paintHandle(g: Surface, { x, y }: Point, color: string): void {
  g.beginPath();
  g.roundRect(x - 4, y - 4, 8, 8, 2);
  g.fillStyle = '#ffffff';
  g.fill();
  g.lineWidth = 1.5;
  g.strokeStyle = color;
  g.stroke();
}

function paintDraft(g: Surface, box: Box, color: string): void {
  g.fillStyle = `${color}22`;
  g.fillRect(box.x1, box.y1, box.x2 - box.x1, box.y2 - box.y1);
  stroke(g, [box], color, false, false);
}

function paintGhost(g: Surface, box: Box, text: string): void {
  stroke(g, [box], '#ffffff', true, false);
  g.font = labelFont;
  const w = textWidth(g, text) + 10;
  g.fillStyle = 'rgb(10 12 16 / 82%)';
  g.beginPath();
  g.roundRect(box.x1, box.y2 + 2, w, labelHeight, 3);
  g.fill();
  g.fillStyle = '#ffffff';
  g.textBaseline = 'middle';
  g.fillText(text, box.x1 + 5, box.y2 + 2 + labelHeight / 2);
}

function paintPeak(g: Surface, peak: { x: number; y: number; score: number }, vp: Viewport): void {
  const x = peak.x * vp.scale + vp.x;
  const y = peak.y * vp.scale + vp.y;
  g.beginPath();
  g.arc(x, y, 4.5, 0, Math.PI * 2);
  g.lineWidth = 3;
  g.strokeStyle = 'rgb(0 0 0 / 60%)';
  g.stroke();
  g.lineWidth = 1.5;
  g.strokeStyle = '#ffffff';
  g.stroke();
  g.font = labelFont;
  g.textBaseline = 'middle';
  g.lineWidth = 3;
  g.strokeStyle = 'rgb(0 0 0 / 70%)';
  const text = peak.score.toFixed(2);
  g.strokeText(text, x + 8, y);
  g.fillStyle = '#ffffff';
  g.fillText(text, x + 8, y);
}

function paintCrosshair(g: Surface, at: Point, view: Size): void {
  const [x, y] = [Math.round(at.x) + 0.5, Math.round(at.y) + 0.5];
  for (const [width, style] of [
    [3, 'rgb(0 0 0 / 25%)'],
    [1, 'rgb(255 255 255 / 70%)'],
  ] as const) {
    g.beginPath();
    g.moveTo(x, 0);
    g.lineTo(x, view.height);
    g.moveTo(0, y);
    g.lineTo(view.width, y);
    g.lineWidth = width;
    g.strokeStyle = style;
    g.stroke();
  }
}
