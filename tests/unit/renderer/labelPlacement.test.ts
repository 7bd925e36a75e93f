// Label text: never on its own object, never on another label, and fast with thousands.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Box } from '../../../src/shared/geometry.ts';
import { labelHeight, placeLabels, type LabelWish } from '../../../src/renderer/canvas/labelPlacement.ts';

const view = { width: 800, height: 600 };
const wish = fc
  .record({
    x: fc.integer({ min: -50, max: 800 }),
    y: fc.integer({ min: -50, max: 600 }),
    w: fc.integer({ min: 2, max: 900 }),
    h: fc.integer({ min: 2, max: 700 }),
    width: fc.integer({ min: 10, max: 160 }),
  })
  .map(({ x, y, w, h, width }) => ({ box: { x1: x, y1: y, x2: x + w, y2: y + h }, width, priority: 0 }));
const hit = (a: { x: number; y: number; w: number }, b: { x: number; y: number; w: number }) =>
  a.x < b.x + b.w && b.x < a.x + a.w && Math.abs(a.y - b.y) < labelHeight;

it('keeps labels off their boxes, in view and apart', () => {
  fc.assert(
    fc.property(fc.array(wish, { maxLength: 40 }), (raw) => {
      const wishes: LabelWish[] = raw.map((w, i) => ({ ...w, id: String(i) }));
      const placed = placeLabels(wishes, view).map((p) => ({
        ...p,
        w: wishes[Number(p.id)]!.width,
        box: wishes[Number(p.id)]!.box,
      }));
      for (const p of placed) {
        const onBox = p.x < p.box.x2 && p.x + p.w > p.box.x1 && p.y < p.box.y2 && p.y + labelHeight > p.box.y1;
        expect(onBox).toBe(false);
        expect(p.x >= 0 && p.y >= 0 && p.x + p.w <= view.width && p.y + labelHeight <= view.height).toBe(true);
        for (const q of placed) if (q.id !== p.id) expect(hit(p, q)).toBe(false);
      }
    }),
  );
});

it('places the selected label first', () => {
  const box = { x1: 100, y1: 100, x2: 200, y2: 200 };
  const placed = placeLabels(
    [
      { id: 'a', box, width: 60, priority: 0 },
      { id: 'b', box, width: 60, priority: 2 },
    ],
    view,
  );
  expect(placed.find((p) => p.id === 'b')).toEqual({ id: 'b', x: 100, y: 100 - labelHeight - 1 });
  expect(placed.find((p) => p.id === 'a')).toEqual({ id: 'a', x: 100, y: 201 });
});

it('looks at each of 5,000 labels a few times, not at all of them for each', () => {
  let looked = 0;
  const wishes = Array.from({ length: 5000 }, (_, i) => {
    const x = (i * 37) % 790;
    const y = (i * 91) % 590;
    const place = { x1: x, y1: y, x2: x + 9, y2: y + 9 };
    const box = {} as Box;
    for (const side of ['x1', 'y1', 'x2', 'y2'] as const)
      Object.defineProperty(box, side, {
        get: () => {
          looked++;
          return place[side];
        },
      });
    return { id: String(i), box, width: 40, priority: 0 };
  });
  expect(placeLabels(wishes, view).length).toBeGreaterThan(100);
  expect(looked).toBeLessThan(5000 * 30);
});
