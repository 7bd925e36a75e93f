// Makes the file of a new project: there whole or not at all.
import { randomUUID } from 'node:crypto';
import { readdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { saying } from '../../shared/errors.ts';
import { isRunning } from '../files/atomicWrite.ts';
import { Driver } from './driver.ts';
import { findProject, placeForProject } from './location.ts';
import { writeMeta } from './meta.ts';
import { migrate } from './migrations/index.ts';

/**
 * Makes the project of an images' folder, built under another name.
 * @throws StudioError argument-invalid when there is one already, file-permission when there is no place for it
 */
export function createFile(imagesFolder: string, name: string, dataFolder?: string): string {
  const there = findProject(imagesFolder, dataFolder);
  if (there !== null) {
    throw saying('argument-invalid', 'project.exists', { folder: imagesFolder, file: there });
  }
  const file = placeForProject(imagesFolder, dataFolder);
  clearBuilding(file);
  const building = `${file}.new-${process.pid}`;
  const db = new Driver(building, { create: true });
  try {
    migrate(db);
    db.write((w) => {
      writeMeta(w, 'id', randomUUID());
      writeMeta(w, 'name', name);
      writeMeta(w, 'created', String(Date.now()));
      writeMeta(w, 'root-relative', path.relative(path.dirname(file), path.resolve(imagesFolder)) || '.');
      writeMeta(w, 'root-absolute', path.resolve(imagesFolder));
    });
    db.close();
    renameSync(building, file);
  } catch (error) {
    db.close();
    rmSync(building, { force: true });
    throw error;
  }
  return file;
}

/** Removes what processes that ended while they built this file, or put a backup in its place, left beside it. */
export function clearBuilding(file: string): void {
  const folder = path.dirname(file);
  for (const name of readdirSync(folder)) {
    const [whole, pid] = /\.new-(\d+)(?:-(?:wal|shm|journal))?$/.exec(name) ?? [];
    if (whole === undefined || name !== path.basename(file) + whole || isRunning(Number(pid))) continue;
    rmSync(path.join(folder, name), { force: true });
  }
}
