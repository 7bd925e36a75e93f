// One object of a Pascal VOC file: its box with corners counted from 1 and inclusive, other shapes as the box around them.
import type { Box } from '../../shared/geometry.ts';
import { said, word } from '../../shared/said.ts';
import { addScaled, parseDecimal, toNumber } from './decimal.ts';
import type { DescribedBox } from './described.ts';
import { boxText, enclosing, rotated, type Report } from './report.ts';
import { isTiny } from './shares.ts';
import { child, childText, children, type XmlNode } from './xml.ts';

/** The box of an object; null, and an entry in the report, when it can't be read. What a box can't hold is counted there. */
export function readVocObject(object: XmlNode, xml: string, report: Report): DescribedBox | null {
  const label = childText(object, 'name');
  const box = boxOf(object, label, xml, report);
  if (label === '') report.lose(xml, 'unreadable', said('loss.vocNameless', {}));
  else if (!box) report.lose(xml, 'unreadable', said('loss.vocBoxless', { name: label }));
  if (label === '' || !box) return null;
  loseDetails(object, xml, report);
  const ignore = isSet(object, 'difficult');
  return { box, label, ...(ignore && { ignore }) };
}

const isSet = (object: XmlNode, name: string): boolean => /^(1|true)$/i.test(childText(object, name));

function boxOf(object: XmlNode, label: string, xml: string, report: Report): Box | null {
  const corners = child(object, 'bndbox');
  if (corners) {
    const box = readCorners(corners);
    if (hasEqualCorners(corners)) report.lose(xml, 'zero-area', said('loss.onePixel', { box: boxText(box), label }));
    return box;
  }
  const turned = child(object, 'robndbox');
  const polygon = child(object, 'polygon');
  if (!turned && !polygon) return null;
  const kind = word(turned ? 'turned box' : 'polygon');
  report.lose(xml, 'converted', said('loss.enclosed', { kind, label }));
  return turned ? boxAround(turned) : enclosing(pointsOf(polygon!));
}

function hasEqualCorners(node: XmlNode): boolean {
  const at = (name: string) => numberOf(childText(node, name));
  return at('xmin') === at('xmax') && at('ymin') === at('ymax');
}

/** A box as roLabelImg turns it: centre, size, angle in radians. */
function boxAround(node: XmlNode): Box {
  const [cx, cy, w, h, angle] = ['cx', 'cy', 'w', 'h', 'angle'].map((name) => numberOf(childText(node, name)));
  const box = { x1: cx! - w! / 2, y1: cy! - h! / 2, x2: cx! + w! / 2, y2: cy! + h! / 2 };
  return rotated(box, (angle! * 180) / Math.PI);
}

/** Points written `x1, y1, x2, y2, ...`, or as `pt` elements (LabelMe's old XML). */
function pointsOf(polygon: XmlNode): number[] {
  const points = children(polygon, 'pt');
  const nodes = points.length > 0 ? points.flatMap((point) => point.children) : polygon.children;
  return nodes.filter(({ name }) => /^[xy]\d*$/i.test(name)).map(({ text }) => numberOf(text.trim()));
}

const numberOf = (text: string): number => (text === '' ? NaN : Number(text));

/**
 * Corners counted from 1 and inclusive, as written, to continuous ones: exactly, in decimals. Reversed ones stay reversed, as wide as they are.
 * Shares of the picture, from 0 to 1, stay as they are.
 */
function readCorners(node: XmlNode): Box {
  const [x1, y1, x2, y2] = ['xmin', 'ymin', 'xmax', 'ymax'].map((name) => childText(node, name));
  const written = { x1: numberOf(x1!), y1: numberOf(y1!), x2: numberOf(x2!), y2: numberOf(y2!) };
  if (isTiny(written)) return written;
  const [left, right] = span(x1!, x2!);
  const [top, bottom] = span(y1!, y2!);
  return { x1: left, y1: top, x2: right, y2: bottom };
}

function span(from: string, to: string): [number, number] {
  const [low, high] = [corner(from, true), corner(to, false)];
  return high < low ? [corner(from, false), corner(to, true)] : [low, high];
}

function corner(text: string, shift: boolean): number {
  if (/^\d{1,9}$/.test(text)) return Number(text) - (shift ? 1 : 0);
  const value = parseDecimal(text);
  if (!value) return NaN;
  return toNumber(shift ? addScaled(value, { digits: -1n, scale: 0 }) : value);
}

function loseDetails(object: XmlNode, xml: string, report: Report): void {
  if (child(object, 'part')) report.loseDetail(xml, 'parts');
  if (child(object, 'attributes') && childText(object, 'attributes') !== '') report.loseDetail(xml, 'attributes');
  if (child(object, 'mask') || (child(object, 'bndbox') && child(object, 'polygon'))) report.loseDetail(xml, 'masks');
  if (child(object, 'keypoints')) report.loseDetail(xml, 'keypoints');
  if (!/^(unspecified|unknown)?$/i.test(childText(object, 'pose'))) report.loseDetail(xml, 'pose');
  if (isSet(object, 'truncated')) report.loseDetail(xml, 'truncated');
  if (isSet(object, 'occluded')) report.loseDetail(xml, 'occluded');
}
