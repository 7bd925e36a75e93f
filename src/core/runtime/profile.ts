// Where a run's time went: reads the trace that ONNX Runtime writes and sums it up by operator.
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

/** Time of one kind of operator, over all runs since the session was made. */
export interface ProfileRow {
  op: string;
  /** Which provider ran it ("CPUExecutionProvider", ...). */
  provider: string;
  /** Milliseconds, summed over its nodes and runs. */
  ms: number;
  /** Node executions. */
  calls: number;
}

/** Rows sorted by descending time, and their sum. */
export interface Profile {
  totalMs: number;
  rows: ProfileRow[];
}

/** A temporary folder that the runtime writes its trace into. */
export interface ProfileTarget {
  readonly prefix: string;
  /** Sums up the trace. */
  read(): Promise<Profile>;
  /** Removes the folder. */
  discard(): Promise<void>;
}

/** Makes the folder for one session's trace. */
export async function makeProfile(): Promise<ProfileTarget> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'ttfnet-profile-'));
  return {
    prefix: path.join(folder, 'trace'),
    read: async () => {
      const files = await readdir(folder);
      return summarise(JSON.parse(await readFile(path.join(folder, files[0]!), 'utf8')) as TraceEvent[]);
    },
    discard: () => rm(folder, { recursive: true, force: true }),
  };
}

interface TraceEvent {
  cat: string;
  name: string;
  /** Microseconds. */
  dur: number;
  args?: { op_name?: string; provider?: string };
}

function summarise(events: readonly TraceEvent[]): Profile {
  const rows = new Map<string, ProfileRow>();
  for (const { cat, name, dur, args } of events) {
    if (cat !== 'Node' || !name.endsWith('_kernel_time')) continue;
    const [op, provider] = [args?.op_name ?? name, args?.provider ?? ''];
    const row = rows.get(`${op} ${provider}`) ?? { op, provider, ms: 0, calls: 0 };
    row.ms += dur / 1000;
    row.calls += 1;
    rows.set(`${op} ${provider}`, row);
  }
  const sorted = [...rows.values()].sort((a, b) => b.ms - a.ms);
  return { totalMs: sorted.reduce((sum, row) => sum + row.ms, 0), rows: sorted };
}
