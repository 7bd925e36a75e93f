// What formats share whose files are a JSON list with an entry for each image.
import path from 'node:path';
import type { LabelledImage } from '../../shared/labels.ts';
import { said } from '../../shared/said.ts';
import type { FormatName, ReadOptions, ReadResult } from './adapter.ts';
import { eachFile, parseJson, readText, tryParse } from './annotationFiles.ts';
import { ClassList, sortClasses } from './classNames.ts';
import { makeImages, type Description } from './described.ts';
import { isInside, readHead } from './folderFiles.ts';
import type { FolderFiles } from './folderFiles.ts';
import { ImageIndex } from './imageIndex.ts';
import { splitByFolder } from './leftovers.ts';
import { brief } from './limits.ts';
import { Report } from './report.ts';

/** How one format is read. */
export interface ListFormat {
  name: FormatName;
  /** Whether a JSON file that begins like this is one of the format's. */
  test: (head: string) => boolean;
  /** What an entry says; null for one to leave out. */
  describe: (entry: unknown, json: string, report: Report) => Description | null;
}

/** Reads all lists of one format: classes by name, splits by folder. */
export async function readLists(
  { name, test, describe }: ListFormat,
  files: FolderFiles,
  options: ReadOptions,
): Promise<ReadResult> {
  const report = new Report(name, files.folder);
  const index = new ImageIndex(files, options);
  const classes = new ClassList(files.folder);
  const within = options.annotations === undefined ? null : path.resolve(options.annotations);
  const jsons = files.others.filter(
    (file) => file.toLowerCase().endsWith('.json') && (within === null || isInside(within, file)),
  );
  const read = await eachFile(jsons, options, async (json) =>
    test(await readHead(json)) ? readList(json, describe, report) : [],
  );
  const missing = ({ source, names }: Description) => ({
    file: names[0]!.name,
    said: said('loss.labelsOut', { list: path.basename(source) }),
  });
  const made = await makeImages(read.flat(), { index, classes, report, options, missing });
  const images: LabelledImage[] = made.map(({ image }) => image);
  const dataset = { classes: classes.names, imageRoot: index.root, images };
  sortClasses(dataset);
  splitByFolder(images, index, (image) => path.join(index.root, image.path));
  return { dataset, report: report.finish(dataset) };
}

async function readList(json: string, describe: ListFormat['describe'], report: Report): Promise<Description[]> {
  const text = await readText(json, report);
  const list = text === null ? null : tryParse(json, report, () => parseJson(text, json));
  if (list === null) return [];
  if (!Array.isArray(list)) {
    report.lose(json, 'unreadable', said('loss.jsonEntry', { text: brief(list) }));
    return [];
  }
  report.files++;
  return list.map((entry: unknown) => describe(entry, json, report)).filter((item) => item !== null);
}
