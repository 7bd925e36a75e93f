// Editing labels: what is stored, what is refused, how the status follows, and undo and redo through it all.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Project } from '../../../src/core/store/project.ts';
import type { LabelOp } from '../../../src/core/store/edits.ts';
import { ann, bob, keep, newFolder, newProject, square, summary } from './support.ts';

const add = (id: string, at: number, classId = 1): LabelOp => ({ type: 'add', id, classId, box: square(at) });
const draw = { action: 'draw' };

describe('edits', () => {
  it('stores a box with its author, and clips it to the image', () => {
    const p = newProject();
    p.edit(
      ann,
      [
        {
          image: 1,
          ops: [{ type: 'add', id: 'a', classId: 2, box: { x1: -5, y1: 1.25, x2: 700, y2: 30 }, crowd: true }],
        },
      ],
      draw,
    );
    const [box] = p.boxes(1);
    expect(box).toMatchObject({
      id: 'a',
      classId: 2,
      box: { x1: 0, y1: 1.25, x2: 640, y2: 30 },
      crowd: true,
      ignore: false,
    });
    expect(box).toMatchObject({ author: 'person', who: 'Ann', tool: 'label', suggestion: false, score: null });
    expect(p.classes().map((c) => [c.name, c.boxes, c.images])).toEqual([
      ['cat', 0, 0],
      ['dog', 1, 1],
    ]);
  });

  it.each<[string, LabelOp, RegExp]>([
    ['an unknown class', { type: 'add', classId: 99, box: square(1) }, /Class 99/],
    [
      'a box outside the image',
      { type: 'add', classId: 1, box: square(5000) },
      /no area inside the image of 640 x 480/,
    ],
    ['a box that is not a number', { type: 'add', classId: 1, box: { x1: NaN, y1: 0, x2: 1, y2: 1 } }, /no area/],
    ['an unknown box', { type: 'remove', id: 'nope' }, /Box nope/],
  ])('refuses %s and changes nothing', (_, op, message) => {
    const p = newProject();
    const before = p.snapshot;
    expect(() => p.edit(ann, [{ image: 1, ops: [add('kept', 1), op] }], draw)).toThrow(message);
    expect(p.boxes(1)).toEqual([]);
    expect(p.snapshot).toBe(before);
  });

  it('appends nothing to the history when nothing changes', () => {
    const p = newProject();
    const seq = p.edit(ann, [{ image: 1, ops: [add('a', 1)] }], draw);
    expect(p.edit(ann, [{ image: 1, ops: [{ type: 'update', id: 'a', classId: 1 }] }], draw)).toBe(seq);
    expect(p.history({ limit: 10 })).toHaveLength(2);
  });

  it('lets the status follow what is on the image', () => {
    const p = newProject();
    const status = (): string => p.images([1])[0]!.status;
    p.edit(ann, [{ image: 1, ops: [add('a', 1)] }], draw);
    expect(status()).toBe('labelled');
    p.edit(ann, [{ image: 1, ops: [{ type: 'remove', id: 'a' }] }], draw);
    expect(status()).toBe('new');
    p.edit(ann, [{ image: 1, ops: [{ type: 'status', status: 'reviewed' }] }], draw);
    p.edit(ann, [{ image: 1, ops: [add('b', 1)] }], draw);
    expect(status()).toBe('reviewed');
    p.edit(ann, [{ image: 1, ops: [{ type: 'status', status: 'skipped' }] }], draw);
    p.edit(ann, [{ image: 1, ops: [add('c', 9)] }], draw);
    expect(status()).toBe('labelled');
  });
});

describe('undo and redo', () => {
  it('walks back and forth across images and restarts', async () => {
    const folder = newFolder();
    const p = newProject(3, folder);
    p.edit(ann, [{ image: 1, ops: [add('a', 1)] }], draw);
    p.edit(ann, [{ image: 2, ops: [add('b', 2)] }], draw);
    p.edit(ann, [{ image: 1, ops: [{ type: 'update', id: 'a', box: square(50) }] }], { action: 'move' });
    await p.close();
    const again = keep(Project.open(folder));
    expect(again.undo(ann)).toMatchObject({ images: [1] });
    expect(summary(again.boxes(1))).toEqual(['1:1,1,11,11']);
    expect(again.undo(ann)).toMatchObject({ images: [2] });
    expect(again.boxes(2)).toEqual([]);
    expect(again.undoState()).toEqual({ canUndo: true, canRedo: true });
    again.redo(ann);
    again.redo(ann);
    expect(again.redo(ann)).toBeNull();
    expect(summary(again.boxes(1))).toEqual(['1:50,50,60,60']);
    expect(summary(again.boxes(2))).toEqual(['1:2,2,12,12']);
  });

  it('keeps the author of a box that was deleted and brought back', () => {
    const p = newProject();
    const made = p.edit(ann, [{ image: 1, ops: [add('a', 1)] }], draw);
    p.edit(bob, [{ image: 1, ops: [{ type: 'remove', id: 'a' }] }], { action: 'delete' });
    p.undo(bob);
    expect(p.boxes(1)[0]).toMatchObject({ id: 'a', who: 'Ann', made });
  });

  it('forgets what could be redone once something else is edited', () => {
    const p = newProject();
    p.edit(ann, [{ image: 1, ops: [add('a', 1)] }], draw);
    p.undo(ann);
    p.edit(ann, [{ image: 1, ops: [add('b', 2)] }], draw);
    expect(p.redo(ann)).toBeNull();
    expect(p.boxes(1).map((b) => b.id)).toEqual(['b']);
  });

  it('takes joined edits back in one go', () => {
    const p = newProject();
    p.edit(ann, [{ image: 1, ops: [add('a', 1)] }], draw);
    p.edit(ann, [{ image: 1, ops: [{ type: 'update', id: 'a', box: square(5) }] }], {
      action: 'move',
      undoable: 'join',
    });
    p.undo(ann);
    expect(p.boxes(1)).toEqual([]);
  });

  it('any edits, undone to the end, leave nothing; redone, everything: and the history alone gives the same state', () => {
    const op = fc.record({ image: fc.integer({ min: 1, max: 3 }), kind: fc.nat(3), at: fc.nat(400), pick: fc.nat(9) });
    fc.assert(
      fc.property(fc.array(op, { maxLength: 25 }), (steps) => {
        const p = newProject();
        steps.forEach(({ image, kind, at, pick }, i) => {
          const ids = p.boxes(image).map((b) => b.id);
          const id = ids[pick % Math.max(1, ids.length)];
          const ops: LabelOp[] =
            kind === 0 || id === undefined
              ? [add(`n${i}`, at)]
              : kind === 1
                ? [{ type: 'remove', id }]
                : kind === 2
                  ? [{ type: 'update', id, box: square(at), classId: 2 }]
                  : [{ type: 'status', status: 'reviewed' }];
          p.edit(ann, [{ image, ops }], { action: 'x' });
        });
        const state = (): unknown =>
          [1, 2, 3].map((i) => [p.images([i])[0]!.status, p.images([i])[0]!.boxes, summary(p.boxes(i))]);
        const full = state();
        expect([1, 2, 3].map((i) => [...p.stateAt(i, p.snapshot).boxes.keys()])).toEqual(
          [1, 2, 3].map((i) => p.boxes(i).map((b) => b.id)),
        );
        let n = 0;
        while (p.undo(ann)) n++;
        expect([1, 2, 3].flatMap((i) => p.boxes(i))).toEqual([]);
        expect(p.classes()).toEqual([]);
        while (n-- > 0) p.redo(ann);
        expect(state()).toEqual(full);
        expect(p.counts().boxes).toBe([1, 2, 3].reduce((sum, i) => sum + p.boxes(i).length, 0));
      }),
      { numRuns: 15 },
    );
  });
});
