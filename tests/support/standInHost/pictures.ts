// Pictures for a host in memory: drawn scenes, and heatmap planes that follow the boxes.
import sharp from 'sharp';
import type { Box } from '../../../src/shared/geometry.ts';

/** What is painted: coloured shapes where objects are. */
export interface Drawn {
  width: number;
  height: number;
  seed: number;
  boxes: readonly Box[];
}

/** A drawn scene as SVG. */
export function sceneSvg({ width, height, seed, boxes }: Drawn): string {
  const hue = (seed * 47) % 360;
  const shapes = boxes.slice(0, 400).map((b, i) => {
    const [w, h] = [b.x2 - b.x1, b.y2 - b.y1];
    const fill = `hsl(${(hue + 140 + i * 31) % 360} 48% ${48 + (i % 4) * 7}%)`;
    return `<ellipse cx="${b.x1 + w / 2}" cy="${b.y1 + h / 2}" rx="${w / 2}" ry="${h / 2}" fill="${fill}"/><ellipse cx="${b.x1 + w * 0.4}" cy="${b.y1 + h * 0.35}" rx="${w * 0.16}" ry="${h * 0.12}" fill="#fff" fill-opacity=".45"/>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"><defs><linearGradient id="g" x1="0" y1="0" x2="1" y2="1"><stop offset="0" stop-color="hsl(${hue} 30% 82%)"/><stop offset="1" stop-color="hsl(${(hue + 50) % 360} 28% 58%)"/></linearGradient></defs><rect width="100%" height="100%" fill="url(#g)"/>${shapes.join('')}</svg>`;
}

const cache = new Map<string, Promise<Buffer>>();

/** A drawn scene as JPEG, at most `size` pixels on its longer side. */
export function sceneJpeg(drawn: Drawn, size = Math.max(drawn.width, drawn.height)): Promise<Buffer> {
  const key = `${drawn.seed}:${drawn.width}x${drawn.height}:${drawn.boxes.length}:${size}`;
  const known = cache.get(key);
  if (known) return known;
  const made = sharp(Buffer.from(sceneSvg(drawn)))
    .resize(size, size, { fit: 'inside' })
    .jpeg({ quality: 85 })
    .toBuffer();
  cache.set(key, made);
  return made;
}

/** A picture as a run sees it after `epoch` epochs: glowing centres that grow sharper, boxes that come closer. */
export async function seenByRun(picture: Buffer, { width, height, boxes }: Drawn, epoch: number): Promise<Buffer> {
  const sure = 1 - Math.exp(-epoch / 4);
  const shapes = boxes.slice(0, 60).map((b, i) => {
    const [w, h] = [b.x2 - b.x1, b.y2 - b.y1];
    const off = (1 - sure) * ((i % 5) - 2) * 0.12;
    const glow = `<ellipse cx="${b.x1 + w / 2}" cy="${b.y1 + h / 2}" rx="${w * (0.9 - 0.4 * sure)}" ry="${h * (0.9 - 0.4 * sure)}" fill="url(#glow)" opacity="${0.35 + 0.5 * sure}"/>`;
    const box = `<rect x="${b.x1 + w * off}" y="${b.y1 + h * off}" width="${w}" height="${h}" fill="none" stroke="#ffffff" stroke-width="${width / 240}"/>`;
    return glow + (sure > 0.3 + (i % 4) * 0.12 ? box : '');
  });
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><defs><radialGradient id="glow"><stop offset="0" stop-color="#fff3b0"/><stop offset="0.35" stop-color="#f58a1f" stop-opacity=".85"/><stop offset="0.7" stop-color="#7a1fa0" stop-opacity=".45"/><stop offset="1" stop-color="#20104a" stop-opacity="0"/></radialGradient></defs><rect width="100%" height="100%" fill="#0b0820" opacity=".38"/>${shapes.join('')}</svg>`;
  const { width: w, height: h } = await sharp(picture).metadata();
  const layer = await sharp(Buffer.from(svg)).resize(w, h, { fit: 'fill' }).png().toBuffer();
  return sharp(picture)
    .composite([{ input: layer }])
    .jpeg({ quality: 85 })
    .toBuffer();
}

/** Grid of the stand-in's heatmaps. */
export const grid = { columns: 128, rows: 96 };

/** Score and distance planes of boxes of one class: elliptic hills at their centres. */
export function heatPlanes(
  boxes: readonly Box[],
  width: number,
  height: number,
): { scores: Uint8Array; distances: Float32Array } {
  const { columns, rows } = grid;
  const cells = columns * rows;
  const scores = new Uint8Array(cells);
  const distances = new Float32Array(cells * 4);
  const [cw, ch] = [width / columns, height / rows];
  for (const b of boxes) {
    const [cx, cy, sx, sy] = [(b.x1 + b.x2) / 2, (b.y1 + b.y2) / 2, (b.x2 - b.x1) / 5, (b.y2 - b.y1) / 5];
    for (let r = 0; r < rows; r++)
      for (let c = 0; c < columns; c++) {
        const [x, y] = [(c + 0.5) * cw, (r + 0.5) * ch];
        const v = Math.round(235 * Math.exp(-((x - cx) ** 2 / (2 * sx * sx) + (y - cy) ** 2 / (2 * sy * sy))));
        const at = r * columns + c;
        if (v <= scores[at]!) continue;
        scores[at] = v;
        distances.set([x - b.x1], at);
        distances.set([y - b.y1], cells + at);
        distances.set([b.x2 - x], 2 * cells + at);
        distances.set([b.y2 - y], 3 * cells + at);
      }
  }
  return { scores, distances };
}
