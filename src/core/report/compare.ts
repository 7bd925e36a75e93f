// Arithmetic of a comparison: several settings, each trained with several seeds, as mean curves, bands, levels reached and a verdict.
import { interpolate } from './scale.ts';
import type { Point } from './scale.ts';
import type { EpochMetrics } from './types.ts';

/** One training run of a setting. */
export interface ComparedRun {
  seed: number;
  /** Evaluations in the order of training. */
  epochs: readonly EpochMetrics[];
}

/** A setting under comparison. */
export interface ComparedSetting {
  name: string;
  runs: readonly ComparedRun[];
}

/** The progress measures a comparison can be drawn against. */
export type Progress = 'epoch' | 'minutes';

/** Mean over seeds, and the range of them. */
export interface MeanCurve {
  mean: Point[];
  /** `[x, lowest, highest]`. */
  band: [number, number, number][];
}

/** AP50 of one run against its progress; undefined AP50 left out. */
export function runCurve(run: ComparedRun, by: Progress): Point[] {
  return run.epochs.flatMap((e): Point[] => (e.ap50 === null ? [] : [[e[by], e.ap50]]));
}

/** Positions where the mean is taken: every evaluated epoch; for minutes, 60 steps over the time that all seeds share. */
function positions(curves: readonly Point[][], by: Progress): number[] {
  const first = Math.max(...curves.map((c) => c[0]![0]));
  const last = Math.min(...curves.map((c) => c.at(-1)![0]));
  if (by === 'minutes' && last > first) return Array.from({ length: 61 }, (_, i) => first + ((last - first) * i) / 60);
  const all = [...new Set(curves.flatMap((c) => c.map((p) => p[0])))].sort((a, b) => a - b);
  return all.filter((x) => x >= first && x <= last);
}

/** Mean curve of a setting's seeds where all of them have values, straight lines between evaluations. */
export function meanCurve(setting: ComparedSetting, by: Progress): MeanCurve {
  const curves = setting.runs.map((r) => runCurve(r, by)).filter((c) => c.length > 0);
  const mean: Point[] = [];
  const band: [number, number, number][] = [];
  if (curves.length === 0) return { mean, band };
  for (const x of positions(curves, by)) {
    const values = curves.map((c) => interpolate(c, x)).filter((v) => v !== null);
    mean.push([x, values.reduce((a, b) => a + b, 0) / values.length]);
    band.push([x, Math.min(...values), Math.max(...values)]);
  }
  return { mean, band };
}

/** Where a curve first reaches `level`, between evaluations by a straight line; null if it never does. */
export function reach(points: readonly Point[], level: number): number | null {
  const at = points.findIndex((p) => p[1] >= level);
  if (at < 0) return null;
  const [x, y] = points[at]!;
  const before = points[at - 1];
  return before ? before[0] + ((x - before[0]) * (level - before[1])) / (y - before[1]) : x;
}

/** Final AP50 of every seed that has one. */
export function finals(setting: ComparedSetting): number[] {
  return setting.runs.flatMap((r) => {
    const last = runCurve(r, 'epoch').at(-1);
    return last ? [last[1]] : [];
  });
}

/** The setting whose final AP50 is lowest on average: the others can be measured by when they reach it. Undefined without any result. */
export function weakest(settings: readonly ComparedSetting[]): ComparedSetting | undefined {
  const average = (s: ComparedSetting): number => finals(s).reduce((a, b) => a + b, 0) / finals(s).length;
  return settings.filter((s) => finals(s).length > 0).sort((a, b) => average(a) - average(b))[0];
}

/** Five even steps of 0.05 or 0.1 that lie under the best result. */
export function chooseLevels(settings: readonly ComparedSetting[]): number[] {
  const best = Math.max(0, ...settings.flatMap((s) => s.runs.flatMap((r) => runCurve(r, 'epoch').map((p) => p[1]))));
  const step = best > 0.5 ? 0.1 : 0.05;
  const top = Math.floor(best / step + 1e-9);
  return Array.from({ length: Math.min(5, top) }, (_, i) => Number(((top - i) * step).toFixed(2))).reverse();
}

/** What a challenger needed to reach a baseline's final AP50, on the mean curves. */
export interface Verdict {
  baseline: string;
  challenger: string;
  /** The baseline's final mean AP50. */
  level: number;
  /** Epochs until the mean first reached `level`; null where it never did. */
  baselineEpochs: number | null;
  challengerEpochs: number | null;
  /** baselineEpochs / challengerEpochs. */
  ratio: number | null;
  sentence: string;
}

const times = (ratio: number): string =>
  ratio >= 1 ? `${ratio.toFixed(1)} times fewer epochs` : `${(1 / ratio).toFixed(1)} times more epochs`;

function sentence(v: Omit<Verdict, 'sentence'>, best: number, seeds: number): string {
  const over = `mean of ${seeds} ${seeds === 1 ? 'seed' : 'seeds'}`;
  const aim = `${v.baseline}’s final AP50 (${v.level.toFixed(3)}, ${over})`;
  if (v.challengerEpochs === null || v.baselineEpochs === null || v.ratio === null)
    return `${v.challenger} does not reach ${aim}; its best is ${best.toFixed(3)}.`;
  return `${v.challenger} reaches ${aim} in ${times(v.ratio)}: after ${v.challengerEpochs.toFixed(1)} instead of ${v.baselineEpochs.toFixed(1)}.`;
}

/**
 * Compares two settings. The baseline is credited with the first time that its own mean curve reached its final level, not with its last epoch.
 * Null when either has no evaluation, or the baseline found nothing.
 */
export function judge(baseline: ComparedSetting, challenger: ComparedSetting): Verdict | null {
  const base = meanCurve(baseline, 'epoch').mean;
  const other = meanCurve(challenger, 'epoch').mean;
  const level = base.at(-1)?.[1];
  if (!level || other.length === 0) return null;
  const baselineEpochs = reach(base, level);
  const challengerEpochs = reach(other, level);
  const ratio = baselineEpochs && challengerEpochs ? baselineEpochs / challengerEpochs : null;
  const v = { baseline: baseline.name, challenger: challenger.name, level, baselineEpochs, challengerEpochs, ratio };
  const best = Math.max(...other.map((p) => p[1]));
  return { ...v, sentence: sentence(v, best, Math.min(baseline.runs.length, challenger.runs.length)) };
}
