// Going back to any point, an image's timeline, checkpoints, and snapshots for training runs.
import { expect, it } from 'vitest';
import { ann, bob, model, newProject, square, summary } from './support.ts';

const draw = { action: 'draw' };

it('restores the whole project to any earlier point, and that can be undone', () => {
  const p = newProject();
  const states: [number, string[][]][] = [];
  const state = (): string[][] => [1, 2, 3].map((i) => summary(p.boxes(i)));
  for (let i = 0; i < 12; i++) {
    const image = (i % 3) + 1;
    const seq = p.edit(ann, [{ image, ops: [{ type: 'add', id: `b${i}`, classId: 1, box: square(i) }] }], draw);
    if (i % 4 === 3) p.edit(ann, [{ image, ops: [{ type: 'remove', id: `b${i}` }] }], draw);
    else states.push([seq, state()]);
  }
  const end = state();
  for (const [seq, then] of states.reverse()) {
    p.restore(ann, seq);
    expect(state()).toEqual(then);
    if (JSON.stringify(then) !== JSON.stringify(end)) p.undo(ann); // an empty step is not one to undo
    expect(state()).toEqual(end);
  }
  p.restore(ann, 0);
  expect(p.classes()).toEqual([]);
  expect(() => p.restore(ann, 99999)).toThrow(/no change 99999/);
});

it('restores one image and leaves the others', () => {
  const p = newProject();
  const seq = p.edit(ann, [{ image: 1, ops: [{ type: 'add', id: 'a', classId: 1, box: square(1) }] }], draw);
  p.edit(bob, [{ image: 1, ops: [{ type: 'update', id: 'a', box: square(9) }] }], { action: 'move' });
  p.edit(bob, [{ image: 2, ops: [{ type: 'add', id: 'b', classId: 1, box: square(2) }] }], draw);
  p.restoreImage(ann, 1, seq);
  expect(summary(p.boxes(1))).toEqual(['1:1,1,11,11']);
  expect(p.boxes(2)).toHaveLength(1);
  expect(p.imagesOf(seq)).toEqual([1]);
});

it('tells who did what to an image, with every box before and after', () => {
  const p = newProject();
  p.suggest(model, [{ image: 1, detections: [{ box: square(3), classId: 2, score: 0.9 }] }]);
  p.accept(ann, 1, {});
  p.edit(bob, [{ image: 1, ops: [{ type: 'update', id: p.boxes(1)[0]!.id, classId: 1 }] }], { action: 'relabel' });
  const steps = p.timeline(1);
  expect(steps.map((s) => [s.action, s.author, s.who, s.tool, s.version])).toEqual([
    ['suggest', 'model', 'Ann', 'coco', '3'],
    ['accept', 'person', 'Ann', 'label', ''],
    ['relabel', 'person', 'Bob', 'label', ''],
  ]);
  const [, before, after] = steps[2]!.change.boxes![0]!;
  expect([before![0], after![0]]).toEqual([2, 1]);
  expect(p.boxes(1)[0]).toMatchObject({ author: 'model', tool: 'coco', score: 0.9, suggestion: false });
});

it('keeps named checkpoints and marks undone steps', () => {
  const p = newProject();
  const seq = p.checkpoint(ann, 'before lunch');
  p.edit(ann, [{ image: 1, ops: [{ type: 'add', classId: 1, box: square(1) }] }], draw);
  p.undo(ann);
  expect(p.checkpoints()).toMatchObject([{ seq, label: 'before lunch', who: 'Ann' }]);
  expect(p.history({ limit: 2 }).map((e) => [e.action, e.undone])).toEqual([
    ['undo', false],
    ['draw', true],
  ]);
  expect(p.history({ limit: 1, before: seq }).map((e) => e.action)).toEqual(['class-add']);
});

it('ties a run to the labels as they were when it started', () => {
  const p = newProject();
  p.edit(ann, [{ image: 1, ops: [{ type: 'add', id: 'a', classId: 1, box: square(1) }] }], draw);
  const run = p.startRun({ name: 'first', config: { epochs: 3 } });
  p.edit(ann, [{ image: 1, ops: [{ type: 'remove', id: 'a' }] }], draw);
  p.edit(ann, [{ image: 2, ops: [{ type: 'add', classId: 2, box: square(2) }] }], draw);
  p.deleteClasses(ann, [1]);
  const used = p.toDataset({ at: run.snapshot });
  expect(used.classes).toEqual(['cat', 'dog']);
  expect(used.images.map((i) => [i.path, i.annotations])).toEqual([['1.jpg', [{ box: square(1), classId: 0 }]]]);
  p.updateRun(run.id, { status: 'finished', metrics: { ap: 0.5 }, ended: 5 });
  expect(p.runs()).toMatchObject([{ name: 'first', status: 'finished', metrics: { ap: 0.5 }, config: { epochs: 3 } }]);
  p.deleteRun(run.id);
  expect(() => p.run(run.id)).toThrow(/Run 1/);
});
