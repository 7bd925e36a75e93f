// Evaluation of the stand-in: reports whose numbers come from formulas, mistakes on the project's own boxes.
import { randomUUID } from 'node:crypto';
import type { Handlers } from '../../../src/app/host/call.ts';
import type { EvaluationError, EvaluationReport } from '../../../src/shared/contract/index.ts';
import { noFindings } from '../../../src/shared/contract/common.ts';
import { StudioError } from '../../../src/shared/errors.ts';
import type { World } from './handlers.ts';
import { worked } from './stream.ts';

type Split = EvaluationReport['split'];
const kinds = ['missed', 'wrongClass', 'poorBox', 'both', 'duplicate', 'background'] as const;

/** Evaluation over a world in memory. */
export function evaluateHandlers({ project }: World): Handlers['evaluate'] {
  let kept: EvaluationReport[] = [];
  const find = (id: string): EvaluationReport => {
    const found = kept.find((report) => report.id === id);
    if (found) return found;
    throw new StudioError('file-missing', 'This evaluation is gone. Run it again.');
  };
  const classes = () => project.classes.map(({ id, name }) => ({ id, name }));
  const make = (model: string, split: Split): EvaluationReport => {
    const report = reportOf(classes(), project.order.length, model, split);
    kept = [report, ...kept.filter((r) => r.model !== model || r.split !== split)];
    return report;
  };
  const mistakes = (score: number): EvaluationError[] =>
    project.order.slice(0, 40).flatMap((image, i) => {
      const { box } = project.objects.get(image)?.[0] ?? { box: { x1: 10, y1: 10, x2: 90, y2: 70 } };
      const kind = kinds[i % kinds.length]!;
      const classId = i % Math.max(1, project.classes.length);
      const detection = kind === 'missed' ? null : { box, classId, score: Math.max(score, 0.95 - i * 0.02) };
      const label = kind === 'background' ? null : { box, classId: kind === 'wrongClass' ? 0 : classId };
      const { path } = project.images.get(image)!;
      return [{ kind, iou: detection && label ? 0.62 : 0, image, path, detection, label }];
    });
  return {
    run: ({ model, split }, { signal }) => worked(signal, 'evaluate', 24, 30, make(model, split)),
    list: () => kept,
    get: ({ evaluation }) => find(evaluation),
    confusion: ({ score }) => confusionOf(project.classes.length, score),
    errors: ({ score, kind, classId, labelled, predicted, offset, limit }) => {
      const all = mistakes(score).filter(
        (e) =>
          (kind === undefined || e.kind === kind) &&
          (labelled === undefined || e.label?.classId === labelled) &&
          (predicted === undefined || e.detection?.classId === predicted) &&
          (classId === undefined || e.label?.classId === classId || e.detection?.classId === classId),
      );
      return { total: all.length, items: all.slice(offset, offset + limit) };
    },
    labelMistakes: ({ offset, limit }) => {
      const doubts = ['unlabelled', 'class', 'box', 'nothingThere'] as const;
      const all = mistakes(0.5).map(({ image, path, detection, label }, i) => ({
        ...{
          image,
          path,
          detection,
          label,
          kind: doubts[i % doubts.length]!,
          suspicion: Math.max(0.3, 0.9 - i * 0.02),
        },
      }));
      return { total: all.length, items: all.slice(offset, offset + limit) };
    },
    delete: ({ evaluation }) => {
      kept = kept.filter((report) => report.id !== evaluation);
      return {};
    },
  };
}

function reportOf(classes: EvaluationReport['classes'], images: number, model: string, split: Split): EvaluationReport {
  const main = { ap: 0.713, ap50: 0.934, ap75: 0.801 };
  const summary = {
    ...{ ...main, apSmall: null, apMedium: 0.66, apLarge: 0.78 },
    ...{ ar1: 0.41, ar10: 0.74, ar100: 0.76, arSmall: null, arMedium: 0.7, arLarge: 0.82 },
  };
  return {
    ...{ id: randomUUID(), model, modelName: model === 'base' ? 'COCO base (MobileNetV3)' : 'Second afternoon', split },
    ...{ at: Date.now(), images, stale: false, ...main, classes, summary },
    perClass: classes.map((_, classId) => ({
      ...{ classId, labels: 40 - (classId % 5) * 7, detections: 44 },
      ...{
        ap: 0.8 - (classId % 4) * 0.09,
        ap50: 0.96 - (classId % 4) * 0.05,
        ap75: 0.84 - (classId % 4) * 0.1,
        ar: 0.77,
      },
    })),
    curves: [null, ...classes.keys()].map((classId) => curveOf(classId)),
    ...{ unknownToModel: [], failed: [], findings: noFindings },
  };
}

function curveOf(classId: number | null): EvaluationReport['curves'][number] {
  const bend = 6 + ((classId ?? 1) % 4) * 2;
  const points = Array.from({ length: 60 }, (_, i) => {
    const recall = ((i + 1) / 60) * 0.95;
    const precision = 1 - 0.8 * recall ** bend;
    return { score: 0.98 - (i / 60) * 0.95, precision, recall, f1: (2 * precision * recall) / (precision + recall) };
  });
  return { classId, points, best: points.reduce((best, p) => (p.f1 > best.f1 ? p : best)) };
}

function confusionOf(classes: number, score: number): Awaited<ReturnType<Handlers['evaluate']['confusion']>> {
  const found = Math.round(40 * (1 - score * 0.5));
  const cell = (row: number, column: number): number => {
    if (row === classes && column === classes) return 0;
    if (row === column) return found - (row % 5) * 4;
    if (row === classes) return Math.round(9 * (1 - score));
    if (column === classes) return Math.round(12 * score);
    return (row * 7 + column * 3) % 5 === 0 ? 2 : 0;
  };
  const side = Array.from({ length: classes + 1 }, (_, i) => i);
  return {
    counts: side.map((row) => side.map((column) => cell(row, column))),
    errors: { missed: 12, wrongClass: 5, poorBox: 7, both: 1, duplicate: 3, background: 9 },
  };
}
