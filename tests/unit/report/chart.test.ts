// Charts: ticks, smoothing, thinning, and that a chart says in words and on hover what it draws.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lineChart } from '../../../src/core/report/chart.ts';
import { count, escape, minutes, short } from '../../../src/core/report/html.ts';
import { interpolate, niceAxis, quantile, smooth, thin } from '../../../src/core/report/scale.ts';
import type { Point } from '../../../src/core/report/scale.ts';

describe('niceAxis', () => {
  it.each([
    [0, 1, [0, 0.2, 0.4, 0.6, 0.8, 1]],
    [0, 9.76, [0, 2, 4, 6, 8, 10]],
    [0, 2e-4, [0, 5e-5, 1e-4, 1.5e-4, 2e-4]],
    [-3, 14, [-5, 0, 5, 10, 15]],
  ])('%d to %d', (low, high, ticks) => expect(niceAxis(low, high).ticks).toEqual(ticks));

  it('covers any range with a handful of rising ticks, an empty one too', () => {
    const value = fc.double({ min: -1e9, max: 1e9, noNaN: true }).map((v) => (Math.abs(v) < 1e-9 ? 0 : v));
    fc.assert(
      fc.property(value, value, (a, b) => {
        fc.pre(a === b || Math.abs(a - b) > 1e-6 * Math.max(Math.abs(a), Math.abs(b)));
        const [low, high] = [Math.min(a, b), Math.max(a, b)];
        const axis = niceAxis(low, high);
        const slack = (axis.max - axis.min) * 1e-6;
        expect(axis.min).toBeLessThanOrEqual(low + slack);
        expect(axis.max).toBeGreaterThanOrEqual(high - slack);
        expect(axis.ticks.length).toBeGreaterThan(1);
        expect(axis.ticks.length).toBeLessThan(14);
        axis.ticks.slice(1).forEach((t, i) => expect(t).toBeGreaterThan(axis.ticks[i]!));
      }),
    );
  });
});

describe('scale', () => {
  it('smooths without bias to the first value', () => {
    expect(
      smooth(
        [
          [1, 3],
          [2, 3],
          [3, 3],
        ],
        0.9,
      ).map((p) => p[1]),
    ).toEqual([3, 3, 3].map((v) => expect.closeTo(v, 12) as number));
    expect(
      smooth(
        [
          [1, 0],
          [2, 1],
        ],
        0.5,
      )[1]![1],
    ).toBeCloseTo(1 / 1.5, 12);
  });

  it('thins to the limit and keeps peaks, order and the last point', () => {
    const points = Array.from({ length: 10_000 }, (_, i): Point => [i, i === 5001 ? 99 : i % 7]);
    const kept = thin(points, 400);
    expect(kept.length).toBeLessThanOrEqual(402);
    expect(kept).toContainEqual([5001, 99]);
    expect(kept.at(-1)).toEqual([9999, 9999 % 7]);
    kept.slice(1).forEach((p, i) => expect(p[0]).toBeGreaterThan(kept[i]![0]));
  });

  it('interpolates inside only', () => {
    const points: Point[] = [
      [1, 10],
      [3, 20],
    ];
    expect([0, 1, 2, 3, 4].map((x) => interpolate(points, x))).toEqual([null, 10, 15, 20, null]);
  });

  it('takes quantiles', () => expect(quantile([5, 1, 4, 2, 3], 0.5)).toBe(3));
});

describe('text', () => {
  it('escapes markup, quotes and forbidden characters, and leaves other scripts alone', () => {
    expect(escape(`<a href="x" o='y'>&`)).toBe('&lt;a href=&quot;x&quot; o=&#39;y&#39;&gt;&amp;');
    expect(escape('血小板 🩸\u0000\ud800')).toBe('血小板 🩸\uFFFD\uFFFD');
  });

  it('writes numbers for people', () => {
    expect([1234567, 999].map(count)).toEqual(['1\u202f234\u202f567', '999']);
    expect([3.44, 45.6, 125].map(minutes)).toEqual(['3.4 min', '46 min', '2 h 05 min']);
    expect([0, 0.25, 2e-4, 12345.678, 1e7].map(short)).toEqual(['0', '0.25', '2e-4', '12350', '1e7']);
  });
});

describe('lineChart', () => {
  const points: Point[] = [
    [0, 0.1],
    [1, 0.5],
    [2, NaN],
    [3, 0.9],
  ];

  it('draws, names and describes each line, and leaves out what is not finite', () => {
    const html = lineChart('c', {
      title: 'A "title"',
      xLabel: 'epoch',
      yLabel: 'AP',
      series: [
        {
          name: '<b>',
          points,
          band: [
            [0, 0, 0.2],
            [3, 0.8, 1],
          ],
        },
        { name: 'two', points },
      ],
    });
    expect(html).toContain('<title id="c-t">A &quot;title&quot;</title>');
    expect(html).toContain('&lt;b&gt;: 3 values from 0.1 to 0.9, last 0.9.');
    expect(html).toContain('<title>&lt;b&gt;: 0.5 at epoch 1</title>');
    expect(html.match(/class="line"/g)).toHaveLength(2);
    expect(html.match(/class="band"/g)).toHaveLength(1);
    expect(html).not.toContain('NaN');
    expect(html).not.toContain('<b>');
  });

  it('maps data to the plot: higher values higher up, the ends at the edges', () => {
    const html = lineChart('c', {
      title: 't',
      xLabel: 'x',
      yLabel: 'y',
      series: [
        {
          name: 's',
          points: [
            [0, 0],
            [10, 1],
          ],
        },
      ],
    });
    expect(html).toContain('d="M56.0 236.0L546.0 12.0"'); // margins 56, 14, 12 and 44 of 560 x 280
  });

  it('stands with one value, a flat line and none', () => {
    const draw = (p: Point[]) =>
      lineChart('c', { title: 't', xLabel: 'x', yLabel: 'y', series: [{ name: 's', points: p }] });
    expect(draw([])).toContain('No values were recorded');
    expect(draw([[3, 5]])).toContain('class="dot"');
    for (const p of [
      [[3, 5]],
      [
        [1, 5],
        [2, 5],
      ],
      [[0, 0]],
    ] as Point[][])
      expect(draw(p)).not.toMatch(/NaN|Infinity/);
  });
});
