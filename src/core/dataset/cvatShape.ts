// One shape of a CVAT file: a box as it is, other shapes as the box around them.
import type { Box } from '../../shared/geometry.ts';
import type { Annotation } from '../../shared/labels.ts';
import { said, word } from '../../shared/said.ts';
import type { DescribedBox } from './described.ts';
import { enclosing, rotated, type Report } from './report.ts';
import { attribute, children, type XmlNode } from './xml.ts';

const shapeNames = new Set(['box', 'polygon', 'polyline', 'points', 'ellipse', 'mask', 'cuboid', 'skeleton', 'tag']);

/** Shapes of an element; `broken` when one of them can't be read. */
export interface CvatShapes {
  boxes: DescribedBox[];
  broken: boolean;
}

/** Reads the shapes among an element's children; what a box can't hold goes to the report under `file`. */
export function readCvatShapes(node: XmlNode, file: string, report: Report): CvatShapes {
  const shapes = node.children.filter(({ name }) => shapeNames.has(name));
  const nameless = shapes.filter((shape) => attribute(shape, 'label') === '');
  for (const shape of nameless) report.lose(file, 'unreadable', said('loss.cvatNameless', { kind: word(shape.name) }));
  const boxes = shapes.flatMap((shape) => readCvatShape(shape, attribute(shape, 'label'), file, report) ?? []);
  return { boxes, broken: nameless.length > 0 };
}

/** The box of one shape with its label; null, and an entry in the report, for shapes without extent. */
export function readCvatShape(shape: XmlNode, label: string, file: string, report: Report): DescribedBox | null {
  if (label === '') return null;
  const kind = shape.name;
  const found = boxOfShape(shape);
  if (!found && (kind === 'points' || kind === 'skeleton')) report.loseDetail(file, 'keypoints');
  else if (!found) report.lose(file, 'dropped', said('loss.noBox', { kind: word(kind), label }));
  if (!found) return null;
  if (found.converted) report.lose(file, 'converted', said('loss.enclosed', { kind: word(found.converted), label }));
  loseDetails(shape, file, report);
  return { box: found.box, label, ...flagsOf(shape) };
}

const crowdNames = ['is_crowd', 'iscrowd', 'crowd'];
const ignoreNames = ['difficult', 'ignore'];

function flagsOf(shape: XmlNode): Pick<Annotation, 'crowd' | 'ignore'> {
  const isSet = (names: string[]) =>
    children(shape, 'attribute').some((a) => names.includes(attribute(a, 'name')) && /^(true|1)$/i.test(a.text.trim()));
  return { ...(isSet(crowdNames) && { crowd: true }), ...(isSet(ignoreNames) && { ignore: true }) };
}

function loseDetails(shape: XmlNode, file: string, report: Report): void {
  const isKept = (a: XmlNode) => [...crowdNames, ...ignoreNames].includes(attribute(a, 'name'));
  if (children(shape, 'attribute').some((a) => !isKept(a) && !/^(false|0)?$/i.test(a.text.trim())))
    report.loseDetail(file, 'attributes');
  if (attribute(shape, 'occluded') === '1') report.loseDetail(file, 'occluded');
  if (!/^0?$/.test(attribute(shape, 'group_id'))) report.loseDetail(file, 'groups');
}

/** The box of a shape, and what it was converted from ('' when it is a box); null for shapes without extent. */
function boxOfShape(shape: XmlNode): { box: Box; converted: string } | null {
  const number = (name: string) => (attribute(shape, name) === '' ? NaN : Number(attribute(shape, name)));
  const kind = shape.name;
  const turn = attribute(shape, 'rotation') === '' ? 0 : number('rotation');
  if (kind === 'box') {
    const box = { x1: number('xtl'), y1: number('ytl'), x2: number('xbr'), y2: number('ybr') };
    return turn === 0 ? { box, converted: '' } : { box: rotated(box, turn), converted: 'turned box' };
  }
  if (kind === 'polygon') {
    const points = attribute(shape, 'points').split(/[;,]/).map(Number);
    return points.length >= 6 ? { box: enclosing(points), converted: kind } : null;
  }
  if (kind === 'ellipse') {
    const [cx, cy, rx, ry] = [number('cx'), number('cy'), number('rx'), number('ry')];
    const t = (turn * Math.PI) / 180;
    const [w, h] = [Math.hypot(rx * Math.cos(t), ry * Math.sin(t)), Math.hypot(rx * Math.sin(t), ry * Math.cos(t))];
    return { box: { x1: cx - w, y1: cy - h, x2: cx + w, y2: cy + h }, converted: kind };
  }
  if (kind === 'mask') {
    const [x, y] = [number('left'), number('top')];
    return { box: { x1: x, y1: y, x2: x + number('width'), y2: y + number('height') }, converted: kind };
  }
  return null;
}
