// Boxes as files describe them onto their image: turned the right way round, brought to its size, doubled ones taken once.
import type { Box, Size } from '../../shared/geometry.ts';
import type { Annotation, LabelledImage } from '../../shared/labels.ts';
import { said } from '../../shared/said.ts';
import type { Describing, DescribedBox, Description } from './described.ts';
import type { FittedImage } from './fitting.ts';
import { addAnnotation, boxText, dropDoubled, scaled, type Report } from './report.ts';

/** How a box is called in messages. */
const titleOf = ({ label, row }: DescribedBox): string => (row === undefined ? label : `${label} (row ${row})`);

/** Whether all of a description could be read; a box whose corners are no numbers goes to the report. */
export function isReadable({ source, boxes, broken }: Description, report: Report): boolean {
  const bad = boxes.filter(({ box }) => ![box.x1, box.y1, box.x2, box.y2].every(Number.isFinite));
  for (const box of bad) report.lose(source, 'unreadable', said('loss.badNumber', { label: titleOf(box) }));
  return !broken && bad.length === 0;
}

/** Adds the boxes of a readable description to its image; every change and every box left out goes to the report. */
export function addDescribedBoxes(
  image: LabelledImage,
  description: Description,
  { fit }: FittedImage,
  { classes, report, unlisted }: Describing,
): void {
  const { source, shares, size, boxes } = description;
  const unit = shares ? unitOf(size, image) : { width: 1, height: 1 };
  for (const described of boxes) {
    const { label, row, crowd, ignore } = described;
    const isNew = !classes.has(label);
    const box = fit(scaled(upright(described, source, report), unit));
    const annotation: Annotation = { box, classId: 0, ...(crowd && { crowd }), ...(ignore && { ignore }) };
    const count = image.annotations.length;
    addAnnotation(image, annotation, report, source, titleOf(described));
    if (image.annotations.length === count) continue;
    annotation.classId = classes.idOf(label);
    if (isNew && unlisted) report.lose(source, 'unknown-class', unlisted(label, row));
  }
  dropDoubled(image, report, source, (classId) => classes.names[classId]!);
}

const unitOf = (declared: Size, image: Size): Size => (declared.width > 0 && declared.height > 0 ? declared : image);

/** The box with its corners the right way round. */
function upright(described: DescribedBox, source: string, report: Report): Box {
  const { box } = described;
  if (box.x1 <= box.x2 && box.y1 <= box.y2) return box;
  report.lose(source, 'guessed', said('loss.reversed', { label: titleOf(described), box: boxText(box) }));
  const { x1, y1, x2, y2 } = box;
  return { x1: Math.min(x1, x2), y1: Math.min(y1, y2), x2: Math.max(x1, x2), y2: Math.max(y1, y2) };
}
