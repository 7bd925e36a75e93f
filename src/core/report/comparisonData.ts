// The numbers of a comparison for other programs: what the page draws and tells, as plain data.
import { chooseLevels, finals, judge, meanCurve, reach, runCurve, weakest } from './compare.ts';
import type { ComparedSetting, Verdict } from './compare.ts';
import type { EpochMetrics } from './types.ts';

/** What the mean of a setting's seeds needed to reach an AP50; null where it never did. */
export interface LevelNeed {
  ap50: number;
  epochs: number | null;
  minutes: number | null;
}

/** One setting's numbers. AP50 values 0 to 1. */
export interface SettingResult {
  name: string;
  runs: { seed: number; finalAp50: number | null; bestAp50: number | null; epochs: readonly EpochMetrics[] }[];
  /** Mean over the seeds that were evaluated; null without one. */
  finalAp50: number | null;
  levels: LevelNeed[];
}

/** A whole comparison. */
export interface ComparisonData {
  /** What the others are measured against in {@link ComparisonData.verdicts}; null without any result. */
  baseline: string | null;
  settings: SettingResult[];
  verdicts: Verdict[];
}

/**
 * Sums a comparison up.
 * @param baseline name of the setting to measure the others against; the weakest unless given
 */
export function comparisonData(settings: readonly ComparedSetting[], baseline?: string): ComparisonData {
  const base = settings.find((s) => s.name === baseline) ?? weakest(settings);
  const levels = chooseLevels(settings);
  return {
    baseline: base?.name ?? null,
    settings: settings.map((s) => resultOf(s, levels)),
    verdicts: base ? settings.flatMap((s) => (s === base ? [] : (judge(base, s) ?? []))) : [],
  };
}

function resultOf(setting: ComparedSetting, levels: readonly number[]): SettingResult {
  const [epochs, minutes] = [meanCurve(setting, 'epoch').mean, meanCurve(setting, 'minutes').mean];
  const ends = finals(setting);
  return {
    name: setting.name,
    runs: setting.runs.map((run) => {
      const values = runCurve(run, 'epoch').map(([, ap50]) => ap50);
      const bestAp50 = values.length > 0 ? Math.max(...values) : null;
      return { seed: run.seed, finalAp50: values.at(-1) ?? null, bestAp50, epochs: run.epochs };
    }),
    finalAp50: ends.length > 0 ? ends.reduce((a, b) => a + b, 0) / ends.length : null,
    levels: levels.map((ap50) => ({ ap50, epochs: reach(epochs, ap50), minutes: reach(minutes, ap50) })),
  };
}
