// Brings the catalogue in step with the folder: new files, files that were moved or renamed, changed and missing ones.
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { isImageName } from '../../shared/imageFiles.ts';
import type { Driver } from './driver.ts';
import { insertImage, updateFacts } from './images.ts';
import { naturalKey, searchText } from '../files/naturalKey.ts';
import { walkFolder, type PassedOver } from '../files/walk.ts';
import type { FactsOf, ImageFacts } from './types.ts';

/** What a scan found. */
export interface ScanResult {
  added: number;
  /** Found again by content under another path. */
  moved: { from: string; to: string }[];
  /** Same path, other content: labels stay, look at them. */
  changed: string[];
  /** Known images whose file is gone. */
  missing: number;
  unreadable: { file: string; reason: string }[];
  /** Folders that could not be entered, and other things left out. Images known to be in such a folder don't count as missing. */
  passedOver: PassedOver[];
}

/** How a scan runs. */
export interface ScanOptions {
  signal?: AbortSignal;
  /** Called now and then with the number of files looked at and to look at. */
  onProgress?: (done: number, total: number) => void;
}

/** A file of the folder. */
interface Found {
  path: string;
  bytes: number;
  modified: number;
}

/** Relative paths of the image files under a folder, in natural order, and what was left out; links, hidden files and results as in `walkFolder`. */
export async function findImageFiles(
  root: string,
  signal?: AbortSignal,
): Promise<{ files: string[]; passedOver: PassedOver[] }> {
  const { files, passedOver } = await walkFolder(root, { signal });
  return { files: files.map(({ path: file }) => file).filter(isImageName), passedOver };
}

type Known = { id: number; path: string; hash: string; bytes: number; modified: number };

/** Work that a scan found to do; files whose size and time are as noted aren't read again. */
interface Plan {
  fresh: Found[];
  touched: { known: Known; file: Found }[];
  gone: Map<number, Known>;
  goneByHash: Map<string, Known[]>;
}

async function compare(db: Driver, root: string, files: readonly string[], signal?: AbortSignal): Promise<Plan> {
  const known = new Map(db.all<Known>('SELECT id, path, hash, bytes, modified FROM image').map((k) => [k.path, k]));
  const gone = new Map([...known.values()].map((k) => [k.id, k]));
  const plan: Plan = { fresh: [], touched: [], gone, goneByHash: new Map() };
  for (let start = 0; start < files.length; start += 64) {
    signal?.throwIfAborted();
    const part = files.slice(start, start + 64);
    for (const file of await Promise.all(part.map((p) => examine(root, p)))) {
      const row = known.get(file.path);
      if (!row) plan.fresh.push(file);
      else {
        plan.gone.delete(row.id);
        if (row.hash === '' || row.bytes !== file.bytes || row.modified !== file.modified) {
          plan.touched.push({ known: row, file });
        }
      }
    }
  }
  for (const lost of gone.values()) {
    if (lost.hash !== '') plan.goneByHash.set(lost.hash, [...(plan.goneByHash.get(lost.hash) ?? []), lost]);
  }
  return plan;
}

/** Nobody knows whether what lies in a folder that couldn't be entered is gone. */
function keepUnseen({ gone }: Plan, passedOver: readonly PassedOver[]): void {
  const closed = passedOver
    .filter(({ said }) => said.key === 'walk.unreadable')
    .map(({ path: folder }) => `${folder}/`);
  if (closed.length === 0) return;
  for (const [id, known] of gone) if (closed.some((folder) => known.path.startsWith(folder))) gone.delete(id);
}

async function examine(root: string, relative: string): Promise<Found> {
  const info = await stat(path.join(root, relative)).catch(() => null);
  return { path: relative, bytes: info?.size ?? 0, modified: Math.round(info?.mtimeMs ?? 0) };
}

const chunk = 256;

/**
 * Looks through the image folder, reads what is new or changed through `facts`, and saves after every few hundred files.
 * A file at an unknown path with the content of a missing image is that image, moved: it keeps its labels.
 */
export async function scan(db: Driver, root: string, facts: FactsOf, options: ScanOptions = {}): Promise<ScanResult> {
  const { files, passedOver } = await findImageFiles(root, options.signal);
  const plan = await compare(db, root, files, options.signal);
  keepUnseen(plan, passedOver);
  const result: ScanResult = { added: 0, moved: [], changed: [], missing: 0, unreadable: [], passedOver };
  const work = [...plan.touched, ...plan.fresh.map((file) => ({ known: null, file }))];
  for (let start = 0; start < work.length; start += chunk) {
    options.signal?.throwIfAborted();
    const part = work.slice(start, start + chunk);
    const read = await readAll(part, facts, result);
    save(db, read, plan, result);
    options.onProgress?.(Math.min(start + chunk, work.length), work.length);
  }
  result.missing = markMissing(db, plan.gone);
  return result;
}

type Work = { known: Known | null; file: Found };
type Read = Work & { facts: ImageFacts | null };

async function readAll(work: readonly Work[], facts: FactsOf, result: ScanResult): Promise<Read[]> {
  const read: Read[] = [];
  for (let start = 0; start < work.length; start += 8) {
    const part = work.slice(start, start + 8).map(async (item): Promise<Read> => {
      try {
        return { ...item, facts: await facts(item.file.path) };
      } catch (error) {
        result.unreadable.push({
          file: item.file.path,
          reason: error instanceof Error ? error.message : String(error),
        });
        return { ...item, facts: null };
      }
    });
    read.push(...(await Promise.all(part)));
  }
  return read;
}

function save(db: Driver, read: readonly Read[], plan: Plan, result: ScanResult): void {
  db.write((w) => {
    for (const { known, file, facts } of read) {
      if (!facts) continue; // listed as unreadable; an image that is known keeps what was known
      const noted = { ...facts, bytes: file.bytes, modified: file.modified };
      const before = known ?? findGone(plan, facts.hash);
      if (!before) {
        insertImage(w, { path: file.path, facts: noted });
        result.added++;
        continue;
      }
      if (!known) {
        plan.gone.delete(before.id);
        result.moved.push({ from: before.path, to: file.path });
        const names = [file.path, naturalKey(file.path), searchText(file.path), before.id];
        w.run('UPDATE image SET path = ?, name_key = ?, search = ? WHERE id = ?', names);
      } else if (known.hash !== '' && known.hash !== facts.hash) result.changed.push(file.path);
      updateFacts(w, before.id, noted);
    }
  });
}

function findGone(plan: Plan, hash: string): Known | null {
  const candidates = plan.goneByHash.get(hash) ?? [];
  return candidates.find((known) => plan.gone.has(known.id)) ?? null;
}

function markMissing(db: Driver, gone: ReadonlyMap<number, Known>): number {
  return db.write((w) => {
    const list = JSON.stringify([...gone.keys()]);
    w.run('UPDATE image SET missing = 0 WHERE missing = 1 AND id NOT IN (SELECT value FROM json_each(?))', [list]);
    w.run('UPDATE image SET missing = 1 WHERE missing = 0 AND id IN (SELECT value FROM json_each(?))', [list]);
    return gone.size;
  });
}
