// Merging two people's copies: what doesn't clash merges by itself, clashes are listed and settled as chosen, nothing is merged twice.
import { copyFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { conflictKey } from '../../../src/core/store/merge.ts';
import type { LabelOp } from '../../../src/core/store/edits.ts';
import { Project } from '../../../src/core/store/project.ts';
import { ann, bob, factsOf, keep, newFolder, newProject, square, summary } from './support.ts';

const draw = { action: 'draw' };
const file = 'ttfnet-studio.sqlite';
const add = (id: string, at: number, classId = 1): LabelOp => ({ type: 'add', id, classId, box: square(at) });

/** Ann's project with three boxes on each of images 1 and 2, and Bob's copy of it, both open. */
async function twoCopies(): Promise<{ a: Project; b: Project }> {
  const [folderA, folderB] = [newFolder(), newFolder()];
  const p = newProject(3, folderA);
  const ops = (image: number): LabelOp[] => [1, 2, 3].map((n) => add(`${image}-${n}`, n * 30));
  p.edit(
    ann,
    [1, 2].map((image) => ({ image, ops: ops(image) })),
    draw,
  );
  await p.close();
  copyFileSync(path.join(folderA, file), path.join(folderB, file));
  return { a: keep(Project.open(folderA)), b: keep(Project.open(folderB)) };
}

const move = (id: string, at: number): LabelOp => ({ type: 'update', id, box: square(at) });
const edit = (p: Project, who: typeof ann, image: number, ...ops: LabelOp[]): number =>
  p.edit(who, [{ image, ops }], draw);

it('merges what does not clash, with its authors, and undo parts the copies again', async () => {
  const { a, b } = await twoCopies();
  edit(a, ann, 1, move('1-1', 200), add('a-new', 300));
  edit(b, bob, 1, move('1-2', 250), { type: 'remove', id: '1-3' }, add('b-new', 350));
  edit(b, bob, 3, { type: 'status', status: 'reviewed' });
  const plan = a.previewMerge(b.file);
  expect(plan).toMatchObject({ sets: 2, added: 1, changed: 1, removed: 1, conflicts: [], newImages: 0 });
  const before = summary(a.boxes(1));
  a.merge(ann, b.file, {});
  expect(
    a
      .boxes(1)
      .map((x) => [x.id, x.box.x1, x.who])
      .sort(),
  ).toEqual([
    ['1-1', 200, 'Ann'],
    ['1-2', 250, 'Ann'],
    ['a-new', 300, 'Ann'],
    ['b-new', 350, 'Bob'],
  ]);
  expect(a.images([3])[0]!.status).toBe('reviewed');
  expect(a.timeline(1).map((t) => t.who)).toEqual(['Ann', 'Ann', 'Bob']);
  expect(a.previewMerge(b.file)).toMatchObject({ sets: 0, added: 0 });
  a.undo(ann);
  expect([summary(a.boxes(1)), a.images([3])[0]!.status]).toEqual([before, 'new']);
  a.redo(ann);
  expect(a.boxes(1)).toHaveLength(4);
});

it('lists a box that both changed, stops without a choice, and settles it as chosen', async () => {
  for (const choice of ['ours', 'theirs', 'both'] as const) {
    const { a, b } = await twoCopies();
    edit(a, ann, 1, move('1-1', 200));
    edit(b, bob, 1, move('1-1', 400));
    edit(b, bob, 2, { type: 'remove', id: '2-1' });
    edit(a, ann, 2, { type: 'update', id: '2-1', classId: 2 });
    const { conflicts } = a.previewMerge(b.file);
    expect(conflicts.map((c) => [c.path, c.box, c.base?.[1], c.ours?.[1], c.theirs?.[1]])).toEqual([
      ['1.jpg', '1-1', 30, 200, 400],
      ['2.jpg', '2-1', 30, 30, undefined],
    ]);
    const seq = a.snapshot;
    expect(() => a.merge(ann, b.file, {})).toThrow(/Both copies changed box 1-1 of 1.jpg/);
    expect(a.snapshot).toBe(seq);
    a.merge(ann, b.file, { choices: new Map([[conflictKey(conflicts[0]!), choice]]), otherwise: choice });
    const at = a
      .boxes(1)
      .map((x) => x.box.x1)
      .sort((x, y) => x - y);
    expect(at).toEqual({ ours: [60, 90, 200], theirs: [60, 90, 400], both: [60, 90, 200, 400] }[choice]);
    expect(a.boxes(2)).toHaveLength(choice === 'theirs' ? 2 : 3);
    expect(a.previewMerge(b.file)).toMatchObject({ sets: 0, conflicts: [] });
  }
});

it('the same change on both sides is no clash, nor one that was undone', async () => {
  const { a, b } = await twoCopies();
  edit(a, ann, 1, move('1-1', 200));
  edit(b, bob, 1, move('1-1', 200));
  edit(a, ann, 1, move('1-2', 222));
  edit(b, bob, 1, move('1-2', 333));
  b.undo(bob);
  expect(a.previewMerge(b.file)).toMatchObject({ changed: 0, conflicts: [] });
});

it('brings images and classes that only the other has, by content and by name', async () => {
  const { a, b } = await twoCopies();
  a.addClasses(ann, [{ name: 'bird' }, { name: 'fox' }]);
  b.addClasses(bob, [{ name: 'fox' }, { name: 'owl' }]);
  b.addImages([{ path: 'new.jpg', facts: factsOf('new.jpg') }]);
  const id = b.imageByPath('new.jpg')!.id;
  const fox = b.classes().find((c) => c.name === 'fox')!.id;
  const owl = b.classes().find((c) => c.name === 'owl')!.id;
  edit(b, bob, id, add('x', 10, fox), add('y', 50, owl));
  expect(a.merge(ann, b.file, {})).toMatchObject({ newImages: 1, newClasses: 1, added: 2 });
  const names = new Map(a.classes().map((c) => [c.id, c.name]));
  expect([...names.values()]).toEqual(['cat', 'dog', 'bird', 'fox', 'owl']);
  expect(a.boxes(a.imageByPath('new.jpg')!.id).map((x) => names.get(x.classId))).toEqual(['fox', 'owl']);
  expect(new Set(a.classes().map((c) => c.key)).size).toBe(5);
});

it('keeps a class that one deleted while the other used it', async () => {
  const { a, b } = await twoCopies();
  a.deleteClasses(ann, [2]);
  edit(b, bob, 3, add('late', 10, 2));
  a.merge(ann, b.file, {});
  expect(a.classes().map((c) => [c.name, c.boxes])).toEqual([
    ['cat', 6],
    ['dog', 1],
  ]);
  const c = await twoCopies();
  edit(c.a, ann, 3, add('late', 10, 2));
  c.b.deleteClasses(bob, [2]);
  c.a.merge(ann, c.b.file, {});
  expect(c.a.classes().map((x) => [x.name, x.boxes])).toEqual([
    ['cat', 6],
    ['dog', 1],
  ]);
});

it('refuses itself, a stranger, and a file that is not there', async () => {
  const { a } = await twoCopies();
  const stranger = newProject();
  expect(() => a.previewMerge(a.file)).toThrow(/is this project itself/);
  expect(() => a.previewMerge(stranger.file)).toThrow(/not a copy of this project/);
  expect(() => a.previewMerge('/nowhere.sqlite')).toThrow(/does not exist/);
});

it('two copies that merge each other end up the same, whatever was edited on different boxes', async () => {
  const step = fc.record({ side: fc.boolean(), image: fc.constantFrom(1, 2), kind: fc.nat(2), at: fc.nat(400) });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 14 }), async (steps) => {
      const { a, b } = await twoCopies();
      steps.forEach(({ side, image, kind, at }, i) => {
        const [p, who, own] = side ? ([a, ann, `${image}-1`] as const) : ([b, bob, `${image}-2`] as const);
        const has = p.boxes(image).some((x) => x.id === own);
        const op: LabelOp =
          kind === 0 || !has ? add(`${side}${i}`, at) : kind === 1 ? move(own, at) : { type: 'remove', id: own };
        edit(p, who, image, op);
      });
      expect(a.merge(ann, b.file, {}).conflicts).toEqual([]);
      expect(b.merge(bob, a.file, {}).conflicts).toEqual([]);
      const state = (p: Project): unknown =>
        [1, 2].map((i) =>
          p
            .boxes(i)
            .map((x) => [x.id, x.classId, x.box])
            .sort(),
        );
      expect(state(a)).toEqual(state(b));
      expect(a.previewMerge(b.file)).toMatchObject({ added: 0, changed: 0, removed: 0, conflicts: [] });
    }),
    { numRuns: 12 },
  );
});
