// Classes: names and keys stay unique, what a change would do is told before, and all of it can be undone.
import { expect, it } from 'vitest';
import { ann, model, newProject, square, summary } from './support.ts';

function withBoxes() {
  const p = newProject();
  const add = (classId: number, at: number) => ({ type: 'add', classId, box: square(at) }) as const;
  p.edit(
    ann,
    [
      { image: 1, ops: [add(1, 1), add(2, 20)] },
      { image: 2, ops: [add(1, 5)] },
    ],
    { action: 'draw' },
  );
  return p;
}

it('gives each class a colour and a hotkey of its own', () => {
  const p = newProject();
  p.addClasses(
    ann,
    Array.from({ length: 30 }, (_, i) => ({ name: `c${i}` })),
  );
  const list = p.classes();
  expect(new Set(list.map((c) => c.color)).size).toBe(32);
  expect(list.every((c) => /^#[0-9a-f]{6}$/.test(c.color))).toBe(true);
  expect(list.slice(0, 11).map((c) => c.key)).toEqual(['1', '2', '3', '4', '5', '6', '7', '8', '9', '0', null]);
});

it('refuses a name that is taken, an empty one, a bad colour and a bad order', () => {
  const p = newProject();
  expect(() => p.addClasses(ann, [{ name: 'cat' }])).toThrow(/already a class "cat"/);
  expect(() => p.addClasses(ann, [{ name: ' ' }])).toThrow(/needs a name/);
  expect(() => p.updateClass(ann, 1, { name: 'dog' })).toThrow(/already a class "dog"/);
  expect(() => p.updateClass(ann, 1, { color: 'red' })).toThrow(/not a colour/);
  expect(() => p.orderClasses(ann, [1])).toThrow(/each of the 2 classes/);
});

it('renames, recolours, reorders, and moves a hotkey over; undo brings each back', () => {
  const p = newProject();
  p.updateClass(ann, 1, { name: '猫 🐈 "x"/y', color: '#123456', key: '2' });
  p.orderClasses(ann, [2, 1]);
  expect(p.classes().map((c) => [c.id, c.name, c.key])).toEqual([
    [2, 'dog', null],
    [1, '猫 🐈 "x"/y', '2'],
  ]);
  p.undo(ann);
  p.undo(ann);
  expect(p.classes().map((c) => [c.id, c.name, c.key])).toEqual([
    [1, 'cat', '1'],
    [2, 'dog', '2'],
  ]);
});

it('merges classes as foretold, and undo parts them again', () => {
  const p = withBoxes();
  p.suggest(model, [{ image: 3, detections: [{ box: square(1), classId: 1, score: 0.5 }] }]);
  expect(p.previewClasses([1])).toEqual({ boxes: 2, images: 2, suggestions: 1 });
  p.mergeClasses(ann, [1], 2);
  expect(p.classes().map((c) => [c.name, c.boxes, c.images])).toEqual([['dog', 3, 2]]);
  expect(summary(p.boxes(3))).toEqual(['2:1,1,11,11?']);
  p.undo(ann);
  expect(p.classes().map((c) => [c.name, c.boxes, c.images])).toEqual([
    ['cat', 2, 2],
    ['dog', 1, 1],
  ]);
  expect(summary(p.boxes(3))).toEqual(['1:1,1,11,11?']);
});

it('deletes a class with its boxes, and undo brings both back', () => {
  const p = withBoxes();
  p.deleteClasses(ann, [1]);
  expect([summary(p.boxes(1)), summary(p.boxes(2)), p.images([2])[0]!.status]).toEqual([['2:20,20,30,30'], [], 'new']);
  p.undo(ann);
  expect([p.boxes(1).length, summary(p.boxes(2)), p.images([2])[0]!.status]).toEqual([2, ['1:5,5,15,15'], 'labelled']);
});

it("never gives a deleted class's id to another one", () => {
  const p = withBoxes();
  p.deleteClasses(ann, [2]);
  expect(p.addClasses(ann, [{ name: 'bird' }])).toEqual([3]);
});

it('keeps a class that suggestions have got meanwhile when its making is undone', () => {
  const p = newProject();
  const [id] = p.addClasses(ann, [{ name: 'bird' }]);
  p.suggest(model, [{ image: 1, detections: [{ box: square(1), classId: id!, score: 0.5 }] }]);
  p.undo(ann);
  expect(p.classes().map((c) => c.name)).toContain('bird');
});
