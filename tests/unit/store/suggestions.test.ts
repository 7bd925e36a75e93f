// A model's suggestions: never over a person's box, accepted or rejected, and not in the way of undo.
import { expect, it } from 'vitest';
import { ann, model, newProject, square, summary } from './support.ts';

const found = (at: number, score: number, classId = 1) => ({ box: square(at, 20), classId, score });

it('drops what a person has boxed already, and unknown classes', () => {
  const p = newProject();
  p.edit(ann, [{ image: 1, ops: [{ type: 'add', classId: 2, box: square(100, 20) }] }], { action: 'draw' });
  const result = p.suggest(model, [{ image: 1, detections: [found(101, 0.9), found(300, 0.8), found(400, 0.7, 77)] }]);
  expect(result).toEqual({ added: 1, dropped: 2 });
  expect(summary(p.boxes(1))).toEqual(['2:100,100,120,120', '1:300,300,320,320?']);
  expect(p.images([1])[0]).toMatchObject({ boxes: 1, suggestions: 1, score: 0.8, status: 'labelled' });
});

it('replaces its own old suggestions and sets the status and the doubt', () => {
  const p = newProject();
  p.suggest(model, [{ image: 2, detections: [found(1, 0.9)] }]);
  expect(p.images([2])[0]).toMatchObject({ status: 'suggested', suggestions: 1 });
  p.suggest(model, [{ image: 2, detections: [found(50, 0.5), found(90, 0.99)] }]);
  expect(p.images([2])[0]).toMatchObject({ status: 'suggested', suggestions: 2, uncertainty: 1 });
  p.suggest(model, [{ image: 2, detections: [] }]);
  expect(p.images([2])[0]).toMatchObject({ status: 'new', suggestions: 0, uncertainty: 0 });
});

it('accepts from a score up, rejects the rest, and undo undoes the person, not the model', () => {
  const p = newProject();
  p.suggest(model, [{ image: 1, detections: [found(1, 0.9), found(50, 0.6), found(100, 0.2)] }]);
  p.accept(ann, 1, { minScore: 0.6 });
  p.reject(ann, 1);
  expect(p.boxes(1).map((b) => [b.suggestion, b.score])).toEqual([
    [false, 0.9],
    [false, 0.6],
  ]);
  expect(p.classes()[0]).toMatchObject({ boxes: 2 });
  p.undo(ann);
  p.undo(ann);
  expect(p.boxes(1).map((b) => b.suggestion)).toEqual([true, true, true]);
  expect(p.undo(ann)).not.toBeNull(); // the classes
  expect(p.undo(ann)).toBeNull();
});

it('turns an accept into a reject where a person has drawn the object since', () => {
  const p = newProject();
  p.suggest(model, [{ image: 1, detections: [found(10, 0.9)] }]);
  p.edit(ann, [{ image: 1, ops: [{ type: 'add', classId: 1, box: square(11, 20) }] }], { action: 'draw' });
  p.accept(ann, 1, {});
  expect(summary(p.boxes(1))).toEqual(['1:11,11,31,31']);
});
