// Photographs with boxes as SVG: each JPEG is embedded once and used by every picture that shows it, whole or a part of it.
import type { Box } from '../../shared/geometry.ts';
import { classHue, escape } from './html.ts';
import type { ReportImage } from './types.ts';

/** A box to draw. */
export interface DrawnBox {
  box: Box;
  /** Shown on hover and to screen readers. */
  text: string;
  /** Written at the box; may be empty. */
  tag: string;
  /** Class id; decides the colour. */
  classId: number;
  /** Labels are dashed, detections solid. */
  label: boolean;
  /** Writes the tag under the box, where another's tag stands above. */
  below?: boolean;
}

/** Images under the ids by which pictures refer to them. */
export class PictureStore {
  private readonly ids = new Map<string, string>();
  private readonly images: Readonly<Record<string, ReportImage>>;

  constructor(images: Readonly<Record<string, ReportImage>>) {
    this.images = images;
  }

  /** True when pictures of `path` can be drawn. */
  has(path: string): boolean {
    return Object.hasOwn(this.images, path);
  }

  /** The image of `path`. Only for paths that {@link has} confirms. */
  image(path: string): ReportImage {
    return this.images[path]!;
  }

  /** The element id of `path`'s image; marks it as used. */
  idOf(path: string): string {
    const id = this.ids.get(path) ?? `img-${this.ids.size}`;
    this.ids.set(path, id);
    return id;
  }

  /** The hidden definitions of all used images; goes before the first picture in the page. */
  definitions(): string {
    const items = [...this.ids].map(([path, id]) => {
      const { jpeg, width, height } = this.images[path]!;
      const data = Buffer.from(jpeg).toString('base64');
      return `<image id="${id}" width="${width}" height="${height}" preserveAspectRatio="none" href="data:image/jpeg;base64,${data}"/>`;
    });
    return `<svg class="defs" width="0" height="0" aria-hidden="true"><defs>${items.join('')}</defs></svg>`;
  }
}

function boxElement(b: DrawnBox, view: Box, unit: number): string {
  const { x1, y1, x2, y2 } = b.box;
  const rect = `<rect x="${x1.toFixed(1)}" y="${y1.toFixed(1)}" width="${Math.max(0, x2 - x1).toFixed(1)}" height="${Math.max(0, y2 - y1).toFixed(1)}"${b.label ? ' stroke-dasharray="6 3"' : ''}/>`;
  const fits = y1 - 14 * unit >= view.y1; // above the box, or inside its top edge where the picture ends
  const x = Math.max(x1, view.x1) + (fits || b.below ? 0 : 3 * unit);
  const under = Math.min(y2 + 14 * unit, view.y2 - 5 * unit);
  const over = fits ? y1 - 4 * unit : Math.max(y1, view.y1) + 13 * unit;
  const y = b.below ? under : over;
  const text = `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" font-size="${(12 * unit).toFixed(2)}" stroke-width="${(3 * unit).toFixed(2)}">${escape(b.tag)}</text>`;
  return `<g style="--h:${classHue(b.classId)}"><title>${escape(b.text)}</title>${rect}${b.tag ? text : ''}</g>`;
}

/**
 * One picture.
 * @param view the part shown, in the image's pixels; the whole image when absent
 * @param shownWidth about how wide it will be on screen, in CSS pixels; keeps text readable
 */
export function picture(
  store: PictureStore,
  path: string,
  boxes: readonly DrawnBox[],
  alt: string,
  shownWidth: number,
  view?: Box,
): string {
  const { width, height } = store.image(path);
  const v = view ?? { x1: 0, y1: 0, x2: width, y2: height };
  const unit = (v.x2 - v.x1) / shownWidth;
  const drawn = boxes.map((b) => boxElement(b, v, unit)).join('');
  const viewBox = [v.x1, v.y1, v.x2 - v.x1, v.y2 - v.y1].map((n) => n.toFixed(1)).join(' ');
  return `<svg class="picture" viewBox="${viewBox}" role="img" aria-label="${escape(alt)}"><use href="#${store.idOf(path)}"/>${drawn}</svg>`;
}

/** A 4:3 part of an image around boxes, with some surroundings, inside the image where it is large enough. */
export function cropAround(boxes: readonly Box[], image: ReportImage): Box {
  const x1 = Math.min(...boxes.map((b) => b.x1));
  const y1 = Math.min(...boxes.map((b) => b.y1));
  const x2 = Math.max(...boxes.map((b) => b.x2));
  const y2 = Math.max(...boxes.map((b) => b.y2));
  const least = Math.min(image.width, image.height) / 4;
  const wide = Math.max((x2 - x1) * 1.6, (y2 - y1) * 1.6 * (4 / 3), least);
  const width = Math.min(wide, image.width, image.height * (4 / 3));
  const height = width * 0.75;
  const fit = (centre: number, size: number, limit: number): number =>
    Math.max(0, Math.min(limit - size, centre - size / 2));
  const left = fit((x1 + x2) / 2, width, image.width);
  const above = fit((y1 + y2) / 2, height, image.height);
  return { x1: left, y1: above, x2: left + width, y2: above + height };
}
