// Draws boxes with class colours and labels on a picture, as an SVG layer over it.
import type { Box, Size } from '../../shared/geometry.ts';
import { classColour, textColourOn } from '../../shared/palette.ts';
import { type EncodeOptions, encodePipeline, rawPipeline } from './encode.ts';
import type { RgbImage } from './rgbImage.ts';

/** One box to draw. */
export interface DrawnBox {
  /** Continuous pixels of the upright image. */
  box: Box;
  classId: number;
  /** 0 to 1, shown as percent behind the name; left out for ground truth. */
  score?: number;
  /** Dashed, for suggestions and ground truth beside predictions. */
  dashed?: boolean;
}

/** Settings of {@link drawBoxes}. */
export interface DrawOptions extends EncodeOptions {
  /** Names by class id; a missing one is shown as its number. */
  classes: readonly string[];
  /** Default {@link classColour}. */
  colour?: (classId: number) => string;
  /** Without labels only the boxes are drawn. Default true. */
  labels?: boolean;
}

/** Where a label goes: its background, inside the image, and the text that fits there. */
export interface PlacedLabel {
  box: Box;
  text: string;
}

/** The picture with `boxes` drawn on it, as a file's bytes. Boxes are cut at the image's edges; later ones lie over earlier ones. */
export async function drawBoxes(
  image: RgbImage,
  boxes: readonly DrawnBox[],
  options: DrawOptions,
): Promise<Uint8Array> {
  const layer = { input: Buffer.from(overlaySvg(image, boxes, options)), top: 0, left: 0 };
  return encodePipeline(boxes.length === 0 ? rawPipeline(image) : rawPipeline(image).composite([layer]), options);
}

/** The layer as SVG text, with the image's size. */
export function overlaySvg(
  size: Size,
  boxes: readonly DrawnBox[],
  { classes, colour = classColour, labels = true }: Omit<DrawOptions, keyof EncodeOptions>,
): string {
  const line = lineWidth(size);
  const shapes = boxes.map((b) => frame(b, size, line, colour(b.classId)));
  const texts = labels ? boxes.map((b) => labelSvg(b, size, classes, colour(b.classId))) : [];
  const head = `<svg xmlns="http://www.w3.org/2000/svg" width="${size.width}" height="${size.height}">`;
  return `${head}${shapes.join('')}${texts.join('')}</svg>`;
}

/** Thin on small pictures, thicker on large ones, so that it looks alike on a screen. */
function lineWidth({ width, height }: Size): number {
  return Math.max(1.5, Math.max(width, height) / 400);
}

function fontSize({ width, height }: Size): number {
  return Math.max(9, Math.round(Math.max(width, height) / 55));
}

/** The line lies inside the box, over a thin dark one that keeps it visible on pictures of its own colour. */
function frame({ box, dashed }: DrawnBox, size: Size, line: number, colour: string): string {
  const x1 = Math.max(box.x1, 0) + line / 2;
  const y1 = Math.max(box.y1, 0) + line / 2;
  const w = Math.max(0, Math.min(box.x2, size.width) - line / 2 - x1);
  const h = Math.max(0, Math.min(box.y2, size.height) - line / 2 - y1);
  const at = `x="${fixed(x1)}" y="${fixed(y1)}" width="${fixed(w)}" height="${fixed(h)}" rx="${fixed(line)}" fill="none"`;
  const dash = dashed ? ` stroke-dasharray="${fixed(line * 4)} ${fixed(line * 2.5)}"` : '';
  return (
    `<rect ${at} stroke="#000000" stroke-opacity="0.45" stroke-width="${fixed(line * 1.8)}"${dash}/>` +
    `<rect ${at} stroke="${colour}" stroke-width="${fixed(line)}"${dash}/>`
  );
}

function labelSvg(drawn: DrawnBox, size: Size, classes: readonly string[], colour: string): string {
  const name = classes[drawn.classId] ?? String(drawn.classId);
  const score = drawn.score === undefined ? '' : ` ${Math.round(drawn.score * 100)}%`;
  const { box, text } = placeLabel(drawn.box, name, score, size);
  const font = fontSize(size);
  const [w, h] = [fixed(box.x2 - box.x1), fixed(box.y2 - box.y1)];
  // A nested svg cuts what a wider font than expected would draw outside.
  return (
    `<svg x="${fixed(box.x1)}" y="${fixed(box.y1)}" width="${w}" height="${h}" overflow="hidden">` +
    `<rect width="${w}" height="${h}" rx="${fixed(font / 5)}" fill="${colour}"/>` +
    `<text x="${fixed(font * 0.35)}" y="${fixed(font * 1.02)}" font-family="Roboto, Arial, 'Noto Sans', 'DejaVu Sans', sans-serif" ` +
    `font-size="${font}" xml:space="preserve" fill="${textColourOn(colour)}">${escapeXml(text)}</text></svg>`
  );
}

/** Puts a label above its box, or inside its top edge where there is no room; moved left, and the name shortened, to stay in the image. */
export function placeLabel(box: Box, name: string, score: string, size: Size): PlacedLabel {
  const font = fontSize(size);
  const height = Math.min(size.height, Math.round(font * 1.35));
  const text = shorten(name, score, size.width - font * 0.7, font);
  const width = Math.min(size.width, textWidth(text, font) + font * 0.7);
  const x1 = Math.max(0, Math.min(box.x1, size.width - width));
  const above = box.y1 - height;
  const y1 = Math.max(0, Math.min(above >= 0 ? above : Math.max(0, box.y1), size.height - height));
  return { box: { x1, y1, x2: x1 + width, y2: y1 + height }, text };
}

function shorten(name: string, score: string, room: number, font: number): string {
  const clean = Array.from(name.replace(/\s+/g, ' '));
  if (textWidth(clean.join('') + score, font) <= room) return clean.join('') + score;
  while (clean.length > 0 && textWidth(`${clean.join('')}…${score}`, font) > room) clean.pop();
  return `${clean.join('')}…${score}`;
}

/** Widths in em from above for the widest usual screen font (DejaVu Sans); which font there is can't be known here. */
function textWidth(text: string, font: number): number {
  return Array.from(text).reduce((sum, c) => sum + charWidth(c), 0) * font;
}

function charWidth(char: string): number {
  if (/[il.,:;|!'jI ]/.test(char)) return 0.36;
  if (/[mwMWQ@%…]/.test(char)) return 1;
  if (char.codePointAt(0)! >= 0x1100) return 1.1;
  return /[A-Z]/.test(char) ? 0.76 : 0.65;
}

function fixed(value: number): string {
  return String(Math.round(value * 100) / 100);
}

/** Text for XML: markup escaped, characters that XML forbids (controls, lone surrogates) left out. */
function escapeXml(text: string): string {
  const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' };
  return text
    .replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '')
    .replace(/[&<>"']/g, (c) => entities[c]!);
}
