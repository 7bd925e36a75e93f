// What formats share whose files are a JSON list with an entry for each image.
import path from 'node:path';
import type { LabelledImage } from '../../shared/labels.ts';
import { said } from '../../shared/said.ts';
import type { FormatName, ReadOptions, ReadResult } from './adapter.ts';
import { eachFile, parseJson, readText, tryParse } from './annotationFiles.ts';
import { ClassList, sortClasses } from './classNames.ts';
import type { Describing, Description, Made } from './described.ts';
import { isInside, readHead } from './folderFiles.ts';
import type { FolderFiles } from './folderFiles.ts';
import { ImageIndex } from './imageIndex.ts';
import { splitByFolder } from './leftovers.ts';
import { brief } from './limits.ts';
import { Report } from './report.ts';

/** The reading of one dataset. */
export interface ListReader {
  /** What `makeImages` needs, except for what to say of images that aren't there. */
  task: Omit<Describing, 'missing'>;
  /** What the entries of all files say whose beginning `test` accepts; `describe` gives null for entries to leave out. */
  descriptions: (
    test: (head: string) => boolean,
    describe: (entry: unknown, json: string, report: Report) => Description | null,
  ) => Promise<Description[]>;
  /** The dataset: classes by name, splits by folder. */
  finish: (made: readonly Made[]) => ReadResult;
}

/** Reads the lists of one format. */
export function listReader(format: FormatName, files: FolderFiles, options: ReadOptions): ListReader {
  const report = new Report(format, files.folder);
  const index = new ImageIndex(files, options);
  const classes = new ClassList(files.folder);
  return {
    task: { index, classes, report, options },
    descriptions: async (test, describe) => {
      const within = options.annotations === undefined ? null : path.resolve(options.annotations);
      const jsons = files.others.filter(
        (file) => file.toLowerCase().endsWith('.json') && (within === null || isInside(within, file)),
      );
      const read = await eachFile(jsons, options, async (json) =>
        test(await readHead(json)) ? readList(json, describe, report) : [],
      );
      return read.flat();
    },
    finish: (made) => {
      const images: LabelledImage[] = made.map(({ image }) => image);
      const dataset = { classes: classes.names, imageRoot: index.root, images };
      sortClasses(dataset);
      splitByFolder(images, index, (image) => path.join(index.root, image.path));
      return { dataset, report: report.finish(dataset) };
    },
  };
}

async function readList(
  json: string,
  describe: (entry: unknown, json: string, report: Report) => Description | null,
  report: Report,
): Promise<Description[]> {
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
