// Line charts as inline SVG: axes with round ticks, legend, bands, values on hover, and words for those who can't see them.
import { escape, short } from './html.ts';
import { niceAxis, thin } from './scale.ts';
import type { Axis, Point } from './scale.ts';

/** One line of a chart. */
export interface Series {
  name: string;
  /** By rising x; points that aren't finite are left out. */
  points: readonly Point[];
  /** Drawn faintly behind the line: the raw values of a smoothed one. */
  raw?: readonly Point[];
  /** `[x, low, high]`, shaded behind the line. */
  band?: readonly (readonly [number, number, number])[];
  /** A heavier line in the text colour, for a total. */
  strong?: boolean;
}

/** What a chart shows. */
export interface Chart {
  title: string;
  xLabel: string;
  yLabel: string;
  series: readonly Series[];
  /** Fixed ranges, where the data shouldn't decide. */
  xRange?: readonly [number, number];
  yRange?: readonly [number, number];
  /** Takes the whole width of the page. */
  wide?: boolean;
  /** Marks every value with a dot (for few points); only the hover areas otherwise. */
  dots?: boolean;
  /** A sentence under the chart. */
  note?: string;
}

const height = 280;
const left = 56;
const right = 14;
const top = 12;
const bottom = 44;
/** Lines have eight colours (`--s0` to `--s7` of the style sheet), then dashes. */
const colours = 8;

interface Frame {
  width: number;
  x: Axis;
  y: Axis;
  px: (x: number) => string;
  py: (y: number) => string;
}

const usable = (points: readonly Point[]): Point[] => points.filter((p) => p.every(Number.isFinite));

function extent(values: readonly number[], fixed: readonly [number, number] | undefined): readonly [number, number] {
  if (fixed) return fixed;
  let low = Infinity;
  let high = -Infinity;
  for (const v of values) {
    if (v < low) low = v;
    if (v > high) high = v;
  }
  return low <= high ? [low, high] : [0, 1];
}

function frame(chart: Chart): Frame {
  const width = chart.wide ? 1000 : 560;
  const drawn = chart.series.flatMap((s) => [...usable(s.points), ...usable(s.raw ?? [])]);
  const bands = chart.series.flatMap((s) => s.band ?? []);
  const ys = [...drawn.map((p) => p[1]), ...bands.flatMap((b) => [b[1], b[2]])];
  const x = niceAxis(
    ...extent(
      drawn.map((p) => p[0]),
      chart.xRange,
    ),
    6,
  );
  // time and epochs end where the data ends: half an empty chart says nothing
  const [from, to] = extent(
    drawn.map((p) => p[0]),
    chart.xRange,
  );
  if (to > from) Object.assign(x, { min: from, max: to, ticks: x.ticks.filter((t) => t >= from && t <= to) });
  const y = niceAxis(...extent(ys, chart.yRange));
  const px = (v: number): string => (left + ((v - x.min) / (x.max - x.min)) * (width - left - right)).toFixed(1);
  const py = (v: number): string =>
    (height - bottom - ((v - y.min) / (y.max - y.min)) * (height - top - bottom)).toFixed(1);
  return { width, x, y, px, py };
}

function axes(f: Frame, chart: Chart): string {
  const { width } = f;
  const rows = f.y.ticks.map(
    (t) =>
      `<line class="grid" x1="${left}" x2="${width - right}" y1="${f.py(t)}" y2="${f.py(t)}"/><text x="${left - 8}" y="${f.py(t)}" dy=".32em" text-anchor="end">${short(t)}</text>`,
  );
  const columns = f.x.ticks.map(
    (t) =>
      `<line class="tick" x1="${f.px(t)}" x2="${f.px(t)}" y1="${height - bottom}" y2="${height - bottom + 4}"/><text x="${f.px(t)}" y="${height - bottom + 18}" text-anchor="middle">${short(t)}</text>`,
  );
  const base = `<line class="axis" x1="${left}" x2="${width - right}" y1="${height - bottom}" y2="${height - bottom}"/>`;
  const xName = `<text class="name" x="${(left + width - right) / 2}" y="${height - 6}" text-anchor="middle">${escape(chart.xLabel)}</text>`;
  const middle = (top + height - bottom) / 2;
  const yName = `<text class="name" transform="translate(13 ${middle}) rotate(-90)" text-anchor="middle">${escape(chart.yLabel)}</text>`;
  return [...rows, ...columns, base, xName, yName].join('');
}

const path = (f: Frame, points: readonly Point[]): string =>
  points.map(([x, y], i) => `${i === 0 ? 'M' : 'L'}${f.px(x)} ${f.py(y)}`).join('');

function area(f: Frame, band: readonly (readonly [number, number, number])[]): string {
  const up = band.map(([x, , high]) => `${f.px(x)} ${f.py(high)}`);
  const down = [...band].reverse().map(([x, low]) => `${f.px(x)} ${f.py(low)}`);
  return `M${[...up, ...down].join('L')}Z`;
}

function hovers(f: Frame, s: Series, points: readonly Point[], chart: Chart): string {
  const step = Math.max(1, Math.ceil(points.length / 60));
  const shown = points.filter((_, i) => i % step === 0 || i === points.length - 1);
  return shown
    .map(([x, y]) => {
      const words = `${s.name}: ${short(y)} at ${chart.xLabel} ${short(x)}`;
      const dot =
        chart.dots && points.length <= 60 ? `<circle class="dot" cx="${f.px(x)}" cy="${f.py(y)}" r="2.5"/>` : '';
      return `${dot}<circle class="hit" cx="${f.px(x)}" cy="${f.py(y)}" r="7"><title>${escape(words)}</title></circle>`;
    })
    .join('');
}

const style = (s: Series, i: number): string => `--c:${s.strong ? 'var(--text)' : `var(--s${i % colours})`}`;

function line(f: Frame, s: Series, i: number, chart: Chart): string {
  const points = thin(usable(s.points));
  const raw = thin(usable(s.raw ?? []), 800);
  const dashed = i >= colours && !s.strong ? ' stroke-dasharray="5 3"' : '';
  return [
    `<g style="${style(s, i)}">`,
    s.band && s.band.length > 1 ? `<path class="band" d="${area(f, s.band)}"/>` : '',
    raw.length > 1 ? `<path class="raw" d="${path(f, raw)}"/>` : '',
    points.length > 1 ? `<path class="line${s.strong ? ' strong' : ''}"${dashed} d="${path(f, points)}"/>` : '',
    hovers(f, s, points, { ...chart, dots: chart.dots === true || points.length === 1 }),
    '</g>',
  ].join('');
}

function legend(series: readonly Series[]): string {
  if (series.length < 2) return '';
  const items = series.map((s, i) => `<li style="${style(s, i)}"><i></i>${escape(s.name)}</li>`);
  return `<ul class="legend">${items.join('')}</ul>`;
}

function describe(chart: Chart): string {
  const lines = chart.series.map((s) => {
    const points = usable(s.points);
    const last = points.at(-1);
    if (!last) return `${s.name}: no values.`;
    const [low, high] = extent(
      points.map((p) => p[1]),
      undefined,
    );
    return `${s.name}: ${points.length} values from ${short(low)} to ${short(high)}, last ${short(last[1])}.`;
  });
  return `${chart.yLabel} against ${chart.xLabel}. ${lines.join(' ')}`;
}

/**
 * Draws a chart as a `<figure>`.
 * @param id unique in the page; letters, digits and dashes
 */
export function lineChart(id: string, chart: Chart): string {
  const empty = chart.series.every((s) => usable(s.points).length === 0);
  const caption = `<figcaption>${escape(chart.title)}</figcaption>`;
  if (empty) return `<figure class="chart">${caption}<p class="empty">No values were recorded.</p></figure>`;
  const f = frame(chart);
  const { width } = f;
  const plot = `<rect x="${left - 4}" y="${top - 4}" width="${width - left - right + 8}" height="${height - top - bottom + 8}"/>`;
  const svg = [
    `<svg viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="${id}-t ${id}-d">`,
    `<title id="${id}-t">${escape(chart.title)}</title><desc id="${id}-d">${escape(describe(chart))}</desc>`,
    `<clipPath id="${id}-c">${plot}</clipPath>`,
    axes(f, chart),
    `<g clip-path="url(#${id}-c)">${chart.series.map((s, i) => line(f, s, i, chart)).join('')}</g></svg>`,
  ].join('');
  const note = chart.note ? `<p class="note">${escape(chart.note)}</p>` : '';
  return `<figure class="chart${chart.wide ? ' wide' : ''}">${caption}${legend(chart.series)}${svg}${note}</figure>`;
}
