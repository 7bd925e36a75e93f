// The head of a CVAT file: declared labels with their colours, the size and the frames of a video.
import type { Size } from '../../shared/geometry.ts';
import { tryParse } from './annotationFiles.ts';
import type { ClassList } from './classNames.ts';
import type { Report } from './report.ts';
import { child, childText, children, parseXml, type XmlNode } from './xml.ts';

/** What the head says of a video; nothing for images. */
export interface CvatMeta {
  size: Size;
  /** Numbers of all frames of the task. */
  frames: number[];
}

/** Adds the declared labels and colours to `into`; returns what the head says of a video. */
export function readCvatMeta(
  text: string,
  xml: string,
  into: { classes: ClassList; colours: Record<string, string>; report: Report },
): CvatMeta {
  const meta = parseMeta(text, xml, into.report);
  for (const owner of ['task', 'project', 'job'])
    for (const label of children(child(child(meta, owner), 'labels'), 'label')) {
      const name = childText(label, 'name');
      if (name === '' || childText(label, 'type') === 'tag') continue;
      into.classes.idOf(name);
      const colour = childText(label, 'color');
      if (/^#[0-9a-f]{6}$/i.test(colour)) into.colours[name] ??= colour.toLowerCase();
    }
  const task = child(meta, 'task') ?? child(meta, 'job');
  const original = child(task, 'original_size') ?? child(meta, 'original_size');
  const size = { width: Number(childText(original, 'width')), height: Number(childText(original, 'height')) };
  return { size, frames: framesOf(task) };
}

function parseMeta(text: string, xml: string, report: Report): XmlNode | undefined {
  const [start, end] = [text.indexOf('<meta>'), text.indexOf('</meta>')];
  if (start < 0 || end < 0) return undefined;
  const piece = text.slice(start, end + '</meta>'.length);
  const line = text.slice(0, start).split('\n').length;
  return tryParse(xml, report, () => parseXml(piece, xml, line)) ?? undefined;
}

/** Longer videos than this are no videos but mistakes in the file. */
const mostFrames = 1_000_000;

function framesOf(task: XmlNode | undefined): number[] {
  const first = Number(childText(task, 'start_frame') || 0);
  const step = Number(/step=(\d+)/.exec(childText(task, 'frame_filter'))?.[1] ?? 1);
  const count = Number(childText(task, 'size') || 0);
  const isVideo = [first, step, count].every((n) => Number.isSafeInteger(n) && n >= 0) && count <= mostFrames;
  return isVideo ? Array.from({ length: count }, (_, i) => first + i * step) : [];
}
