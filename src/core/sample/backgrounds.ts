// Table tops: wood, slate, linen, marble, cork, a cutting mat. Rendered once each, larger than a picture, and cut from differently each time.
import { composeSvg, renderSvg } from '../image/encode.ts';
import type { RgbImage } from '../image/rgbImage.ts';

/** Size of a table top; pictures are windows of it. */
export const tableSize = { width: 800, height: 600 };

interface Surface {
  /** Middle colour. */
  base: string;
  /** feTurbulence: frequency across and along, octaves, and how strongly it shows. */
  grain: readonly [string, number, number];
  /** Colour of the grain. */
  tint: string;
  /** A second, finer grain. */
  fine?: readonly [string, number, number];
  extra?: string;
}

const planks = (step: number): string =>
  Array.from({ length: Math.ceil(tableSize.height / step) }, (_, i) => {
    const y = (i + 1) * step;
    const x = (i * 317) % tableSize.width;
    return (
      `<path d="M0 ${y} H900 M${x} ${y - step} V${y}" stroke="#1d0f06" stroke-opacity="0.55" stroke-width="2.4"/><path d="M0 ${y + 2} H900" stroke="#ffffff" stroke-opacity="0.12" stroke-width="1.4"/>` +
      `<rect y="${y - step}" width="${x}" height="${step}" fill="${i % 2 ? '#000000' : '#ffffff'}" fill-opacity="0.07"/>`
    );
  }).join('');

const matGrid =
  `<path d="${Array.from({ length: 30 }, (_, i) => `M${i * 30} 0 V700`).join(' ')} ${Array.from({ length: 24 }, (_, i) => `M0 ${i * 30} H900`).join(' ')}" stroke="#cfe8dc" stroke-opacity="0.28" stroke-width="1"/>` +
  `<path d="${Array.from({ length: 6 }, (_, i) => `M${i * 150} 0 V700 M0 ${i * 150} H900`).join(' ')}" stroke="#e2f3ea" stroke-opacity="0.4" stroke-width="1.8"/>`;

const surfaces: readonly Surface[] = [
  { base: '#a8743f', grain: ['0.006 0.11', 2, 0.75], tint: '#4a2508', fine: ['0.02 0.6', 1, 0.3], extra: planks(120) },
  { base: '#5b3a24', grain: ['0.005 0.09', 2, 0.8], tint: '#1e0d04', fine: ['0.02 0.7', 1, 0.35], extra: planks(175) },
  { base: '#d9bb8c', grain: ['0.004 0.07', 2, 0.5], tint: '#8a5a2c', fine: ['0.015 0.5', 1, 0.3] },
  { base: '#454b51', grain: ['0.02 0.025', 3, 0.5], tint: '#14181c', fine: ['0.6 0.5', 1, 0.35] },
  { base: '#d8d0c0', grain: ['0.9 0.03', 2, 0.4], tint: '#8b7d66', fine: ['0.03 0.9', 2, 0.45] },
  { base: '#e9e7e3', grain: ['0.008 0.012', 4, 0.5], tint: '#777b86', fine: ['0.5 0.5', 1, 0.06] },
  { base: '#c79a64', grain: ['0.12 0.12', 3, 0.75], tint: '#5a3417', fine: ['0.5 0.5', 1, 0.4] },
  { base: '#2f6e5c', grain: ['0.02 0.02', 2, 0.2], tint: '#0d2b22', fine: ['0.7 0.7', 1, 0.15], extra: matGrid },
];

/** How many kinds of table tops there are. */
export const surfaceCount = surfaces.length;

/** Pixels of table top number `index`. */
export async function renderSurface(index: number): Promise<RgbImage> {
  const { base, grain, tint, fine, extra = '' } = surfaces[index % surfaces.length]!;
  const layers = [noise('n1', grain, tint, index), fine ? noise('n2', fine, tint, index + 40) : ''];
  const ground = await renderSvg(
    document(`<rect width="100%" height="100%" fill="${base}"/>${layers.join('')}`),
    tableSize,
  );
  return extra === '' ? ground : composeSvg(ground, document(extra));
}

/** Grain: one channel of noise becomes the opacity of a colour, its contrast stretched around the middle. */
function noise(
  id: string,
  [frequency, octaves, strength]: readonly [string, number, number],
  tint: string,
  seed: number,
): string {
  const [r, g, b] = [1, 3, 5].map((i) => (Number.parseInt(tint.slice(i, i + 2), 16) / 255).toFixed(3));
  const matrix = `0 0 0 0 ${r!} 0 0 0 0 ${g!} 0 0 0 0 ${b!} ${2.4 * strength} 0 0 0 ${(-0.75 * strength).toFixed(3)}`;
  return (
    `<filter id="${id}" x="0" y="0" width="100%" height="100%" color-interpolation-filters="sRGB"><feTurbulence type="fractalNoise" baseFrequency="${frequency}" numOctaves="${octaves}" seed="${seed}" result="t"/>` +
    `<feColorMatrix in="t" type="matrix" values="${matrix}"/></filter><rect width="100%" height="100%" filter="url(#${id})"/>`
  );
}

function document(body: string): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${tableSize.width}" height="${tableSize.height}">${body}</svg>`;
}
