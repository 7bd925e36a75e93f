// Shape editors: boxes stay in the image whatever the gesture, keep their size when moved, and turn over when pulled through.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as s from '../../../src/renderer/canvas/shapes.ts';

const image = { width: 200, height: 100 };
const n = fc.double({ min: -500, max: 500, noNaN: true });
const inX = fc.double({ min: 0, max: image.width, noNaN: true });
const inY = fc.double({ min: 0, max: image.height, noNaN: true });
const box = fc.tuple(inX, inX, inY, inY).map(([a, b, c, d]) => s.fromCorners({ x: a, y: c }, { x: b, y: d }, image));

function expectInside(b: { x1: number; y1: number; x2: number; y2: number }): void {
  expect(b.x1).toBeGreaterThanOrEqual(-1e-9);
  expect(b.y1).toBeGreaterThanOrEqual(-1e-9);
  expect(b.x2).toBeLessThanOrEqual(image.width + 1e-9);
  expect(b.y2).toBeLessThanOrEqual(image.height + 1e-9);
  expect(b.x2).toBeGreaterThanOrEqual(b.x1);
  expect(b.y2).toBeGreaterThanOrEqual(b.y1);
}

describe('shapes', () => {
  it('clamps a box drawn from anywhere to anywhere', () => {
    fc.assert(
      fc.property(n, n, n, n, (a, b, c, d) => expectInside(s.fromCorners({ x: a, y: b }, { x: c, y: d }, image))),
    );
  });

  it('moves without changing the size and never leaves the image', () => {
    fc.assert(
      fc.property(box, n, n, (b, dx, dy) => {
        const m = s.moveBox(b, dx, dy, image);
        expectInside(m);
        expect(m.x2 - m.x1).toBeCloseTo(b.x2 - b.x1, 6);
        expect(m.y2 - m.y1).toBeCloseTo(b.y2 - b.y1, 6);
      }),
    );
  });

  it('resizes by every handle inside the image', () => {
    fc.assert(
      fc.property(box, fc.constantFrom(...s.handles), n, n, (b, h, dx, dy) =>
        expectInside(s.resizeBox(b, h, dx, dy, image)),
      ),
    );
  });

  it('turns a box over when a handle passes the opposite side', () => {
    expect(s.resizeBox({ x1: 50, y1: 20, x2: 80, y2: 40 }, 'e', -50, 99, image)).toEqual({
      x1: 30,
      y1: 20,
      x2: 50,
      y2: 40,
    });
  });

  it('a side handle changes one axis only', () => {
    expect(s.resizeBox({ x1: 50, y1: 20, x2: 80, y2: 40 }, 'n', 33, -5, image)).toEqual({
      x1: 50,
      y1: 15,
      x2: 80,
      y2: 40,
    });
  });

  it('grows by keys to the edge and shrinks to one pixel', () => {
    const b = { x1: 150, y1: 50, x2: 190, y2: 60 };
    expect(s.growBox(b, 50, 0, image).x2).toBe(200);
    expect(s.growBox(b, 0, -50, image).y2).toBe(51);
  });

  it('calls slips too small', () => {
    expect(s.isTooSmall({ x1: 5, y1: 5, x2: 5, y2: 50 })).toBe(true);
    expect(s.isTooSmall({ x1: 5, y1: 5, x2: 6, y2: 6 })).toBe(false);
  });

  it('copies aside, and back from the corner', () => {
    expect(s.offsetCopy({ x1: 0, y1: 0, x2: 10, y2: 10 }, 8, image)).toEqual({ x1: 8, y1: 8, x2: 18, y2: 18 });
    expect(s.offsetCopy({ x1: 190, y1: 90, x2: 200, y2: 100 }, 8, image)).toEqual({ x1: 182, y1: 82, x2: 192, y2: 92 });
  });

  it('gives the keyboard a box in the middle of what is seen', () => {
    expect(s.keyboardBox({ x1: -100, y1: 0, x2: 100, y2: 100 }, image)).toEqual({ x1: 38, y1: 38, x2: 63, y2: 63 });
  });
});
