// Curves, best thresholds, confusion, error kinds and likely label mistakes, on hand-made scenes.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assignImage } from '../../../src/core/evaluate/assign.ts';
import { confusionMatrix } from '../../../src/core/evaluate/confusion.ts';
import { precisionRecallCurves } from '../../../src/core/evaluate/curves.ts';
import { countErrors, findErrors } from '../../../src/core/evaluate/errorKinds.ts';
import { likelyLabelMistakes } from '../../../src/core/evaluate/labelMistakes.ts';
import type { EvaluatedAnnotation, EvaluatedImage } from '../../../src/core/evaluate/types.ts';
import type { Detection } from '../../../src/shared/labels.ts';

const classes = ['cat', 'dog'];
const at = (x: number, width = 100) => ({ x1: x, y1: 0, x2: x + width, y2: 100 });
const gt = (x: number, classId = 0, extra: Partial<EvaluatedAnnotation> = {}): EvaluatedAnnotation => ({
  box: at(x),
  classId,
  ...extra,
});
const dt = (x: number, score: number, classId = 0, width = 100): Detection => ({ box: at(x, width), classId, score });
const image = (annotations: EvaluatedAnnotation[], detections: Detection[]): EvaluatedImage => ({
  path: 'a.jpg',
  annotations,
  detections,
});

describe('assignImage', () => {
  it('of two labels overlapped equally takes the later one, as pycocotools', () => {
    const twins = [gt(0), gt(0)];
    expect(assignImage(image(twins, [dt(0, 0.9)]), 0.5, 0)[0]!.label).toBe(twins[1]);
  });
});

describe('precisionRecallCurves', () => {
  // cat: T .9, F .8, T .6, F .4 over 3 labels. Precision 1, 1/2, 2/3, 2/4; recall 1/3, 1/3, 2/3, 2/3.
  // F1 = 2 tp / (kept + labels): 2/4, 2/5, 4/6, 4/7: best is 2/3 at .6, threshold midway to .4.
  const scene = image([gt(0), gt(200), gt(400)], [dt(0, 0.9), dt(800, 0.8), dt(200, 0.6), dt(900, 0.4)]);

  it('gives each threshold its precision, recall and F1', () => {
    const cat = precisionRecallCurves([scene], classes)[1]!;
    expect(cat.points.map((p) => p.precision)).toEqual([1, 1 / 2, 2 / 3, 1 / 2]);
    expect(cat.points.map((p) => p.recall)).toEqual([1 / 3, 1 / 3, 2 / 3, 2 / 3]);
    expect(cat.points.map((p) => p.f1)).toEqual([2 / 4, 2 / 5, 4 / 6, 4 / 7]);
    expect(cat.best).toEqual({ score: 0.5, precision: 2 / 3, recall: 2 / 3, f1: 2 / 3 });
  });

  it('never parts equal scores, and stands without labels or hits', () => {
    const equal = precisionRecallCurves([image([gt(0)], [dt(0, 0.5), dt(500, 0.5)])], classes);
    expect(equal[1]!.points).toEqual([{ score: 0.5, precision: 0.5, recall: 1, f1: 2 / 3 }]);
    expect(equal[1]!.best!.score).toBe(0.5);
    expect(equal[2]).toEqual({ classId: 1, name: 'dog', points: [], best: null });
    expect(precisionRecallCurves([image([gt(0)], [dt(500, 0.5)])], classes)[1]!.best).toBeNull();
  });

  it('pools classes and leaves ignored labels and crowds out', () => {
    const pooled = precisionRecallCurves(
      [image([gt(0), gt(200, 1), gt(400, 0, { crowd: true })], [dt(0, 0.9), dt(200, 0.8, 1), dt(420, 0.95, 0, 20)])],
      classes,
    )[0]!;
    expect(pooled.points.at(-1)).toEqual({ score: 0.8, precision: 1, recall: 1, f1: 1 });
  });
});

describe('confusionMatrix', () => {
  it('counts finds, mix-ups, misses and inventions', () => {
    const scene = image(
      [gt(0), gt(200), gt(400, 1), gt(600, 1), gt(1000, 1, { ignore: true })],
      [dt(0, 0.9), dt(200, 0.8, 1), dt(400, 0.7, 1), dt(800, 0.6), dt(1000, 0.9), dt(600, 0.1, 1)],
    );
    expect(confusionMatrix([scene], classes).counts).toEqual([
      [1, 1, 0],
      [0, 1, 1], // the dog at 600 was found under the score threshold only
      [1, 0, 0], // the cat at 800; the one at 1000 lies on an ignored label
    ]);
  });

  it('settles right finds before mix-ups, so a better-scored wrong class takes nothing away', () => {
    const { counts } = confusionMatrix([image([gt(0)], [dt(0, 0.9, 1), dt(0, 0.5, 0)])], classes);
    expect(counts).toEqual([
      [1, 0, 0],
      [0, 0, 0],
      [0, 1, 0],
    ]);
  });

  it('counts every label once, whatever the scene', () => {
    const labels = fc.array(
      fc.tuple(fc.nat(9), fc.nat(1)).map(([x, c]) => gt(x * 40, c)),
      { maxLength: 8 },
    );
    const found = fc.array(
      fc.tuple(fc.nat(9), fc.nat(1), fc.nat(9)).map(([x, c, s]) => dt(x * 40, s / 9, c)),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(labels, found, (annotations, detections) => {
        const { counts } = confusionMatrix([image(annotations, detections)], classes, { scoreThreshold: 0 });
        for (const c of [0, 1]) {
          expect(counts[c]!.reduce((a, b) => a + b)).toBe(annotations.filter((a) => a.classId === c).length);
          const predicted = counts.reduce((sum, row) => sum + row[c]!, 0);
          expect(predicted).toBe(detections.filter((d) => d.classId === c).length);
        }
      }),
      { numRuns: 200 },
    );
  });
});

describe('findErrors', () => {
  const kinds = (scene: EvaluatedImage) => findErrors([scene], classes).map((e) => e.kind);

  it.each<[string, EvaluatedImage, string[]]>([
    ['a right find is no error', image([gt(0)], [dt(0, 0.9)]), []],
    ['missed', image([gt(0)], []), ['missed']],
    ['missed under the score threshold', image([gt(0)], [dt(0, 0.2)]), ['missed']],
    ['wrong class explains its label', image([gt(0)], [dt(0, 0.9, 1)]), ['wrongClass']],
    ['poor box explains its label (IoU 40 / 160)', image([gt(0)], [dt(60, 0.9)]), ['poorBox']],
    ['both leaves its label missed', image([gt(0)], [dt(60, 0.9, 1)]), ['both', 'missed']],
    ['duplicate', image([gt(0)], [dt(0, 0.9), dt(10, 0.8)]), ['duplicate']],
    ['background, with an overlap of 5 / 195', image([gt(0)], [dt(0, 0.9), dt(95, 0.8)]), ['background']],
    ['crowds of any class excuse', image([gt(0, 1, { crowd: true })], [dt(10, 0.9, 0, 50)]), []],
    ['ignored labels are not missed', image([gt(0, 0, { ignore: true })], []), []],
    ['a close other label beats a taken own one', image([gt(0), gt(30, 1)], [dt(0, 0.9), dt(28, 0.8)]), ['wrongClass']],
  ])('%s', (_, scene, expected) => expect(kinds(scene)).toEqual(expected));

  it('hands over image, boxes and overlap, the most confident first', () => {
    const label = gt(0);
    const errors = findErrors([image([], []), image([label], [dt(800, 0.5), dt(0, 0.9, 1)])], classes);
    expect(errors.map((e) => [e.kind, e.image, e.detection?.score])).toEqual([
      ['wrongClass', 1, 0.9],
      ['background', 1, 0.5],
    ]);
    expect(errors[0]).toMatchObject({ label, iou: 1, path: 'a.jpg' });
    expect(countErrors(errors)).toMatchObject({ wrongClass: 1, background: 1, missed: 0 });
  });
});

describe('likelyLabelMistakes', () => {
  it('lists confident disagreement, most suspicious first', () => {
    const scene = image(
      [gt(0), gt(200), gt(400), gt(600), gt(1200)],
      [dt(0, 0.9, 1), dt(260, 0.96), dt(800, 0.97), dt(400, 0.8), dt(600, 0.3), dt(1000, 0.4)],
    );
    const found = likelyLabelMistakes([scene], classes).map((m) => [m.kind, Number(m.suspicion.toFixed(3))]);
    // the box at 260 overlaps the label at 200 by 40 / 160 = 0.25, so 0.96 * 0.75; 600 has support 0.3, so 0.35; 1200 none at all
    expect(found).toEqual([
      ['unlabelled', 0.97],
      ['class', 0.9],
      ['box', 0.72],
      ['nothingThere', 0.5],
      ['nothingThere', 0.35],
    ]);
  });

  it('says nothing where model and labels agree', () => {
    expect(likelyLabelMistakes([image([gt(0)], [dt(0, 0.9), dt(5, 0.8)])], classes)).toEqual([]);
  });
});
