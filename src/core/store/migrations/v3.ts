// Schema 3: run folders are kept relative to the side folder, so that a copied or moved project names its own.
import type { WriteDb } from '../driver.ts';

/** Where earlier versions put every run, in whatever folder the project was: `/pictures/.ttfnet-studio/runs/ID`. */
const madeHere = /[\\/]\.[^\\/]+[\\/](runs)[\\/]([^\\/]+)$/;

/** Brings schema 2 to 3. Other folders stay as they are; being outside, they are never written or deleted. */
export function migrateTo3(db: WriteDb): void {
  for (const { id, folder } of db.all<{ id: number; folder: string }>('SELECT id, folder FROM run')) {
    const [, runs, name] = madeHere.exec(folder) ?? [];
    if (name !== undefined) db.run('UPDATE run SET folder = ? WHERE id = ?', [`${runs}/${name}`, id]);
  }
}
