// A conflict of a merge as the interface gets it: classes by name, the key that `merge` takes as a choice, a deleted side.
import { expect, it } from 'vitest';
import { toMergeConflict } from '../../../src/app/handlers/convert.ts';
import type { OpenProject } from '../../../src/app/host/openProject.ts';
import { conflictKey } from '../../../src/core/store/merge.ts';
import type { BoxValue } from '../../../src/core/store/state.ts';

const open = { store: { classes: () => [{ id: 3, name: 'mug' }] } } as unknown as OpenProject;
const boxValue = (classId: number, x1: number): BoxValue =>
  [classId, x1, 20, 50, 60, 0, 0, 0, null] as unknown as BoxValue;

it('names classes, keeps the key, and says what was deleted', () => {
  const conflict = { image: 7, path: 'a/b.jpg', box: 'box-1', base: null, ours: boxValue(3, 10), theirs: null };
  expect(toMergeConflict(open, conflict)).toEqual({
    key: conflictKey(conflict),
    image: '7',
    path: 'a/b.jpg',
    ours: { box: { x1: 10, y1: 20, x2: 50, y2: 60 }, className: 'mug' },
    theirs: null,
  });
});

it('a class that only the other copy has is named by its number', () => {
  const conflict = { image: 7, path: 'a/b.jpg', box: 'box-1', base: null, ours: null, theirs: boxValue(12, 10) };
  expect(toMergeConflict(open, conflict).theirs?.className).toBe('#12');
});
