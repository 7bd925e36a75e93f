// Decoding in plain TypeScript: from the two maps to the best boxes (official ttf_head.py get_bboxes). For tests and heatmap peaks.
import type { Box } from '../../shared/geometry.ts';
import { stride } from './networks/network.ts';

/** The network's two outputs for a batch; `height` and `width` in cells. */
export interface HeadMaps {
  readonly images: number;
  readonly classes: number;
  readonly height: number;
  readonly width: number;
  /** [images, classes, height, width], before the sigmoid. */
  readonly heatmapLogits: Float32Array;
  /** [images, 4, height, width] (per class: 4 * classes): left, top, right, bottom from the cell's corner, in input pixels. */
  readonly distances: Float32Array;
}

/** Which boxes are kept, and where they end. */
export interface DecodeSettings {
  /** Only scores above it, strictly. */
  readonly threshold: number;
  /** Most boxes per image, over all classes. */
  readonly limit: number;
  /** Four distances per class instead of four for all. */
  readonly perClass?: boolean;
  /** Input size in pixels that boxes are clamped to, 0..size - 1; default the maps' size times 4. */
  readonly pad?: { readonly height: number; readonly width: number };
  /** Input pixels per image pixel, x and y; boxes are divided by it after clamping. Default none. */
  readonly scale?: readonly [number, number];
}

/** The boxes of one image, sorted by descending score; equal scores by class, then row, then column. */
export interface DecodedImage {
  /** [K, 4]: x1, y1, x2, y2, far corner inclusive. */
  readonly boxes: Float32Array;
  readonly scores: Float32Array;
  /** 0-based. */
  readonly classes: Int32Array;
}

/** A cell that no neighbour exceeds. */
export interface Peak {
  /** row * width + column */
  cell: number;
  score: number;
}

/** Sigmoid of every logit, in float32. */
export function probabilities(logits: Float32Array): Float32Array {
  return logits.map((x) => 1 / (1 + Math.exp(-x)));
}

/**
 * Cells of one class's map that equal the maximum of their 3x3 neighbourhood and exceed `threshold`, in row order. Every cell of a plateau
 * is one, as in the official code.
 * @param heat [height, width] probabilities
 */
export function findPeaks(heat: Float32Array, width: number, threshold: number): Peak[] {
  const height = heat.length / width;
  const peaks: Peak[] = [];
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const score = heat[y * width + x]!;
      if (score > threshold && isPeak(heat, width, height, x, y)) peaks.push({ cell: y * width + x, score });
    }
  return peaks;
}

function isPeak(heat: Float32Array, width: number, height: number, x: number, y: number): boolean {
  const score = heat[y * width + x]!;
  const [right, bottom] = [Math.min(x + 1, width - 1), Math.min(y + 1, height - 1)];
  for (let r = Math.max(0, y - 1); r <= bottom; r++)
    for (let c = Math.max(0, x - 1); c <= right; c++) if (heat[r * width + c]! > score) return false;
  return true;
}

/**
 * Decodes every image of a batch: peaks of each class, the best of them, their boxes (paper section 3.1).
 * @returns one entry per image, boxes in input pixels, or in image pixels where `scale` is given
 */
export function decode(maps: HeadMaps, settings: DecodeSettings): DecodedImage[] {
  return Array.from({ length: maps.images }, (_, image) => decodeImage(maps, settings, image));
}

interface ClassPeak extends Peak {
  classId: number;
}

/** The best of each class and then of all are the best of all: one sort does both. */
function decodeImage(maps: HeadMaps, settings: DecodeSettings, image: number): DecodedImage {
  const { classes, width, height } = maps;
  const cells = width * height;
  const found: ClassPeak[] = [];
  for (let classId = 0; classId < classes; classId++) {
    const first = (image * classes + classId) * cells;
    const heat = probabilities(maps.heatmapLogits.subarray(first, first + cells));
    for (const peak of findPeaks(heat, width, settings.threshold)) found.push({ ...peak, classId });
  }
  const best = found.sort((a, b) => b.score - a.score).slice(0, settings.limit);
  return {
    boxes: Float32Array.from(best.flatMap((peak) => boxOf(peak, maps, settings, image))),
    scores: Float32Array.from(best, (peak) => peak.score),
    classes: Int32Array.from(best, (peak) => peak.classId),
  };
}

function boxOf({ cell, classId }: ClassPeak, maps: HeadMaps, settings: DecodeSettings, image: number): number[] {
  const { height, width, distances } = maps;
  const cells = width * height;
  const groups = settings.perClass ? maps.classes : 1;
  const first = (image * groups + (settings.perClass ? classId : 0)) * 4 * cells + cell;
  const pad = settings.pad ?? { height: height * stride, width: width * stride };
  const corner = (side: number): number => {
    const horizontal = side % 2 === 0;
    const origin = (horizontal ? cell % width : Math.floor(cell / width)) * stride;
    const end = Math.fround(origin + (side < 2 ? -1 : 1) * distances[first + side * cells]!);
    const clamped = Math.max(0, Math.min(end, (horizontal ? pad.width : pad.height) - 1));
    return settings.scale ? clamped / Math.fround(settings.scale[horizontal ? 0 : 1]) : clamped;
  };
  return [corner(0), corner(1), corner(2), corner(3)];
}

/**
 * A TTFNet box (input pixels, far corner inclusive) in continuous coordinates of the image: the inverse of `toInclusive`.
 * @param scaleX input width / image width
 * @param scaleY input height / image height
 */
export function toContinuous({ x1, y1, x2, y2 }: Box, scaleX: number, scaleY: number): Box {
  return { x1: x1 / scaleX, y1: y1 / scaleY, x2: (x2 + 1) / scaleX, y2: (y2 + 1) / scaleY };
}
