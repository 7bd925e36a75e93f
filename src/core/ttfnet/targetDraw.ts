// Drawing on the planes of a map: a Gaussian cut to the map, the same as a maximum on a heatmap, and rectangles.

/** A Gaussian around a cell, cut to the map; `columns` and `rows` are its factors in double precision. */
export interface Gaussian {
  /** First column and row inside the map. */
  readonly left: number;
  readonly top: number;
  /** exp(-dx^2 / 2 sigma^2) per column, exp(-dy^2 / 2 sigma^2) per row; empty when the Gaussian lies outside. */
  readonly columns: Float64Array;
  readonly rows: Float64Array;
}

/**
 * A Gaussian of sigma (2 r + 1) / 6 in each direction, cut after r cells.
 * @param x centre column, may lie outside the map
 * @param y centre row
 * @param radii horizontal and vertical, in cells
 */
export function gaussian(
  x: number,
  y: number,
  [rx, ry]: readonly [number, number],
  { width, height }: { width: number; height: number },
): Gaussian {
  return {
    left: Math.max(0, x - rx),
    top: Math.max(0, y - ry),
    columns: factors(x, rx, width),
    rows: factors(y, ry, height),
  };
}

function factors(centre: number, radius: number, length: number): Float64Array {
  const first = Math.max(0, centre - radius);
  const count = Math.min(length - 1, centre + radius) - first + 1;
  const sigma = (2 * radius + 1) / 6;
  const scale = -1 / (2 * sigma * sigma);
  const values = new Float64Array(count > 0 ? count : 0); // a bad box has a NaN centre: nothing is drawn
  for (let i = 0; i < values.length; i++) values[i] = Math.exp((first + i - centre) ** 2 * scale);
  return values;
}

/** Raises a heatmap plane to the Gaussian where that is higher. */
export function drawPeak(plane: Float32Array, width: number, { left, top, columns, rows }: Gaussian): void {
  for (let r = 0; r < rows.length; r++) {
    const row = rows[r]!;
    let at = (top + r) * width + left;
    for (let c = 0; c < columns.length; c++, at++) {
      const value = row * columns[c]!;
      if (value > plane[at]!) plane[at] = value;
    }
  }
}

/** Visits every cell under a Gaussian with its float32 value. */
export function forEachInGaussian(
  { left, top, columns, rows }: Gaussian,
  width: number,
  visit: (cell: number, value: number) => void,
): void {
  for (let r = 0; r < rows.length; r++)
    for (let c = 0; c < columns.length; c++) visit((top + r) * width + left + c, Math.fround(rows[r]! * columns[c]!));
}

/** Visits every cell of a rectangle; `columns` and `rows` are first and one past the last. */
export function forEachInRectangle(
  columns: readonly [number, number],
  rows: readonly [number, number],
  width: number,
  visit: (cell: number) => void,
): void {
  for (let r = rows[0]; r < rows[1]; r++) for (let c = columns[0]; c < columns[1]; c++) visit(r * width + c);
}
