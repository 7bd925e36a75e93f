// From the metrics that a run's folder holds to the epochs that the interface draws.
import type { MetricsLine } from '../../core/train/runFolder.ts';
import type { EpochMetrics } from '../../shared/contract/index.ts';

/** Epochs with their average losses from a run's metrics lines. */
export function epochsOf(lines: readonly MetricsLine[]): EpochMetrics[] {
  const epochs: EpochMetrics[] = [];
  let [heatmap, size, rate, steps, seconds] = [0, 0, 0, 0, 0];
  for (const line of lines) {
    if (line.type === 'step') {
      [heatmap, size, rate, steps] = [heatmap + line.heatmapLoss, size + line.sizeLoss, line.rate, steps + 1];
      continue;
    }
    if (line.split !== 'val') continue;
    const count = Math.max(1, steps);
    const losses = { total: (heatmap + size) / count, heatmap: heatmap / count, size: size / count };
    const spent = line.trainSeconds - seconds;
    epochs.push({ epoch: line.epoch, seconds: spent, learningRate: rate, losses, ap: line.ap, ap50: line.ap50 });
    [heatmap, size, steps, seconds] = [0, 0, 0, line.trainSeconds];
  }
  return epochs;
}
