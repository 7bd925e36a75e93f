// The fixed grid of COCO evaluation: IoU and recall thresholds, area ranges, detections per image; and numpy's linspace, digit for digit.

/** Evenly spaced numbers with numpy's rounding: `start + i * step`, and `stop` itself last. */
export function linspace(start: number, stop: number, count: number): Float64Array {
  const step = (stop - start) / (count - 1);
  return Float64Array.from({ length: count }, (_, i) => (i === count - 1 ? stop : i * step + start));
}

/** 0.50, 0.55 … 0.95. */
export const iouThresholds = linspace(0.5, 0.95, 10);

/** 0, 0.01 … 1. */
export const recallThresholds = linspace(0, 1, 101);

/** An inclusive range of areas in square pixels. */
export interface AreaRange {
  name: 'all' | 'small' | 'medium' | 'large';
  min: number;
  max: number;
}

/** Both ends belong to a range, so an area of exactly 32² counts as small and as medium. */
export const areaRanges: readonly AreaRange[] = [
  { name: 'all', min: 0, max: 1e10 },
  { name: 'small', min: 0, max: 32 ** 2 },
  { name: 'medium', min: 32 ** 2, max: 96 ** 2 },
  { name: 'large', min: 96 ** 2, max: 1e10 },
];

/** Detections kept per image and class, best first. */
export const maxDetections = [1, 10, 100] as const;
