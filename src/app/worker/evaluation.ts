// Evaluation in the child process: the model over labelled images, its report, and mistakes at any threshold from what was kept of the run.
import { readFile } from 'node:fs/promises';
import { confusionMatrix } from '../../core/evaluate/confusion.ts';
import { evaluate } from '../../core/evaluate/coco.ts';
import { precisionRecallCurves, type ClassCurve } from '../../core/evaluate/curves.ts';
import { countErrors, findErrors, type DetectionError } from '../../core/evaluate/errorKinds.ts';
import { likelyLabelMistakes, type LabelMistake } from '../../core/evaluate/labelMistakes.ts';
import type { EvaluatedImage } from '../../core/evaluate/types.ts';
import { unreadable } from '../../core/detect/evaluateModel.ts';
import type { Detector } from '../../core/detect/detector.ts';
import { writeFileAtomic } from '../../core/files/atomicWrite.ts';
import { measuredFindings } from '../../core/train/measuredFindings.ts';
import { fromFileError, StudioError } from '../../shared/errors.ts';
import { detectInClassesOf } from '../tasks/evaluateImages.ts';
import type { EvaluationMethods, MistakeQuery } from './methods.ts';
import type { WorkerCall, WorkerMethods } from './protocol.ts';

type Run = EvaluationMethods['evaluate'];

/** Points of a curve that are kept: more than a screen shows. */
const mostPoints = 200;

/** Runs the model, keeps labels and finds in `file`, and sums up. Errors: `argument-invalid`, `cancelled`, file errors. */
export async function runEvaluation(
  detector: Detector,
  { model, classes, imageRoot, images, file }: Run['input'],
  { signal, emit }: WorkerCall<Run['event']>,
): Promise<Run['result']> {
  const found = await detectInClassesOf({ classes, imageRoot }, images, detector, {
    model,
    signal,
    onImage: (done, total) => emit({ done, total }),
  });
  if (signal.aborted) throw new StudioError('cancelled', 'The evaluation was cancelled.');
  await writeFileAtomic(file, JSON.stringify(found.images));
  const { summary, perClass } = evaluate(found.images, classes);
  const curves = precisionRecallCurves(found.images, classes).map(thinned);
  const { failed, unknownToModel } = found;
  const findings = [...(await measuredFindings(model, imageRoot, images, signal)), ...failed.map(unreadable)];
  return { images: found.images.length, summary, perClass, curves, failed, unknownToModel, findings };
}

/** The curve with at most {@link mostPoints} points, evenly over recall; the first, the last and the one of highest F1 are always among them. */
export function thinned(curve: ClassCurve): ClassCurve {
  const { points } = curve;
  if (points.length <= mostPoints) return curve;
  const [first, last] = [points[0]!, points.at(-1)!];
  const peak = points.reduce((best, p) => (p.f1 > best.f1 ? p : best));
  const step = (last.recall - first.recall) / (mostPoints - 3);
  let next = first.recall;
  const kept = points.filter((point) => {
    const due = point.recall >= next;
    while (due && step > 0 && next <= point.recall) next += step;
    if (due && step === 0) next = Infinity;
    return due || point === peak || point === last;
  });
  return { ...curve, points: kept };
}

/** The images of the report looked at last: a person moves a threshold many times. */
let lastRead: { file: string; images: EvaluatedImage[] } | null = null;

async function imagesOf(file: string): Promise<EvaluatedImage[]> {
  if (lastRead?.file === file) return lastRead.images;
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw fromFileError(error, file);
  });
  const images = JSON.parse(text) as EvaluatedImage[]; // our own file, written whole or not at all
  lastRead = { file, images };
  return images;
}

const thresholds = ({ iou, score }: { iou: number; score: number }) => ({ iouThreshold: iou, scoreThreshold: score });

/** Mistakes of a kept run. */
export const mistakeMethods: WorkerMethods<Omit<EvaluationMethods, 'evaluate'>> = {
  confusion: async ({ file, classes, ...at }) => {
    const images = await imagesOf(file);
    const errors = countErrors(findErrors(images, classes, thresholds(at)));
    return { counts: confusionMatrix(images, classes, thresholds(at)).counts, errors };
  },
  errors: async ({ file, classes, query, offset, limit, ...at }) => {
    const all = findErrors(await imagesOf(file), classes, thresholds(at)).filter((error) => fits(error, query));
    return { total: all.length, items: all.slice(offset, offset + limit) };
  },
  labelMistakes: async ({ file, classes, confidence, offset, limit }) => {
    const all: LabelMistake[] = likelyLabelMistakes(await imagesOf(file), classes, confidence);
    return { total: all.length, items: all.slice(offset, offset + limit) };
  },
};

function fits({ kind, detection, label }: DetectionError, query: MistakeQuery): boolean {
  const { classId, labelled, predicted } = query;
  return (
    (query.kind === undefined || kind === query.kind) &&
    (labelled === undefined || label?.classId === labelled) &&
    (predicted === undefined || detection?.classId === predicted) &&
    (classId === undefined || label?.classId === classId || detection?.classId === classId)
  );
}
