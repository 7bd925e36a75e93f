// Small facts about the project itself, by key: its name, where its images are, how images are dealt over the splits.
import { defaultShares } from '../../shared/splits.ts';
import type { SplitShares } from '../../shared/splits.ts';
import type { ReadDb, WriteDb } from './driver.ts';

/** Everything that is kept under a key. */
export type MetaKey =
  | 'id' // the same in every copy of the project
  | 'name'
  | 'created'
  | 'root-relative' // the images' folder, seen from the project file
  | 'root-absolute' // the same, for a project file that lies elsewhere
  | 'shares'
  | 'session'; // 'open' while someone writes: still so at the next opening after a crash

/** The value of a key, or null. */
export const readMeta = (db: ReadDb, key: MetaKey): string | null =>
  db.one<{ value: string }>('SELECT value FROM meta WHERE key = ?', [key])?.value ?? null;

/** Sets the value of a key. */
export const writeMeta = (db: WriteDb, key: MetaKey, value: string): void =>
  db.run('INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value', [
    key,
    value,
  ]);

/** How images are dealt over the splits by content hash. */
export function readShares(db: ReadDb): SplitShares {
  const text = readMeta(db, 'shares');
  return text === null ? defaultShares : (JSON.parse(text) as SplitShares);
}
