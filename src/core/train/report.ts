// The report of a run: gathers metrics, a last evaluation and example pictures, and writes one self-contained page.
import path from 'node:path';
import type { LabelledImage } from '../../shared/labels.ts';
import { detectLabelled, unreadable, type LabelledDetections } from '../detect/evaluateModel.ts';
import { Detector } from '../detect/detector.ts';
import { evaluate } from '../evaluate/coco.ts';
import { confusionMatrix } from '../evaluate/confusion.ts';
import { precisionRecallCurves } from '../evaluate/curves.ts';
import { findErrors, type DetectionError } from '../evaluate/errorKinds.ts';
import type { EvaluatedImage } from '../evaluate/types.ts';
import { writeFileAtomic } from '../files/atomicWrite.ts';
import { thumbnail } from '../image/encode.ts';
import { openModel } from '../model/openModel.ts';
import { renderReport } from '../report/report.ts';
import type { DatasetSummary, ReportImage, ReportInput } from '../report/types.ts';
import type { TrainConfig } from './config.ts';
import { RunFolder, type MetricsLine, type RunLabels } from './runFolder.ts';

/** Score from which a detection is shown and counted in the confusion matrix and the error pictures. */
const shownScore = 0.3;
const exampleCount = 12;
const errorPictures = 6; // of each kind
const pictureSide = 640;

/**
 * Evaluates the run's model on what it was not trained on (validation, else the monitored images) and writes report.html.
 * @returns path of the report
 * @throws model-invalid when the run has no checkpoint yet; disk-full
 */
export async function writeRunReport(root: string): Promise<string> {
  const { run, config, labels } = await RunFolder.open(root);
  const metrics = await run.readMetrics();
  const split = labels.val?.length ? ('val' as const) : labels.monitor?.length ? ('monitor' as const) : null;
  const images = split ? labels[split]! : labels.train.slice(0, exampleCount);
  const detector = await Detector.create(await openModel(root));
  const found = await detectLabelled(detector, labels.imageRoot, images).finally(() => detector.release());
  const final = split ? evaluationOf(split, found.images, labels.classes) : null;
  const examples = spread(found.images, exampleCount).map((e) => ({
    ...e,
    detections: e.detections.filter((d) => d.score >= shownScore),
  }));
  const shown = new Set([...examples.map((e) => e.path), ...(final ? pathsOfErrors(final.errors) : [])]);
  const input: ReportInput = {
    title: path.basename(run.root),
    subtitle: `${config.start}, ${config.width}x${config.height}, seed ${config.seed}`,
    settings: settingsOf(config),
    dataset: summaryOf(labels, found.failed),
    classes: labels.classes,
    steps: metrics.flatMap(stepOf),
    epochs: metrics.flatMap((line) => epochOf(line, split)),
    final,
    examples,
    images: await pictures(
      labels,
      images.filter((i) => shown.has(i.path)),
    ),
  };
  await writeFileAtomic(run.file('report'), renderReport(input));
  return run.file('report');
}

function evaluationOf(
  split: string,
  images: readonly EvaluatedImage[],
  classes: readonly string[],
): NonNullable<ReportInput['final']> {
  return {
    split,
    evaluation: evaluate(images, classes),
    curves: precisionRecallCurves(images, classes),
    confusion: confusionMatrix(images, classes, { scoreThreshold: shownScore }),
    errors: findErrors(images, classes, { scoreThreshold: shownScore }),
  };
}

/** `count` items evenly over a list. */
function spread<T>(items: readonly T[], count: number): T[] {
  const step = Math.max(1, items.length / count);
  return Array.from({ length: Math.min(count, items.length) }, (_, i) => items[Math.floor(i * step)]!);
}

function pathsOfErrors(errors: readonly DetectionError[]): string[] {
  const counts = new Map<string, number>();
  return errors.flatMap(({ kind, path: image }) => {
    const count = (counts.get(kind) ?? 0) + 1;
    counts.set(kind, count);
    return count <= errorPictures ? [image] : [];
  });
}

const settingsOf = (config: TrainConfig): ReportInput['settings'] =>
  Object.entries(config).map(([name, value]) => ({ name, value: value === null ? 'none' : String(value) }));

function stepOf(line: MetricsLine): ReportInput['steps'][number][] {
  if (line.type !== 'step') return [];
  const { step, heatmapLoss, sizeLoss, rate, imagesPerSecond } = line;
  return [
    {
      step,
      losses: { total: heatmapLoss + sizeLoss, heatmap: heatmapLoss, size: sizeLoss },
      learningRate: rate,
      imagesPerSecond,
    },
  ];
}

function epochOf(line: MetricsLine, split: string | null): ReportInput['epochs'][number][] {
  if (line.type !== 'epoch' || line.split !== split) return [];
  return [{ epoch: line.epoch, minutes: line.trainSeconds / 60, ap: line.ap, ap50: line.ap50 }];
}

function summaryOf(labels: RunLabels, failed: LabelledDetections['failed']): DatasetSummary {
  const parts = (['train', 'val', 'monitor'] as const).flatMap((name) =>
    labels[name] ? [{ name, list: labels[name] }] : [],
  );
  const boxesOf = (list: readonly LabelledImage[], classId: number): number =>
    list.reduce((sum, image) => sum + image.annotations.filter((a) => a.classId === classId).length, 0);
  return {
    splits: parts.map(({ name, list }) => ({
      name,
      images: list.length,
      boxes: list.reduce((sum, i) => sum + i.annotations.length, 0),
    })),
    classes: labels.classes.map((name, id) => ({ name, boxes: parts.map(({ list }) => boxesOf(list, id)) })),
    findings: [...labels.findings, ...failed.map(unreadable)],
  };
}

async function pictures(labels: RunLabels, images: readonly LabelledImage[]): Promise<Record<string, ReportImage>> {
  const result: Record<string, ReportImage> = {};
  for (const { path: name, width, height } of images)
    result[name] = { jpeg: await thumbnail(path.resolve(labels.imageRoot, name), pictureSide), width, height };
  return result;
}
