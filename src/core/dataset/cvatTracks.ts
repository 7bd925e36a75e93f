// CVAT's tracks: the boxes of one object through the frames of a video, as one list of shapes for each frame.
import { said } from '../../shared/said.ts';
import { readCvatShape } from './cvatShape.ts';
import type { DescribedBox } from './described.ts';
import type { Report } from './report.ts';
import { attribute, type XmlNode } from './xml.ts';

/** A shape of a track. */
interface Moment {
  frame: number;
  /** Null while the object is out of the picture. */
  box: DescribedBox | null;
  outside: DescribedBox | null;
}

/** What tracks say of frames. */
export interface Frames {
  boxes: Map<number, DescribedBox[]>;
  /** Frames with a box that can't be read. */
  broken: Set<number>;
  /** A whole track can't be read: any frame may lack a box. */
  allBroken: boolean;
}

/** More frames than this between two shapes of a track are no gap to fill but a mistake in the file. */
const longestGap = 10_000;

/**
 * Adds the shapes of one `<track>` to the frames. A frame is one of those that the track lists, or lies between two of them: then its
 * box is between theirs, as CVAT has it; such boxes are counted as `guessed`. From a shape marked `outside` on the object isn't there.
 */
export function addTrack(track: XmlNode, frames: Frames, xml: string, report: Report): void {
  const label = attribute(track, 'label');
  const moments = track.children.flatMap((shape) => momentOf(shape, label, frames, xml, report));
  moments.sort((a, b) => a.frame - b.frame);
  let between = 0;
  moments.forEach((moment, i) => {
    noteFrame(frames, moment.frame, moment.box);
    const next = moments[i + 1];
    if (next) between += fillGap(moment, next, frames);
  });
  report.loseDetail(xml, 'tracks');
  if (between > 0) report.lose(xml, 'guessed', said('loss.cvatBetween', { label, count: between }));
}

function momentOf(shape: XmlNode, label: string, frames: Frames, xml: string, report: Report): Moment[] {
  const frame = Number(attribute(shape, 'frame') || NaN);
  if (!Number.isSafeInteger(frame) || frame < 0) return [];
  const box = readCvatShape(shape, label, xml, report);
  if (label === '') frames.broken.add(frame);
  const isOutside = attribute(shape, 'outside') === '1';
  return [{ frame, box: isOutside ? null : box, outside: isOutside ? box : null }];
}

function noteFrame({ boxes }: Frames, frame: number, box: DescribedBox | null): void {
  const there = boxes.get(frame) ?? [];
  if (box) there.push(box);
  boxes.set(frame, there);
}

/** Boxes for the frames between two shapes of a track that it doesn't list; how many. */
function fillGap({ frame, box }: Moment, next: Moment, frames: Frames): number {
  const gap = next.frame - frame;
  const far = (next.box ?? next.outside)?.box;
  if (!box || !far || gap > longestGap) return 0;
  for (let at = frame + 1; at < next.frame; at++) {
    const share = (at - frame) / gap;
    const mix = (a: number, b: number) => a + (b - a) * share;
    const { x1, y1, x2, y2 } = box.box;
    const between = { x1: mix(x1, far.x1), y1: mix(y1, far.y1), x2: mix(x2, far.x2), y2: mix(y2, far.y2) };
    noteFrame(frames, at, { ...box, box: between });
  }
  return Math.max(0, gap - 1);
}
