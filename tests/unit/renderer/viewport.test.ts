// Viewport arithmetic: zoom keeps the point under the pointer, limits hold, panning keeps the image in reach.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as vp from '../../../src/renderer/canvas/viewport.ts';

const image = { width: 1920, height: 1080 };
const view = { width: 900, height: 700 };
const coordinate = fc.double({ min: -2000, max: 2000, noNaN: true });
const viewport = fc.record({ x: coordinate, y: coordinate, scale: fc.double({ min: 0.05, max: 64, noNaN: true }) });
const point = fc.record({ x: coordinate, y: coordinate });

describe('viewport', () => {
  it('keeps the image point under the pointer while zooming', () => {
    fc.assert(
      fc.property(viewport, point, fc.double({ min: 0.1, max: 10, noNaN: true }), (v, at, factor) => {
        const before = vp.toImage(v, at);
        const after = vp.toImage(vp.zoomAt(v, at, factor), at);
        expect(after.x).toBeCloseTo(before.x, 6);
        expect(after.y).toBeCloseTo(before.y, 6);
      }),
    );
  });

  it('stays between 5 % and 6,400 %', () => {
    expect(vp.zoomAt({ x: 0, y: 0, scale: 1 }, { x: 0, y: 0 }, 1e9).scale).toBe(64);
    expect(vp.zoomAt({ x: 0, y: 0, scale: 1 }, { x: 0, y: 0 }, 1e-9).scale).toBe(0.05);
    expect(vp.fit({ width: 100_000, height: 10 }, view).scale).toBe(0.05);
  });

  it('maps there and back', () => {
    fc.assert(
      fc.property(viewport, point, (v, p) => {
        const back = vp.toImage(v, vp.toCanvas(v, p));
        expect(back.x).toBeCloseTo(p.x, 5);
        expect(back.y).toBeCloseTo(p.y, 5);
      }),
    );
  });

  it('fits the image centred, with a margin', () => {
    const v = vp.fit(image, view);
    const box = vp.boxToCanvas(v, { x1: 0, y1: 0, x2: image.width, y2: image.height });
    expect(box.x1).toBeCloseTo(24);
    expect(box.x2).toBeCloseTo(view.width - 24);
    expect(box.y1 + box.y2).toBeCloseTo(view.height);
  });

  it('does not blow tiny images up beyond eight times', () => {
    expect(vp.fit({ width: 4, height: 4 }, view).scale).toBe(8);
  });

  it('never pans the image out of view', () => {
    fc.assert(
      fc.property(viewport, coordinate, coordinate, (v, dx, dy) => {
        const moved = vp.pan(v, dx * 50, dy * 50, image, view);
        const seen = vp.boxToCanvas(moved, { x1: 0, y1: 0, x2: image.width, y2: image.height });
        const kept = Math.min(48, image.width * v.scale) - 1e-6;
        expect(Math.min(seen.x2, view.width) - Math.max(seen.x1, 0)).toBeGreaterThanOrEqual(kept);
      }),
    );
  });

  it('pinches about the middle of two fingers', () => {
    const v = vp.pinch(
      { x: 0, y: 0, scale: 1 },
      { x: 100, y: 100 },
      { x: 200, y: 100 },
      { x: 50, y: 100 },
      { x: 250, y: 100 },
    );
    expect(v.scale).toBe(2);
    expect(vp.toCanvas(v, { x: 100, y: 100 })).toEqual({ x: 50, y: 100 });
    expect(vp.toCanvas(v, { x: 200, y: 100 })).toEqual({ x: 250, y: 100 });
  });

  it('zooms in on a wheel turned away and out on one turned back, in any unit', () => {
    expect(vp.wheelFactor(-100, 0)).toBeGreaterThan(1);
    expect(vp.wheelFactor(3, 1)).toBeLessThan(1);
    expect(vp.wheelFactor(1, 2)).toBeCloseTo(vp.wheelFactor(240, 0));
  });
});
