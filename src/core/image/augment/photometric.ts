// SSD's photometric distortion: brightness, contrast, saturation and hue, in one pass over the pixels.
import type { Box } from '../../../shared/geometry.ts';
import type { Rng } from '../../../shared/random.ts';
import type { RgbImage } from '../rgbImage.ts';
import type { AugmentSample } from './sample.ts';

/** Settings of {@link photometric}; each part happens half the time, as in SSD and mmdetection. */
export interface PhotometricParams {
  /** How often anything happens at all, 0 to 1; 1 is SSD. */
  probability: number;
  /** Added to every channel: up to this much, up or down. */
  brightness: number;
  /** Factor between these, before or after the colour change. */
  minContrast: number;
  maxContrast: number;
  /** Factor of the saturation (HSV) between these. */
  minSaturation: number;
  maxSaturation: number;
  /** Degrees that the hue turns by, up or down. */
  hue: number;
}

interface Change {
  /** Value of a channel after brightness and early contrast, for each byte. */
  table: Float32Array;
  saturation: number;
  /** In sixths of the circle, 0 to 6. */
  turn: number;
  lateContrast: number;
}

/** Changes light and colour of the picture at random; boxes stay. Values are clamped once, at the end. */
export function photometric<B extends { box: Box }>(
  image: RgbImage,
  boxes: B[],
  rng: Rng,
  params: PhotometricParams,
): AugmentSample<B> {
  if (!rng.chance(params.probability)) return { image, boxes };
  const change = draw(rng, params);
  const data = new Uint8ClampedArray(image.data.length);
  if (change.saturation === 1 && change.turn === 0) applyTable(image.data, data, change);
  else applyColour(image.data, data, change);
  return { image: { ...image, data: new Uint8Array(data.buffer) }, boxes };
}

/** Every number is drawn whether used or not, so that one setting doesn't change what follows. */
function draw(rng: Rng, p: PhotometricParams): Change {
  const half = (value: number, none: number): number => (rng.chance(0.5) ? value : none);
  const add = half(rng.float(-p.brightness, p.brightness), 0);
  const early = rng.chance(0.5);
  const contrast = half(rng.float(p.minContrast, p.maxContrast), 1);
  const saturation = half(rng.float(p.minSaturation, p.maxSaturation), 1);
  const degrees = half(rng.float(-p.hue, p.hue), 0);
  return {
    table: Float32Array.from({ length: 256 }, (_, v) => (v + add) * (early ? contrast : 1)),
    saturation,
    turn: (degrees / 60 + 6) % 6,
    lateContrast: early ? 1 : contrast,
  };
}

function applyTable(from: Uint8Array, to: Uint8ClampedArray, { table, lateContrast }: Change): void {
  const bytes = Uint8ClampedArray.from(table, (v) => v * lateContrast);
  for (let i = 0; i < from.length; i++) to[i] = bytes[from[i]!]!;
}

/**
 * HSV with value kept: scaling the saturation by k moves each channel c to max - k (max - c); turning the hue then moves the
 * position on the hexagon max/min. So no conversion there and back is needed.
 */
function applyColour(from: Uint8Array, to: Uint8ClampedArray, { table, saturation, turn, lateContrast }: Change): void {
  for (let i = 0; i < from.length; i += 3) {
    const r = table[from[i]!]!;
    const g = table[from[i + 1]!]!;
    const b = table[from[i + 2]!]!;
    const max = (r > g ? (r > b ? r : b) : g > b ? g : b) * lateContrast;
    const min = r < g ? (r < b ? r : b) : g < b ? g : b;
    const spread = max - min * lateContrast;
    const chroma = spread * saturation;
    const scale = spread === 0 ? 0 : lateContrast / spread;
    let h =
      r * lateContrast === max ? (g - b) * scale : g * lateContrast === max ? 2 + (b - r) * scale : 4 + (r - g) * scale;
    h += turn;
    if (h < 0) h += 6;
    else if (h >= 6) h -= 6;
    const low = max - chroma;
    const sextant = h | 0;
    const mid = sextant & 1 ? low + chroma * (sextant + 1 - h) : low + chroma * (h - sextant);
    to[i] = sextant === 0 || sextant === 5 ? max : sextant === 1 || sextant === 4 ? mid : low;
    to[i + 1] = sextant === 1 || sextant === 2 ? max : sextant === 0 || sextant === 3 ? mid : low;
    to[i + 2] = sextant === 3 || sextant === 4 ? max : sextant === 2 || sextant === 5 ? mid : low;
  }
}
