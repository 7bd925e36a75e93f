// A folder of detections: nobody else's, locked while it is written to, never with the results of two models in it.
import { lstat, readdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { journalName, readJournal, type JournalContent, type SweepSettings } from '../../core/detect/journal.ts';
import { makeFolder } from '../../core/files/makeFolder.ts';
import { systemFiles } from '../../core/files/outputFolder.ts';
import { markOutput, outputKindOf } from '../../core/files/outputMarker.ts';
import { holdFolder } from '../../core/store/folderLock.ts';
import { fromFileError, saying } from '../../shared/errors.ts';
import { said, type Said, type SaidKey } from '../../shared/said.ts';
import { resultFiles, resultFormats } from './saveResults.ts';

/**
 * Refuses a folder that holds anything but detections of this program; one of theirs is marked, also when version 0.1.0 made it. Nothing is
 * made where there is none.
 * @throws argument-invalid with what to do, file-permission
 */
export async function claimFolder(folder: string): Promise<void> {
  const names = await readdir(folder).catch((error: unknown) => {
    const known = fromFileError(error, folder);
    if (known.code === 'file-missing') return null;
    throw known;
  });
  if (names === null) return;
  if ((await outputKindOf(folder)) === 'detections') return;
  if (names.includes(journalName) && (await isJournal(path.join(folder, journalName))))
    return markOutput(folder, 'detections');
  const count = names.filter((name) => !systemFiles.has(name)).length;
  if (count > 0) throw saying('argument-invalid', 'detect.outUsed', { folder, count });
}

async function isJournal(file: string): Promise<boolean> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return text === '' || /^\{"(sweep|format)":/.test(text);
}

/**
 * Makes and marks the folder, and works in it as the only one.
 * @throws folder-in-use when another process is at work in it; file-permission, disk-full; what `work` throws
 */
export async function inResultsFolder<T>(folder: string, work: () => Promise<T>): Promise<T> {
  await markOutput(folder, 'detections');
  return holdFolder(folder, async () => {
    await clearTemporary(folder);
    return work();
  });
}

/** Takes away what writes that were killed left behind. */
async function clearTemporary(folder: string): Promise<void> {
  const within = resultFormats.map((format) => path.join(folder, format));
  const listed = await Promise.all([
    readdir(folder).then((names) => names.map((name) => path.join(folder, name))),
    ...within.map((sub) =>
      readdir(sub, { recursive: true }).then(
        (names) => names.map((name) => path.join(sub, name)),
        () => [],
      ),
    ),
  ]);
  const isTemporary = (file: string): boolean => /^\.ttfnet-(\d+-)?[0-9a-f]{16}\.tmp$/.test(path.basename(file));
  for (const file of listed.flat().filter(isTemporary)) await rm(file, { force: true });
}

/** What of an earlier call can be gone on with, and why the rest can't. */
export interface Settled {
  found: JournalContent | null;
  /** Says that earlier results are made anew, why, and where they are now. */
  anew: Said | null;
}

/**
 * Looks at what an earlier call left. Results of other settings are moved aside with everything that was written from them, so that no
 * file of theirs stands beside new ones.
 * @throws argument-invalid when the folder holds results of pictures that aren't among `files` though they still exist
 */
export async function settle(folder: string, wanted: SweepSettings, files: readonly string[]): Promise<Settled> {
  const found = await readJournal(path.join(folder, journalName));
  if (found === null) return { found, anew: null };
  await refuseOthers(folder, found, new Set(files));
  const why = difference(found.settings, wanted);
  if (why === null) return { found, anew: null };
  const count = [...found.images.values()].filter(({ status }) => status === 'done').length;
  const kept = await moveAside(folder);
  return { found: null, anew: count > 0 ? said(why, { count, model: wanted.model.name, kept }) : null };
}

type Why = Extract<SaidKey, `detect.anew${string}`>;

function difference(found: SweepSettings | null, wanted: SweepSettings): Why | null {
  if (found === null) return 'detect.anewVersion';
  const isSameName = found.model.name === wanted.model.name;
  if (found.model.sha256 !== wanted.model.sha256) return isSameName ? 'detect.anewTrained' : 'detect.anewModel';
  if (found.model.sha256 === '' && !isSameName) return 'detect.anewModel';
  return wanted.score < found.score ? 'detect.anewScore' : null;
}

async function refuseOthers(folder: string, { images }: JournalContent, files: ReadonlySet<string>): Promise<void> {
  for (const { file, status } of images.values()) {
    if (status === 'failed' || files.has(file)) continue;
    const isGone = await lstat(file).then(
      () => false,
      (error: unknown) => fromFileError(error, file).code === 'file-missing',
    );
    if (!isGone) throw saying('argument-invalid', 'detect.outOfOthers', { folder, file });
  }
}

/** Moves everything that detection made into a folder beside it, the journal last: until then a killed call is repeated. */
async function moveAside(folder: string): Promise<string> {
  const kept = await nextEarlier(folder);
  await makeFolder(kept);
  for (const name of [...resultFormats, ...resultFiles, journalName])
    await rename(path.join(folder, name), path.join(kept, name)).catch((error: unknown) => {
      const known = fromFileError(error, path.join(folder, name));
      if (known.code !== 'file-missing') throw known;
    });
  return kept;
}

async function nextEarlier(folder: string): Promise<string> {
  for (let n = 1; ; n++) {
    const kept = path.join(folder, `earlier-${n}`);
    const isWhole = await lstat(path.join(kept, journalName)).then(
      () => true,
      () => false,
    );
    if (!isWhole) return kept;
  }
}
