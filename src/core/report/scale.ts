// Numbers for drawing: nice ticks, smoothing, thinning, interpolation.

/** A point of a chart in data units. */
export type Point = readonly [x: number, y: number];

/** A covering range and its ticks. */
export interface Axis {
  min: number;
  max: number;
  ticks: number[];
}

/** The step of 1, 2 or 5 times a power of ten that makes about `count` steps of `span`. */
function niceStep(span: number, count: number): number {
  const raw = span / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  const factor = [1, 2, 5].find((f) => f * power >= raw * 0.999) ?? 10;
  return factor * power;
}

/** Ticks at round numbers covering `low` to `high`; an empty range is widened. */
export function niceAxis(low: number, high: number, count = 5): Axis {
  const flat = !(high > low);
  const from = flat ? low - Math.max(0.5, Math.abs(low) * 0.1) : low;
  const to = flat ? high + Math.max(0.5, Math.abs(high) * 0.1) : high;
  const step = niceStep(to - from, count);
  const first = Math.floor(from / step + 1e-9);
  const last = Math.ceil(to / step - 1e-9);
  const digits = Math.max(0, Math.ceil(-Math.log10(step)) + 1);
  const ticks = Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toFixed(digits)));
  return { min: ticks[0]!, max: ticks.at(-1)!, ticks };
}

/** Moving average that forgets exponentially, without the bias to its first value. */
export function smooth(points: readonly Point[], weight = 0.95): Point[] {
  let sum = 0;
  let total = 0;
  return points.map(([x, y]) => {
    sum = sum * weight + y;
    total = total * weight + 1;
    return [x, sum / total];
  });
}

/** At most about `limit` points that keep the outline: the lowest and the highest of every stretch. */
export function thin(points: readonly Point[], limit = 400): readonly Point[] {
  if (points.length <= limit) return points;
  const size = Math.ceil((points.length * 2) / limit);
  const kept: Point[] = [];
  for (let start = 0; start < points.length; start += size) {
    const part = points.slice(start, start + size);
    const low = part.reduce((a, b) => (b[1] < a[1] ? b : a));
    const high = part.reduce((a, b) => (b[1] > a[1] ? b : a));
    kept.push(...(low === high ? [low] : [low, high].sort((a, b) => part.indexOf(a) - part.indexOf(b))));
  }
  const last = points.at(-1)!;
  return kept.at(-1) === last ? kept : [...kept, last];
}

/** The value under which the share `q` of `values` lies. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? 0;
}

/** Straight-line interpolation in points of rising x; null outside them. */
export function interpolate(points: readonly Point[], x: number): number | null {
  const after = points.findIndex((p) => p[0] >= x);
  if (after < 0) return null;
  const [x1, y1] = points[after]!;
  if (x1 === x) return y1;
  const before = points[after - 1];
  if (!before) return null;
  return before[1] + ((y1 - before[1]) * (x - before[0])) / (x1 - before[0]);
}
