// One region of a Label Studio annotation: coordinates in percent of the image, turned about the corner at its upper left.
import { z } from 'zod';
import type { Box } from '../../shared/geometry.ts';
import { said, word } from '../../shared/said.ts';
import type { DescribedBox } from './described.ts';
import { brief } from './limits.ts';
import { enclosing, type Report } from './report.ts';

const region = z.object({
  x: z.number(),
  y: z.number(),
  width: z.number(),
  height: z.number(),
  rotation: z.number().nullish(),
});
const ellipse = z.object({ x: z.number(), y: z.number(), radiusX: z.number(), radiusY: z.number() });
const polygon = z.object({ points: z.array(z.tuple([z.number(), z.number()])).min(3) });
const labels = z.array(z.string().trim().min(1)).min(1);
const size = z.object({ original_width: z.number().positive(), original_height: z.number().positive() });

/** Boxes of a region, a box for each of its labels, as shares of the image; none for what has no extent, null when it can't be read. */
export function readLabelStudioResult(
  result: Record<string, unknown>,
  json: string,
  report: Report,
): DescribedBox[] | null {
  const type = typeof result['type'] === 'string' ? result['type'] : '';
  const value = (result['value'] ?? {}) as Record<string, unknown>;
  if (!type.endsWith('labels')) {
    if (type !== '' && !['rectangle', 'polygon', 'ellipse', 'brush'].includes(type))
      report.loseDetail(json, 'attributes');
    return [];
  }
  if (type === 'keypointlabels') {
    report.loseDetail(json, 'keypoints');
    return [];
  }
  const named = labels.safeParse(value[type]).data;
  if (named && type === 'brushlabels') {
    report.lose(json, 'dropped', said('loss.noBox', { kind: word('mask'), label: named.join(', ') }));
    return [];
  }
  const box = boxOf(type, value, result);
  if (!named || !box) {
    report.lose(json, 'unreadable', said('loss.jsonRegion', { text: brief(result) }));
    return null;
  }
  if (box.kind !== '')
    for (const label of named) report.lose(json, 'converted', said('loss.enclosed', { kind: word(box.kind), label }));
  return named.map((label) => ({ box: shares(box.percent), label }));
}

const shares = ({ x1, y1, x2, y2 }: Box): Box => ({ x1: x1 / 100, y1: y1 / 100, x2: x2 / 100, y2: y2 / 100 });

/** The box in percent, and the kind of shape that it encloses, '' for an upright box. */
function boxOf(type: string, value: unknown, result: unknown): { percent: Box; kind: string } | null {
  if (type === 'polygonlabels') {
    const points = polygon.safeParse(value).data?.points;
    return points ? { percent: enclosing(points.flat()), kind: 'polygon' } : null;
  }
  if (type === 'ellipselabels') {
    const found = ellipse.safeParse(value).data;
    if (!found) return null;
    const { x, y, radiusX, radiusY } = found;
    return { percent: { x1: x - radiusX, y1: y - radiusY, x2: x + radiusX, y2: y + radiusY }, kind: 'ellipse' };
  }
  const found = type === 'rectanglelabels' ? region.safeParse(value).data : undefined;
  if (!found) return null;
  const { x, y, width, height, rotation } = found;
  if (!rotation) return { percent: { x1: x, y1: y, x2: x + width, y2: y + height }, kind: '' };
  const sides = size.safeParse(result).data;
  return sides
    ? { percent: turned(found, rotation, sides.original_width / sides.original_height), kind: 'turned box' }
    : null;
}

/** The box around a region turned about its upper left corner; `aspect` is the image's width by its height, since percents aren't square. */
function turned({ x, y, width, height }: z.infer<typeof region>, degrees: number, aspect: number): Box {
  const angle = (degrees * Math.PI) / 180;
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const corners = [
    [0, 0],
    [width, 0],
    [width, height],
    [0, height],
  ] as const;
  return enclosing(corners.flatMap(([a, b]) => [x + a * cos - (b * sin) / aspect, y + a * aspect * sin + b * cos]));
}
