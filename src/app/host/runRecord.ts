// What a project's run row holds beside the store's own columns: the contract's settings and the results so far.
import { z } from 'zod';
import type { Run } from '../../core/store/runs.ts';
import { baseModelName } from '../../core/model/openModel.ts';
import { maybeSaid } from '../../shared/contract/common.ts';
import { trainingConfig, type RunInfo, type TrainingConfig } from '../../shared/contract/training.ts';
import { saying, telling } from '../../shared/errors.ts';
import { said } from '../../shared/said.ts';

const metricsSchema = z.object({
  classes: z.array(z.string()).default([]),
  inputSize: z.number().int().default(512),
  epochs: z.number().int().default(0),
  epochsDone: z.number().int().default(0),
  secondsSpent: z.number().default(0),
  bestAp: z.number().nullable().default(null),
  hasModel: z.boolean().default(false),
  error: z.string().nullable().default(null),
  errorSaid: maybeSaid,
  /** Image ids that are repainted as it learns. */
  previews: z.array(z.string()).default([]),
});
/** Results of a run so far. */
export type RunMetrics = z.infer<typeof metricsSchema>;

/** The results in a run row; what an older version didn't write, or a damaged row doesn't hold, has its default. */
export function metricsOf(run: Run): RunMetrics {
  return metricsSchema.safeParse(run.metrics).data ?? metricsSchema.parse({});
}

/** The contract's settings in a run row. Error: `run-invalid` for a damaged row. */
export function configOf(run: Run): TrainingConfig {
  const config = trainingConfig.safeParse(run.config);
  if (config.success) return config.data;
  throw saying('run-invalid', 'run.record', { name: run.name });
}

/** What stands in a list for settings that can't be read; the run's error says so. */
const noSettings: TrainingConfig = { start: baseModelName, preset: 'standard' };

/** A run as the contract tells of it. A row that says "running" while no process works on it was interrupted. */
export function toRunInfo(run: Run, live: boolean): RunInfo {
  const { epochs, epochsDone, secondsSpent, bestAp, hasModel, error, errorSaid } = metricsOf(run);
  const config = trainingConfig.safeParse(run.config).data;
  const damaged = config ? null : telling(said('run.record', { name: run.name }));
  return {
    id: String(run.id),
    name: run.name,
    note: run.note,
    status: run.status === 'running' && !live ? 'interrupted' : run.status,
    config: config ?? noSettings,
    createdAt: run.started,
    epochs,
    epochsDone,
    secondsSpent,
    bestAp,
    model: hasModel ? `run-${run.uid}` : null,
    error: damaged?.message ?? error,
    errorSaid: damaged?.said ?? errorSaid,
  };
}
