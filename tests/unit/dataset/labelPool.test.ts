// Packed labels come out as they went in, by image, in their order.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { LabelPool } from '../../../src/core/dataset/labelPool.ts';
import type { Annotation } from '../../../src/shared/labels.ts';

const corner = fc.double({ noNaN: true });
const label: fc.Arbitrary<Annotation> = fc
  .record({ x1: corner, y1: corner, x2: corner, y2: corner })
  .chain((box) =>
    fc.record(
      { box: fc.constant(box), classId: fc.nat(), crowd: fc.constant(true), ignore: fc.constant(true) },
      { requiredKeys: ['box', 'classId'] },
    ),
  );
const image = fc.oneof(fc.nat(9).map(String), fc.constantFrom('a', 'b', '-1'));

it('gives back what was put in', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(image, label)), (entries) => {
      const pool = new LabelPool();
      const expected = new Map<string, Annotation[]>();
      for (const [id, annotation] of entries) {
        pool.add(id, annotation);
        expected.set(id, [...(expected.get(id) ?? []), annotation]);
      }
      expect([...pool.images()]).toEqual([...expected.keys()]);
      for (const [id, annotations] of expected) {
        expect(pool.of(id)).toEqual(annotations);
        expect(pool.countOf(id)).toBe(annotations.length);
      }
      expect([pool.of('none'), pool.countOf('none')]).toEqual([[], 0]);
      expect([...pool.classIds].sort()).toEqual([...new Set(entries.map(([, a]) => a.classId))].sort());
    }),
  );
});

it('goes on past the end of a block, images interleaved', () => {
  const pool = new LabelPool();
  for (let i = 0; i < 40_000; i++)
    pool.add(String(i % 3), { box: { x1: i, y1: 0.1, x2: i + 0.5, y2: 7 }, classId: i % 5 });
  const second = pool.of('1');
  expect(second).toHaveLength(13_333);
  expect(second.every(({ box, classId }, n) => box.x1 === 3 * n + 1 && classId === (3 * n + 1) % 5)).toBe(true);
});
