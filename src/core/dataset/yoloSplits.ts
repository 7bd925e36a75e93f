// The splits that a data.yaml or lists name: folders, lists of images, single images.
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { LabelledImage } from '../../shared/labels.ts';
import { said } from '../../shared/said.ts';
import { readText } from './annotationFiles.ts';
import type { ImageIndex } from './imageIndex.ts';
import { addSplit } from './leftovers.ts';
import { ambiguity, place } from './placing.ts';
import type { Report } from './report.ts';
import type { SplitPlace, YoloConfig } from './yoloConfig.ts';

/** A place where images of a split are, and the lines of it when it is a list. */
interface Entry {
  /** The file that names it. */
  by: string;
  split: string;
  where: SplitPlace;
  lines: string[] | null;
}

/** Gives the images (by file) their splits; whether any are named. `named`: splits with the file that names them, '' for none. */
export async function readYoloSplits(
  named: readonly [file: string, splits: YoloConfig['lists']][],
  byFile: ReadonlyMap<string, LabelledImage>,
  index: ImageIndex,
  report: Report,
): Promise<boolean> {
  const entries: Entry[] = [];
  for (const [by, splits] of named)
    for (const [split, places] of splits)
      for (const where of places) entries.push({ by, split, where, lines: await linesOf(where, report) });
  const listed = listedImages(entries, index, report);
  for (const entry of entries) {
    const { by, split } = entry;
    const { at, written } = entry.where;
    const images = listed.get(entry) ?? index.within(at);
    if (images.length === 0) report.lose(by || at, 'missing-image', said('loss.yoloSplit', { split, place: written }));
    for (const image of images) {
      const labelled = byFile.get(image);
      if (labelled) addSplit(labelled, split);
    }
  }
  return entries.length > 0;
}

/** The lines of a list, none where it isn't there; null for what is no list. */
async function linesOf({ at, isHere }: SplitPlace, report: Report): Promise<string[] | null> {
  if (!/\.txt$/i.test(at)) return null;
  if (!isHere && !existsSync(at)) return [];
  const lines = ((await readText(at, report)) ?? '').split(/\r?\n/).map((line) => line.trim());
  return lines.filter((line) => line !== '');
}

/** The images of all lists: found together, since what one list calls a folder tells what another can't mean by it. */
function listedImages(entries: readonly Entry[], index: ImageIndex, report: Report): Map<Entry, string[]> {
  const lines = entries.flatMap((entry) => (entry.lines ?? []).map((name) => ({ entry, name })));
  const places = place(
    lines.map(({ entry, name }) => [{ name, near: [path.dirname(entry.where.at)] }]),
    index,
    report,
  );
  const listed = new Map<Entry, string[]>();
  for (const entry of entries) if (entry.lines) listed.set(entry, []);
  lines.forEach(({ entry, name }, i) => {
    const { file } = places[i]!;
    const unclear = ambiguity(places[i]!, index);
    if (file !== undefined) listed.get(entry)!.push(file);
    else
      report.lose(
        entry.where.at,
        unclear ? 'ambiguous' : 'missing-image',
        unclear ?? said('loss.listed', { image: name }),
      );
  });
  return listed;
}
