// Writes YOLO as Ultralytics reads it: images/, labels/, data.yaml with names and lists of images per split.
import path from 'node:path';
import type { Dataset } from '../../shared/labels.ts';
import type { LossReport } from '../../shared/lossReport.ts';
import { said } from '../../shared/said.ts';
import { writeFileAtomic } from '../files/atomicWrite.ts';
import type { WriteOptions } from './adapter.ts';
import { fitNames } from './classNames.ts';
import { makeFolder, placeImages, transferImages } from './placeImages.ts';
import type { PlacedImage } from './placeImages.ts';
import { Report } from './report.ts';
import { eachWrite, safeSplitNames } from './writing.ts';
import { formatYoloLine } from './yoloLine.ts';

/** A text as a YAML scalar: JSON's quoting, which YAML shares, with the characters that only YAML forbids escaped too. */
function yamlText(text: string): string {
  return JSON.stringify(text).replaceAll(/[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g, (c) => {
    return `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

/** `names:` of a data.yaml, in the order of ids. */
export function yoloNames(classes: readonly string[]): string {
  if (classes.length === 0) return 'names: []\n';
  return `names:\n${classes.map((name, id) => `  ${id}: ${yamlText(name)}\n`).join('')}`;
}

/**
 * Writes `dataset` as YOLO. Crowds and ignored boxes are left out (every line of YOLO is trained on) and reported as `flag-lost`.
 * Images are listed per split in SPLIT.txt, which data.yaml names.
 */
export async function writeYolo(dataset: Dataset, folder: string, options: WriteOptions): Promise<LossReport> {
  const report = new Report('yolo', folder);
  const classes = fitNames(dataset.classes, (name) => name, report, path.join(folder, 'data.yaml'));
  const placed = placeImages(dataset, report, 'stem', options);
  await makeFolder(folder);
  await transferImages(dataset, placed, path.join(folder, 'images'), options, report);
  const made = new Set<string>();
  await eachWrite(placed, options, async (item) => {
    const file = path.join(folder, 'labels', `${item.note}.txt`);
    await makeFolder(path.dirname(file), made);
    await writeFileAtomic(file, labelText(item, file, report));
    report.files++;
  });
  const lists = await writeLists(placed, folder, report);
  await writeFileAtomic(path.join(folder, 'data.yaml'), dataYaml(classes, lists));
  return report.finish({
    images: placed.map(({ image }) => ({ ...image, annotations: image.annotations.filter(isKept) })),
  });
}

function isKept(annotation: { crowd?: boolean; ignore?: boolean }): boolean {
  return !annotation.crowd && !annotation.ignore;
}

function labelText({ image }: PlacedImage, file: string, report: Report): string {
  const kept = image.annotations.filter(isKept);
  const lost = image.annotations.length - kept.length;
  if (lost > 0) report.lose(file, 'flag-lost', said('loss.yoloFlags', { count: lost }));
  let text = '';
  for (const { classId, box } of kept) {
    const { line, exact } = formatYoloLine(classId, box, image);
    if (!exact) report.lose(file, 'converted', said('loss.yoloRounded', { id: String(classId) }));
    text += `${line}\n`;
  }
  return text;
}

async function writeLists(
  placed: readonly PlacedImage[],
  folder: string,
  report: Report,
): Promise<Map<string, string>> {
  const lists = new Map<string, string>();
  for (const [split, name] of safeSplitNames(placed, report)) {
    const images = placed.filter(({ image }) => image.splits?.includes(split));
    await writeFileAtomic(path.join(folder, `${name}.txt`), images.map((item) => `./images/${item.path}\n`).join(''));
    lists.set(split, `${name}.txt`);
  }
  return lists;
}

function dataYaml(classes: readonly string[], lists: ReadonlyMap<string, string>): string {
  const entries = [...lists].map(([split, file]) => `${yamlText(split)}: ${yamlText(file)}\n`);
  // Ultralytics asks for both; a dataset without splits is read back as one without.
  if (lists.size === 0)
    entries.push('# no splits: fill in folders or lists of images\n# train: images\n# val: images\n');
  return `# Written by TTFNet Studio\npath: .\n${entries.join('')}${yoloNames(classes)}`;
}
