// Where a run stands, as its last checkpoint keeps it.
import { z } from 'zod';
import { saying, StudioError } from '../../shared/errors.ts';
import { loadCheckpoint, type Checkpoint } from '../model/checkpoint.ts';
import type { RunFolder } from './runFolder.ts';

const stateSchema = z.object({
  step: z.number().int(),
  epoch: z.number().int(),
  trainSeconds: z.number(),
  total: z.number(),
  bestAp: z.number().nullable(),
  sinceBest: z.number().int(),
  /** Step at which this run began: more than 0 where it goes on with another program's. */
  from: z.number().int().default(0),
  /** Step of the last evaluation. */
  evaluated: z.number().int().default(0),
  finished: z.boolean(),
  /** Parameters that learn at the rate of a fresh head, for as long as the run lasts. */
  fresh: z.array(z.string()),
});

/** Steps and epochs done, seconds trained, planned steps, best AP and evaluations since, whether the run has ended. */
export type RunState = z.infer<typeof stateSchema>;

/** The state of a run before its first step. */
export const newState = (): RunState => ({
  step: 0,
  epoch: 0,
  trainSeconds: 0,
  total: 0,
  bestAp: null,
  sinceBest: 0,
  from: 0,
  evaluated: 0,
  finished: false,
  fresh: [],
});

/** The state in a run's last checkpoint. @throws run-invalid when it holds none */
export function stateIn({ state }: Checkpoint, run: RunFolder): RunState {
  const parsed = stateSchema.safeParse(state);
  if (parsed.success) return parsed.data;
  throw saying('run-invalid', 'run.noState', { file: run.file('last') });
}

/**
 * A run's last checkpoint; null when it was killed before the first.
 * @throws model-invalid when it is damaged; run-invalid with the way to go on where the best weights are whole
 */
export const lastCheckpoint = (run: RunFolder): Promise<Checkpoint | null> =>
  loadCheckpoint(run.file('last')).catch(async (error: unknown) => {
    if (error instanceof StudioError && error.code === 'file-missing') return null;
    const isDamaged = error instanceof StudioError && error.code === 'model-invalid';
    const best = isDamaged ? await loadCheckpoint(run.file('best')).catch(() => null) : null;
    if (best === null) throw error;
    throw saying('run-invalid', 'run.lastDamaged', { file: run.file('last'), best: run.file('best') }, error);
  });

/** Whether a run came to its end, so that resuming would leave it as it is. @throws run-invalid, model-invalid when its checkpoint is damaged */
export async function hasEnded(run: RunFolder): Promise<boolean> {
  const last = await lastCheckpoint(run);
  return last !== null && stateIn(last, run).finished;
}
