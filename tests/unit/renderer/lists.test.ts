// Arithmetic behind lists and charts: which cells exist, where to scroll, round ticks, thinned lines; the advanced form; heatmap cells.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cellAt, colourPlane, ghostAt, planeOf } from '../../../src/renderer/canvas/heat.ts';
import { nearest, path, range, thin, ticks } from '../../../src/renderer/components/chart.ts';
import { gridWindow, scrollFor } from '../../../src/renderer/components/virtual.ts';
import { advancedOf, type Advanced } from '../../../src/renderer/views/train/advanced.ts';

describe('virtual grid', () => {
  const view = { scrollTop: 0, height: 600, rowHeight: 100, columns: 2, total: 100_000 };
  it('draws what is seen and little more, anywhere', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 5_000_000 }), (scrollTop) => {
        const w = gridWindow({ ...view, scrollTop });
        expect(w.last - w.first).toBeLessThanOrEqual(2 * (7 + 8));
        if (scrollTop + 600 > w.height) return;
        expect(w.top).toBeLessThanOrEqual(scrollTop);
        expect(w.top + ((w.last - w.first) / 2) * 100).toBeGreaterThanOrEqual(scrollTop + 600);
      }),
    );
  });
  it('ends with the list', () => {
    expect(gridWindow({ ...view, total: 3 })).toEqual({ first: 0, last: 3, top: 0, height: 200 });
    expect(gridWindow({ ...view, total: 0 })).toEqual({ first: 0, last: 0, top: 0, height: 0 });
  });
  it('scrolls only when the item is out of view', () => {
    expect(scrollFor(view, 3)).toBeNull();
    expect(scrollFor(view, 40)).toBe(1550);
    expect(scrollFor({ ...view, scrollTop: 3000 }, 4)).toBe(150);
  });
});

describe('charts', () => {
  it('tick at round numbers', () => {
    expect(ticks(0, 10, 5)).toEqual([0, 2, 4, 6, 8, 10]);
    expect(ticks(0, 0.88, 4)).toEqual([0, 0.2, 0.4, 0.6, 0.8]);
    expect(ticks(3, 3, 4)).toEqual([3]);
  });
  it('find the range of values, whatever is among them', () => {
    expect(range([1, NaN, 5, Infinity], [0, 1])).toEqual([1, 5]);
    expect(range([], [0, 1])).toEqual([0, 1]);
    expect(range([4], [0, 1])).toEqual([2, 6]);
  });
  it('break a line where a value is missing', () => {
    const points = [
      { x: 0, y: 1 },
      { x: 1, y: NaN },
      { x: 2, y: 3 },
    ];
    expect(
      path(
        points,
        (v) => v,
        (v) => v,
      ),
    ).toBe('M0.0,1.0M2.0,3.0');
  });
  it('thin long lines to their means', () => {
    const points = Array.from({ length: 1000 }, (_, x) => ({ x, y: x * 2 }));
    const few = thin(points, 100);
    expect(few).toHaveLength(100);
    expect(few[0]).toEqual({ x: 4.5, y: 9 });
  });
  it('find the nearest point', () =>
    expect(
      nearest(
        [
          { x: 1, y: 1 },
          { x: 5, y: 2 },
        ],
        4,
      ),
    ).toEqual({ x: 5, y: 2 }));
});

describe('advanced settings', () => {
  const empty: Advanced = {
    epochs: '',
    minutes: '',
    inputSize: 'preset',
    batch: '',
    optimizer: 'preset',
    augment: 'preset',
    learningRate: '',
    frozenStages: 'preset',
    seed: '',
    patience: '',
  };
  it('leave everything to the preset when empty', () =>
    expect(advancedOf(empty)).toEqual({ config: {}, wrong: new Set() }));
  it('take numbers, with a comma too', () => {
    const { config } = advancedOf({
      ...empty,
      epochs: '30',
      learningRate: '0,0002',
      inputSize: '384',
      optimizer: 'sgd',
      frozenStages: '0',
      augment: 'ssd',
    });
    const given = { epochs: 30, learningRate: 0.0002, inputSize: 384, optimizer: 'sgd', frozenStages: 0 };
    expect(config).toEqual({ ...given, augment: 'ssd' });
  });
  it('name the fields that do not fit', () => {
    expect([...advancedOf({ ...empty, epochs: '1.5', batch: '0', minutes: 'soon', patience: '3' }).wrong]).toEqual([
      'epochs',
      'minutes',
      'batch',
    ]);
  });
});

describe('heatmap', () => {
  const grid = { columns: 4, rows: 2, cellWidth: 10, cellHeight: 10 };
  const scores = new Uint8Array(16);
  scores[5] = 255;
  scores[8 + 2] = 100;
  const distances = new Float32Array(32);
  [6, 5, 14, 5].forEach((d, side) => (distances[side * 8 + 5] = d));
  const strongest = Uint8Array.of(0, 0, 100, 0, 0, 255, 0, 0);
  const planes = { strongest, details: { scores, distances } };
  it('takes one class or the strongest of all, which stands in while the classes are on their way', () => {
    expect([...planeOf(planes, 1)]).toEqual([0, 0, 100, 0, 0, 0, 0, 0]);
    expect(planeOf(planes, -1)).toBe(strongest);
    expect(planeOf({ strongest, details: null }, 1)).toBe(strongest);
  });
  it('finds the cell of a place, and none outside', () => {
    expect(cellAt(grid, { x: 19.9, y: 10 })).toEqual({ column: 1, row: 1 });
    expect(cellAt(grid, { x: 40, y: 5 })).toBeNull();
    expect(cellAt(grid, { x: -0.1, y: 5 })).toBeNull();
  });
  it('gives the box of the four distances', () => {
    expect(ghostAt(grid, { strongest, details: null }, 0, { x: 12, y: 18 })).toBeNull();
    expect(ghostAt(grid, planes, 0, { x: 12, y: 18 })).toEqual({
      box: { x1: 9, y1: 10, x2: 29, y2: 20 },
      score: 1,
    });
  });
  it('is clear where nothing is and solid where all is', () => {
    const pixels = colourPlane(new Uint8Array([0, 255]));
    expect([pixels[3], pixels[7]]).toEqual([0, 240]);
  });
});
