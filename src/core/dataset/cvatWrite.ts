// Writes "CVAT for images" 1.1: annotations.xml with the labels, their colours, and an element per image.
import path from 'node:path';
import type { Annotation, Dataset } from '../../shared/labels.ts';
import type { LossReport } from '../../shared/lossReport.ts';
import { said } from '../../shared/said.ts';
import { writeFileAtomic } from '../files/atomicWrite.ts';
import type { WriteOptions } from './adapter.ts';
import { fitNames } from './classNames.ts';
import { makeFolder, placeImages, transferImages } from './placeImages.ts';
import type { PlacedImage } from './placeImages.ts';
import { Report } from './report.ts';
import { Pieces, breather } from './writing.ts';
import { escapeXml, xmlText } from './xml.ts';

/** Writes `dataset`. `ignore` is the attribute `difficult`, `crowd` is `is_crowd`; of several splits of an image the first is kept. */
export async function writeCvat(dataset: Dataset, folder: string, options: WriteOptions): Promise<LossReport> {
  const report = new Report('cvat', folder);
  const file = path.join(folder, 'annotations.xml');
  const classes = fitNames(dataset.classes, (name) => xmlText(name).trim(), report, file);
  const placed = placeImages(dataset, report, 'path', options);
  await makeFolder(folder);
  await transferImages(dataset, placed, path.join(folder, 'images'), options, report);
  const breathe = breather(options, placed.length);
  const out = new Pieces();
  out.add(header(classes, dataset, placed.length));
  for (const [i, item] of placed.entries()) {
    out.add(imageElement(item, i, classes));
    const splits = item.image.splits ?? [];
    if (splits.length > 1)
      report.lose(item.image.path, 'split-lost', said('loss.cvatSubset', { splits: splits.join(', ') }));
    if (xmlText(item.path) !== item.path) report.lose(item.image.path, 'renamed', said('loss.xmlName', {}));
    await breathe(i + 1);
  }
  out.add('</annotations>\n');
  await writeFileAtomic(file, out.finish());
  report.files++;
  return report.finish(dataset);
}

function header(classes: readonly string[], dataset: Dataset, size: number): string {
  const labels = classes.map((name, id) => {
    const colour = dataset.colours?.[dataset.classes[id]!];
    const attributes = ['difficult', 'is_crowd'].map(checkbox).join('');
    const colourTag = colour === undefined ? '' : `\n          <color>${escapeXml(colour)}</color>`;
    return `        <label>
          <name>${escapeXml(name)}</name>${colourTag}
          <type>rectangle</type>
          <attributes>${attributes}
          </attributes>
        </label>
`;
  });
  return `<?xml version="1.0" encoding="utf-8"?>
<annotations>
  <version>1.1</version>
  <meta>
    <task>
      <name>TTFNet Studio</name>
      <size>${size}</size>
      <mode>annotation</mode>
      <labels>
${labels.join('')}      </labels>
    </task>
  </meta>
`;
}

function checkbox(name: string): string {
  return `
            <attribute>
              <name>${name}</name>
              <mutable>False</mutable>
              <input_type>checkbox</input_type>
              <default_value>false</default_value>
              <values>false</values>
            </attribute>`;
}

function imageElement({ image, path: placed }: PlacedImage, id: number, classes: readonly string[]): string {
  const subset = image.splits?.[0];
  const attributes = [
    `id="${id}"`,
    `name="${escapeXml(xmlText(placed))}"`,
    ...(subset === undefined ? [] : [`subset="${escapeXml(xmlText(subset))}"`]),
    `width="${image.width}" height="${image.height}"`,
  ];
  const boxes = image.annotations.map((annotation) => boxElement(annotation, classes));
  return `  <image ${attributes.join(' ')}>\n${boxes.join('')}  </image>\n`;
}

function boxElement({ box, classId, crowd, ignore }: Annotation, classes: readonly string[]): string {
  const corners = `xtl="${box.x1}" ytl="${box.y1}" xbr="${box.x2}" ybr="${box.y2}"`;
  const opening = `    <box label="${escapeXml(classes[classId]!)}" source="manual" occluded="0" ${corners} z_order="0">\n`;
  const flags = [ignore && 'difficult', crowd && 'is_crowd'].filter((name) => typeof name === 'string');
  return `${opening}${flags.map((name) => `      <attribute name="${name}">true</attribute>\n`).join('')}    </box>\n`;
}
