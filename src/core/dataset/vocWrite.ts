// Writes Pascal VOC: JPEGImages, Annotations, ImageSets/Main, and labels.txt for the order of the classes.
import path from 'node:path';
import type { Annotation, Dataset } from '../../shared/labels.ts';
import type { LossReport } from '../../shared/lossReport.ts';
import { said } from '../../shared/said.ts';
import { writeFileAtomic } from '../files/atomicWrite.ts';
import type { WriteOptions } from './adapter.ts';
import { fitNames, oneLine } from './classNames.ts';
import { addScaled, decimalOf, formatDecimal } from './decimal.ts';
import { makeFolder, placeImages, transferImages } from './placeImages.ts';
import type { PlacedImage } from './placeImages.ts';
import { Report } from './report.ts';
import { eachWrite, safeSplitNames } from './writing.ts';
import { escapeXml, xmlText } from './xml.ts';

/** One object as VOC writes it; `confidence` is what detectors add. */
export interface VocObject extends Omit<Annotation, 'classId'> {
  name: string;
  confidence?: number;
}

/** Text of one VOC file. Sub-pixel corners keep their fraction: xmin is x1 + 1 in exact decimals. */
export function vocXml(
  filename: string,
  size: { width: number; height: number },
  objects: readonly VocObject[],
): string {
  const folder = path.posix.dirname(filename) === '.' ? 'JPEGImages' : path.posix.dirname(filename);
  return `<annotation>
	<folder>${escapeXml(xmlText(folder))}</folder>
	<filename>${escapeXml(xmlText(path.posix.basename(filename)))}</filename>
	<source>
		<database>TTFNet Studio</database>
	</source>
	<size>
		<width>${size.width}</width>
		<height>${size.height}</height>
		<depth>3</depth>
	</size>
	<segmented>0</segmented>
${objects.map(objectXml).join('')}</annotation>
`;
}

function objectXml(object: VocObject): string {
  const { box } = object;
  const one = { digits: 1n, scale: 0 };
  const near = (value: number) => formatDecimal(addScaled(decimalOf(value), one));
  const far = (value: number) => formatDecimal(decimalOf(value));
  const confidence = object.confidence === undefined ? '' : `\n\t\t<confidence>${object.confidence}</confidence>`;
  return `	<object>
		<name>${escapeXml(object.name)}</name>
		<pose>Unspecified</pose>
		<truncated>0</truncated>
		<difficult>${object.ignore || object.crowd ? 1 : 0}</difficult>${confidence}
		<bndbox>
			<xmin>${near(box.x1)}</xmin>
			<ymin>${near(box.y1)}</ymin>
			<xmax>${far(box.x2)}</xmax>
			<ymax>${far(box.y2)}</ymax>
		</bndbox>
	</object>
`;
}

/** Writes `dataset` as Pascal VOC. `ignore` becomes `difficult`; so does `crowd`, reported as `flag-lost`. */
export async function writeVoc(dataset: Dataset, folder: string, options: WriteOptions): Promise<LossReport> {
  const report = new Report('voc', folder);
  const classes = fitNames(dataset.classes, (name) => oneLine(xmlText(name)), report, path.join(folder, 'labels.txt'));
  const placed = placeImages(dataset, report, 'name', options);
  await makeFolder(folder);
  await transferImages(dataset, placed, path.join(folder, 'JPEGImages'), options, report);
  const made = new Set<string>();
  await eachWrite(placed, options, async (item) => {
    const file = path.join(folder, 'Annotations', `${item.note}.xml`);
    await makeFolder(path.dirname(file), made);
    await writeFileAtomic(file, imageXml(item, classes));
    report.files++;
    const crowds = item.image.annotations.filter((a) => a.crowd).length;
    if (crowds > 0) report.lose(file, 'flag-lost', said('loss.vocCrowds', { count: crowds }));
  });
  await writeFileAtomic(path.join(folder, 'labels.txt'), classes.map((name) => `${name}\n`).join(''));
  await writeLists(placed, folder, report);
  return report.finish(dataset);
}

function imageXml({ image, path: placed }: PlacedImage, classes: string[]): string {
  const objects = image.annotations.map((a) => ({ ...a, name: classes[a.classId]! }));
  return vocXml(placed, image, objects);
}

async function writeLists(placed: readonly PlacedImage[], folder: string, report: Report): Promise<void> {
  const lists = path.join(folder, 'ImageSets', 'Main');
  for (const [split, file] of safeSplitNames(placed, report)) {
    await makeFolder(lists);
    const stems = placed.filter(({ image }) => image.splits?.includes(split));
    const text = stems.map((item) => `${item.note}\n`).join('');
    await writeFileAtomic(path.join(lists, `${file}.txt`), text);
  }
}
