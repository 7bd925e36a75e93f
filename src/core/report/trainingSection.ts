// The part of a run's report about how training went: AP against time and epoch, losses, learning rate, speed.
import { lineChart } from './chart.ts';
import type { Chart, Series } from './chart.ts';
import { quantile, smooth } from './scale.ts';
import type { Point } from './scale.ts';
import type { EpochMetrics, StepMetrics } from './types.ts';

function defined(
  epochs: readonly EpochMetrics[],
  x: (e: EpochMetrics) => number,
  y: (e: EpochMetrics) => number | null,
): Point[] {
  return epochs.flatMap((e): Point[] => {
    const value = y(e);
    return value === null ? [] : [[x(e), value]];
  });
}

function apChart(
  epochs: readonly EpochMetrics[],
  xLabel: string,
  x: (e: EpochMetrics) => number,
  title: string,
): Chart {
  return {
    title,
    xLabel,
    yLabel: 'AP',
    yRange: [0, 1],
    xRange: [0, Math.max(...epochs.map(x), Number.MIN_VALUE)],
    dots: true,
    series: [
      { name: 'AP50', points: defined(epochs, x, (e) => e.ap50) },
      { name: 'AP', points: defined(epochs, x, (e) => e.ap) },
    ],
  };
}

/** Early losses are far above all later ones: the axis leaves the highest 2 % out, so that the rest can be read. */
function lossChart(steps: readonly StepMetrics[]): Chart {
  const names = Object.keys(steps[0]?.losses ?? {});
  const series: Series[] = names.map((name) => {
    const raw = steps.map((s): Point => [s.step, s.losses[name] ?? NaN]).filter((p) => Number.isFinite(p[1]));
    return { name, points: smooth(raw), raw };
  });
  const values = series.flatMap((s) => (s.raw ?? []).map((p) => p[1]));
  const top = quantile(values, 0.98);
  const low = Math.min(0, quantile(values, 0));
  return {
    title: 'Losses (smoothed; faint: each step)',
    xLabel: 'step',
    yLabel: 'loss',
    wide: true,
    series,
    yRange: top > low ? [low, top] : undefined,
    note: steps.length > 50 ? 'The highest 2 % of the values lie above the chart.' : undefined,
  };
}

const stepChart = (title: string, yLabel: string, points: Point[], soften: boolean): Chart => ({
  title,
  xLabel: 'step',
  yLabel,
  yRange: [
    0,
    soften
      ? Math.max(
          1e-9,
          quantile(
            points.map((p) => p[1]),
            0.99,
          ),
        )
      : Math.max(1e-12, ...points.map((p) => p[1])),
  ],
  series: [soften ? { name: yLabel, points: smooth(points), raw: points } : { name: yLabel, points }],
});

/** The charts of training as HTML. */
export function trainingSection(steps: readonly StepMetrics[], epochs: readonly EpochMetrics[]): string {
  const speed = steps.map((s): Point => [s.step, s.imagesPerSecond]);
  const rate = steps.map((s): Point => [s.step, s.learningRate]);
  const charts = [
    lineChart(
      'ap-minutes',
      apChart(epochs, 'minutes', (e) => e.minutes, 'AP against minutes of training'),
    ),
    lineChart(
      'ap-epoch',
      apChart(epochs, 'epoch', (e) => e.epoch, 'AP against epoch'),
    ),
    lineChart('loss', lossChart(steps)),
    lineChart('rate', stepChart('Learning rate', 'learning rate', rate, false)),
    lineChart('speed', stepChart('Speed', 'images per second', speed, true)),
  ];
  return `<div class="cols">${charts.join('\n')}</div>`;
}
