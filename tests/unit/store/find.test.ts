// Finding: every filter alone and together against a plain walk over the rows, natural order, pages, and news after edits.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { naturalKey } from '../../../src/core/files/naturalKey.ts';
import type { ImageFilter } from '../../../src/core/store/find.ts';
import type { Project } from '../../../src/core/store/project.ts';
import { statuses } from '../../../src/core/store/types.ts';
import { ann, model, newProject, square } from './support.ts';

function busyProject(): Project {
  const p = newProject(40);
  for (let id = 1; id <= 40; id++) {
    const side = [10, 50, 200][id % 3]!;
    if (id % 4)
      p.edit(ann, [{ image: id, ops: [{ type: 'add', classId: (id % 2) + 1, box: square(1, side) }] }], {
        action: 'draw',
      });
    if (id % 5 === 0) p.suggest(model, [{ image: id, detections: [{ box: square(300), classId: 1, score: id / 50 }] }]);
    if (id % 7 === 0)
      p.edit(ann, [{ image: id, ops: [{ type: 'status', status: id % 2 ? 'reviewed' : 'skipped' }] }], { action: 's' });
  }
  return p;
}

const area = (side: number): string => (side < 32 ? 'small' : side < 96 ? 'medium' : 'large');

function fits(p: Project, id: number, f: ImageFilter): boolean {
  const row = p.images([id])[0]!;
  const labels = p.boxes(id).filter((b) => !b.suggestion);
  return (
    (!f.statuses || f.statuses.includes(row.status)) &&
    (!f.splits || f.splits.includes(row.split)) &&
    (!f.classes || labels.some((b) => f.classes!.includes(b.classId))) &&
    (f.text === undefined || row.path.includes(f.text)) &&
    (!f.objectSizes || labels.some((b) => (f.objectSizes! as string[]).includes(area(b.box.x2 - b.box.x1)))) &&
    (f.minScore === undefined || (row.score ?? -1) >= f.minScore)
  );
}

describe('find', () => {
  it('finds with any filters together what a walk over the rows finds', () => {
    const p = busyProject();
    const all = Array.from({ length: 40 }, (_, i) => i + 1);
    const filter = fc.record<ImageFilter>(
      {
        statuses: fc.uniqueArray(fc.constantFrom(...statuses), { minLength: 1 }),
        classes: fc.uniqueArray(fc.constantFrom(1, 2), { minLength: 1 }),
        splits: fc.uniqueArray(fc.constantFrom('train' as const, 'val' as const, 'test' as const), { minLength: 1 }),
        text: fc.constantFrom('1', '2.j', '3'),
        objectSizes: fc.uniqueArray(fc.constantFrom('small' as const, 'medium' as const, 'large' as const), {
          minLength: 1,
        }),
        minScore: fc.constantFrom(0, 0.3, 0.7),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(filter, (f) => {
        const found = [...p.find.ids(f)].sort((a, b) => a - b);
        expect(found).toEqual(all.filter((id) => fits(p, id, f)));
      }),
      { numRuns: 60 },
    );
  });

  it('orders by name as people count, by time, and by doubt with unmeasured images last', () => {
    const p = newProject(12);
    const names = (ids: Iterable<number>): string[] => p.images([...ids]).map((r) => r.path);
    expect(names(p.find.ids()).slice(0, 3)).toEqual(['1.jpg', '2.jpg', '3.jpg']);
    expect(names(p.find.ids({}, { by: 'name', descending: true }))[0]).toBe('12.jpg');
    p.setUncertainty([
      { image: 5, uncertainty: 0.9 },
      { image: 7, uncertainty: 0.1 },
    ]);
    expect([...p.find.ids({}, { by: 'uncertainty', descending: true })].slice(0, 3)).toEqual([5, 7, 1]);
    expect([...p.find.ids({}, { by: 'uncertainty' })].slice(0, 2)).toEqual([7, 5]);
  });

  it('gives pages, the total, and the place of an image', () => {
    const p = newProject(12);
    const page = p.find.page({}, { by: 'name' }, 10, 5);
    expect([page.total, page.rows.map((r) => r.path)]).toEqual([12, ['11.jpg', '12.jpg']]);
    expect(p.find.locate({}, { by: 'name' }, 11)).toBe(10);
    expect(p.find.locate({ statuses: ['reviewed'] }, { by: 'name' }, 11)).toBeNull();
  });

  it('sees an edit at once', () => {
    const p = newProject(3);
    expect(p.find.ids({ statuses: ['labelled'] })).toHaveLength(0);
    p.edit(ann, [{ image: 2, ops: [{ type: 'add', classId: 1, box: square(1) }] }], { action: 'draw' });
    expect([...p.find.ids({ statuses: ['labelled'] })]).toEqual([2]);
    expect([...p.find.ids({ classes: [1] })]).toEqual([2]);
    p.undo(ann);
    expect(p.find.ids({ classes: [1] })).toHaveLength(0);
  });

  it('searches text without regard to case, in any script', () => {
    const p = newProject(0);
    p.addImages([{ path: 'Straße/ÄPFEL 1.JPG' }, { path: '图片/猫.jpg' }, { path: "o'brien_100%.png" }]);
    const count = (text: string): number => p.find.ids({ text }).length;
    expect([count('äpfel'), count('猫'), count("O'BRIEN"), count('100%'), count('%'), count('_')]).toEqual([
      1, 1, 1, 1, 1, 1,
    ]);
    expect(p.find.ids({ splits: [null] })).toHaveLength(3);
  });
});

describe('naturalKey', () => {
  it('orders numbers by value and folders apart', () => {
    const names = [
      'img10.jpg',
      'img2.jpg',
      'IMG1.jpg',
      'a/9.jpg',
      'a/10.jpg',
      'a b/1.jpg',
      'img02.jpg',
      'img100000000000000000000.jpg',
    ];
    const sorted = names.sort((a, b) => (naturalKey(a) < naturalKey(b) ? -1 : 1));
    expect(sorted).toEqual([
      'a/9.jpg',
      'a/10.jpg',
      'a b/1.jpg',
      'IMG1.jpg',
      'img2.jpg',
      'img02.jpg',
      'img10.jpg',
      'img100000000000000000000.jpg',
    ]);
  });
});
