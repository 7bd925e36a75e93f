// The report of `compare`: several settings on the same data, AP50 against epoch and against time, and who gets where first.
import { lineChart } from './chart.ts';
import { chooseLevels, finals, judge, meanCurve, reach, runCurve, weakest } from './compare.ts';
import type { ComparedSetting, Progress } from './compare.ts';
import { escape, minutes, share, table } from './html.ts';
import type { Column } from './html.ts';
import { page } from './page.ts';
import type { Section } from './page.ts';
import type { Setting } from './types.ts';

/** All of a comparison. */
export interface ComparisonInput {
  title: string;
  subtitle?: string;
  /** What all runs have in common. */
  shared: readonly Setting[];
  settings: readonly ComparedSetting[];
  /** Name of the setting that the others are measured against; the weakest unless given. */
  baseline?: string;
  /** AP50 levels of the table; chosen from the results unless given. */
  levels?: readonly number[];
}

/** The last evaluation of all runs. */
function furthest(settings: readonly ComparedSetting[], by: Progress): number {
  return Math.max(Number.MIN_VALUE, ...settings.flatMap((s) => s.runs.flatMap((r) => r.epochs.map((e) => e[by]))));
}

function chart(id: string, by: Progress, settings: readonly ComparedSetting[]): string {
  const seeds = Math.max(0, ...settings.map((s) => s.runs.length));
  return lineChart(id, {
    title: by === 'epoch' ? 'AP50 against epoch' : 'AP50 against minutes of training',
    xLabel: by === 'epoch' ? 'epoch' : 'minutes',
    yLabel: 'AP50',
    yRange: [0, 1],
    xRange: [0, furthest(settings, by)],
    dots: by === 'epoch',
    series: settings.map((s) => {
      const { mean, band } = meanCurve(s, by);
      return { name: s.name, points: mean, band };
    }),
    note: seeds > 1 ? `Line: mean of ${seeds} seeds. Band: lowest to highest.` : undefined,
  });
}

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

/** Mean and range of some values, or a dash. */
function spread(values: readonly number[], write: (v: number) => string): string {
  if (values.length === 0) return '–';
  const low = write(Math.min(...values));
  const high = write(Math.max(...values));
  return escape(low === high ? write(mean(values)) : `${write(mean(values))} (${low} to ${high})`);
}

function finalTable(settings: readonly ComparedSetting[]): string {
  const columns: Column[] = [
    { head: 'Setting' },
    { head: 'Seeds', numeric: true },
    { head: 'Final AP50', numeric: true, title: 'Mean over seeds, lowest and highest' },
    { head: 'Best AP50', numeric: true, title: 'Best of each run: mean, lowest and highest' },
    { head: 'Training time', numeric: true },
  ];
  const rows = settings.map((s) => {
    const curves = s.runs.map((r) => runCurve(r, 'epoch')).filter((c) => c.length > 0);
    const best = curves.map((c) => Math.max(...c.map((p) => p[1])));
    const time = s.runs.flatMap((r) => r.epochs.at(-1)?.minutes ?? []);
    return [
      escape(s.name),
      String(s.runs.length),
      spread(finals(s), share),
      spread(best, share),
      spread(time, minutes),
    ];
  });
  return table(columns, rows, 'Final results');
}

function levelTable(settings: readonly ComparedSetting[], levels: readonly number[], by: Progress): string {
  const columns = [{ head: 'Setting' }, ...levels.map((l) => ({ head: `AP50 ${l}`, numeric: true }))];
  const write = (v: number): string => v.toFixed(1);
  const rows = settings.map((s) => [
    escape(s.name),
    ...levels.map((level) => {
      const found = s.runs.map((r) => reach(runCurve(r, by), level)).filter((v) => v !== null);
      const some = found.length > 0 && found.length < s.runs.length ? ` · ${found.length} of ${s.runs.length}` : '';
      return spread(found, write) + some;
    }),
  ]);
  return table(columns, rows, by === 'epoch' ? 'Epochs needed per level' : 'Minutes needed per level');
}

function verdicts(input: ComparisonInput): string {
  const baseline = input.settings.find((s) => s.name === input.baseline) ?? weakest(input.settings);
  if (!baseline) return '';
  const sentences = input.settings.filter((s) => s !== baseline).flatMap((s) => judge(baseline, s)?.sentence ?? []);
  if (sentences.length === 0) return '';
  return `<div class="card verdict">${sentences.map((s) => `<p>${escape(s)}</p>`).join('')}</div>`;
}

/** Renders a comparison as one self-contained page, as `renderReport` does for a run. */
export function renderComparison(input: ComparisonInput): string {
  const { settings } = input;
  const levels = input.levels ?? chooseLevels(settings);
  const curves = `<div class="cols">${chart('by-epoch', 'epoch', settings)}${chart('by-minutes', 'minutes', settings)}</div>`;
  const needed = [
    '<p class="note">First time at or above a level, between evaluations by a straight line; mean over the seeds that reached it, lowest to highest.</p>',
    `<h3>Epochs</h3>${levelTable(settings, levels, 'epoch')}`,
    `<h3>Minutes</h3>${levelTable(settings, levels, 'minutes')}`,
  ].join('');
  const common = table(
    [{ head: 'Setting' }, { head: 'Value' }],
    input.shared.map((s) => [escape(s.name), escape(s.value)]),
    'Settings that all runs share',
  );
  const parts: Section[] = [
    { id: 'curves', title: 'Curves', body: curves },
    { id: 'results', title: 'Results', body: finalTable(settings) },
    { id: 'needed', title: 'Needed to reach a level', body: needed },
    { id: 'settings', title: 'In common', body: common },
  ];
  return page(input.title, input.subtitle ?? '', verdicts(input), parts);
}
