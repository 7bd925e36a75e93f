// The colour of a run's or job's state.

/** Tone of a badge. */
export type Tone = 'plain' | 'accent' | 'good' | 'warn' | 'bad';

const tones: Record<string, Tone> = {
  running: 'accent',
  paused: 'warn',
  interrupted: 'warn',
  finished: 'good',
  failed: 'bad',
};

/** The tone of a state of the contract's `runStatus` or `jobStatus`. */
export function statusTone(status: string): Tone {
  return tones[status] ?? 'plain';
}
