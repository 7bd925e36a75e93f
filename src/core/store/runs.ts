// Training runs of a project, each tied to the exact labels it used: the history's number at its start.
import { randomUUID } from 'node:crypto';
import { saying } from '../../shared/errors.ts';
import type { Driver, ReadDb } from './driver.ts';
import { ownFolder } from './ownFiles.ts';
import { lastSeq } from './record.ts';

/** Where a run stands. */
export type RunStatus = 'running' | 'paused' | 'finished' | 'failed' | 'stopped';

/** One training run. */
export interface Run {
  id: number;
  /** The same in every copy of the project. */
  uid: string;
  name: string;
  note: string;
  /** Absolute folder with its checkpoints and report; null when the project names one that isn't its own: nothing there is touched. */
  folder: string | null;
  /** The folder as the project names it: relative to the side folder, `/` as separator. */
  named: string;
  status: RunStatus;
  /** The labels it used: the state right after this change set. */
  snapshot: number;
  /** Milliseconds since 1970. */
  started: number;
  ended: number | null;
  /** Settings and results, as the training room writes them. */
  config: Record<string, unknown>;
  metrics: Record<string, unknown>;
}

type Row = Omit<Run, 'config' | 'metrics' | 'folder' | 'named'> & { folder: string; config: string; metrics: string };

const toRun = (row: Row, file: string): Run => ({
  ...row,
  folder: ownFolder(file, row.folder),
  named: row.folder,
  config: JSON.parse(row.config) as Record<string, unknown>,
  metrics: JSON.parse(row.metrics) as Record<string, unknown>,
});

/** All runs of the project file `file`, newest first. */
export const listRuns = (db: ReadDb, file: string): Run[] =>
  db.all<Row>('SELECT * FROM run ORDER BY started DESC, id DESC').map((row) => toRun(row, file));

/** One run. @throws StudioError argument-invalid when there is no such run */
export function getRun(db: ReadDb, file: string, id: number): Run {
  const row = db.one<Row>('SELECT * FROM run WHERE id = ?', [id]);
  if (row) return toRun(row, file);
  throw saying('argument-invalid', 'run.gone', { run: String(id) });
}

/** Notes that a run begins with the labels as they are now; its folder is one of its own below the side folder, not made here. */
export function startRun(db: Driver, file: string, run: { name: string; config: Record<string, unknown> }): Run {
  return db.write((w) => {
    const uid = randomUUID();
    w.run(
      `INSERT INTO run (uid, name, note, folder, status, snapshot, started, config, metrics)
       VALUES (?, ?, '', ?, 'running', ?, ?, ?, '{}')`,
      [uid, run.name, `runs/${uid}`, lastSeq(w), Date.now(), JSON.stringify(run.config)],
    );
    return toRun(w.one<Row>('SELECT * FROM run WHERE uid = ?', [uid])!, file);
  });
}

/** Changes what is known of a run; what isn't given stays. */
export function updateRun(
  db: Driver,
  file: string,
  id: number,
  change: Partial<Pick<Run, 'name' | 'note' | 'status' | 'ended' | 'metrics'>>,
): Run {
  const run = { ...getRun(db, file, id), ...change };
  db.write((w) =>
    w.run('UPDATE run SET name = ?, note = ?, status = ?, ended = ?, metrics = ? WHERE id = ?', [
      run.name,
      run.note,
      run.status,
      run.ended,
      JSON.stringify(run.metrics),
      id,
    ]),
  );
  return run;
}

/** Takes a run off the list; its folder is the caller's to delete. */
export function deleteRun(db: Driver, id: number): void {
  db.write((w) => w.run('DELETE FROM run WHERE id = ?', [id]));
}
