// Evaluation in the child process: curves thinned without losing what matters, mistakes of a kept run filtered and paged.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { mistakeMethods, thinned } from '../../../src/app/worker/evaluation.ts';
import type { WorkerCall } from '../../../src/app/worker/protocol.ts';
import type { EvaluatedImage } from '../../../src/core/evaluate/types.ts';

const call: WorkerCall<never> = {
  signal: new AbortController().signal,
  emit: () => undefined,
  onTell: () => undefined,
};
const box = (x1: number, side = 20) => ({ x1, y1: 0, x2: x1 + side, y2: side });
const images: EvaluatedImage[] = [
  {
    path: 'a.jpg',
    annotations: [
      { box: box(0), classId: 0 },
      { box: box(100), classId: 1 },
    ],
    detections: [
      { box: box(0), classId: 0, score: 0.9 },
      { box: box(100), classId: 0, score: 0.8 },
      { box: box(300), classId: 1, score: 0.4 },
    ],
  },
  { path: 'b.jpg', annotations: [{ box: box(50), classId: 1 }], detections: [] },
];

let folder: string;
let asked: { file: string; classes: string[]; score: number; iou: number };
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ttfnet-evaluation-'));
  asked = { file: path.join(folder, 'x.images.json'), classes: ['cat', 'dog'], score: 0.3, iou: 0.5 };
  await writeFile(asked.file, JSON.stringify(images));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test('confusion and kinds of errors follow the threshold', async () => {
  const low = await mistakeMethods.confusion(asked, call);
  expect(low.counts).toEqual([
    [1, 0, 0],
    [1, 0, 1],
    [0, 1, 0],
  ]);
  expect(low.errors).toMatchObject({ wrongClass: 1, background: 1, missed: 1 });
  const high = await mistakeMethods.confusion({ ...asked, score: 0.85 }, call);
  expect(high.errors).toMatchObject({ wrongClass: 0, background: 0, missed: 2 });
});

test('errors are filtered by kind, class and cell of the confusion, and come in pages', async () => {
  const page = { offset: 0, limit: 10 };
  const of = async (query: object, more: object = page) =>
    mistakeMethods.errors({ ...asked, query, offset: 0, limit: 10, ...more }, call);
  expect((await of({})).items.map(({ kind }) => kind)).toEqual(['wrongClass', 'background', 'missed']);
  expect(await of({}, { offset: 2, limit: 1 })).toMatchObject({ total: 3, items: [{ kind: 'missed', path: 'b.jpg' }] });
  expect((await of({ labelled: 1, predicted: 0 })).items).toMatchObject([{ kind: 'wrongClass', image: 0 }]);
  expect((await of({ classId: 0 })).total).toBe(1);
  expect((await of({ kind: 'missed' })).total).toBe(1);
});

test('likely label mistakes: a confident find of another class accuses the label', async () => {
  const { items } = await mistakeMethods.labelMistakes({ ...asked, confidence: 0.5, offset: 0, limit: 5 }, call);
  expect(items[0]).toMatchObject({ kind: 'class', path: 'a.jpg', label: { classId: 1 } });
});

test('a run that is gone is told as a missing file', async () => {
  const gone = { ...asked, file: path.join(folder, 'gone.json') };
  await expect(mistakeMethods.confusion(gone, call)).rejects.toMatchObject({ code: 'file-missing' });
});

test('a long curve is thinned and keeps its ends and its best point', () => {
  const points = Array.from({ length: 5000 }, (_, i) => {
    const [recall, precision] = [(i + 1) / 5000, 1 - (i / 5000) ** 3];
    return { score: 1 - i / 5000, recall, precision, f1: (2 * recall * precision) / (recall + precision) };
  });
  const peak = points.reduce((best, p) => (p.f1 > best.f1 ? p : best));
  const { points: kept } = thinned({ classId: null, name: 'all', points, best: peak });
  expect(kept.length).toBeLessThanOrEqual(200);
  expect(kept.length).toBeGreaterThan(190);
  expect(kept).toEqual(expect.arrayContaining([points[0]!, points.at(-1)!, peak]));
  const flat = points.map((p) => ({ ...p, recall: 0.5 }));
  expect(thinned({ classId: null, name: 'all', points: flat, best: null }).points.length).toBeLessThanOrEqual(3);
});
