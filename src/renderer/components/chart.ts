// Chart arithmetic: round axis steps, points to paths, and the nearest point under a pointer. Pure.

/** One line of a chart: points in data units, in order of x. */
export interface Series {
  name: string;
  color: string;
  points: readonly { x: number; y: number }[];
}

/** Round numbers that cover `low` to `high` in about `count` steps: steps of 1, 2 or 5 times a power of ten. */
export function ticks(low: number, high: number, count: number): number[] {
  const span = high - low;
  if (!(span > 0) || !Number.isFinite(span)) return [low];
  const raw = span / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = ([1, 2, 5].find((m) => m * power >= raw * 0.75) ?? 10) * power;
  const out: number[] = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-6; i++)
    out.push(Number((i * step).toPrecision(12)));
  return out;
}

/** Smallest range that holds all points; `fallback` where there is none, widened where it is a single value. */
export function range(values: readonly number[], fallback: [number, number]): [number, number] {
  let low = Infinity;
  let high = -Infinity;
  for (const v of values) {
    if (!Number.isFinite(v)) continue;
    low = Math.min(low, v);
    high = Math.max(high, v);
  }
  if (low > high) return fallback;
  return low === high ? [low - Math.abs(low || 1) / 2, high + Math.abs(high || 1) / 2] : [low, high];
}

/** SVG path through points after scaling; values that aren't finite break the line. */
export function path(points: Series['points'], x: (v: number) => number, y: (v: number) => number): string {
  let pen = 'M';
  let out = '';
  for (const p of points) {
    if (!Number.isFinite(p.y)) {
      pen = 'M';
      continue;
    }
    out += `${pen}${x(p.x).toFixed(1)},${y(p.y).toFixed(1)}`;
    pen = 'L';
  }
  return out;
}

/** At most `limit` points: every run of neighbours becomes its mean, so that a long run stays light to draw. */
export function thin(points: Series['points'], limit: number): { x: number; y: number }[] {
  if (points.length <= limit) return [...points];
  const size = points.length / limit;
  return Array.from({ length: limit }, (_, i) => {
    const part = points.slice(Math.floor(i * size), Math.floor((i + 1) * size));
    const mean = (of: 'x' | 'y'): number => part.reduce((sum, p) => sum + p[of], 0) / part.length;
    return { x: mean('x'), y: mean('y') };
  });
}

/** The point whose x is nearest to `x`, or undefined for an empty line. */
export function nearest(points: Series['points'], x: number): { x: number; y: number } | undefined {
  let best: { x: number; y: number } | undefined;
  for (const p of points) if (!best || Math.abs(p.x - x) < Math.abs(best.x - x)) best = p;
  return best;
}
