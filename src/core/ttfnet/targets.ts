// Training targets: from labelled boxes to the heatmap, box targets and regression weights of one image (paper 3.2; official ttf_head.py).
import { StudioError } from '../../shared/errors.ts';
import type { Box } from '../../shared/geometry.ts';
import { stride } from './networks/network.ts';
import { drawPeak, forEachInGaussian, forEachInRectangle, gaussian, type Gaussian } from './targetDraw.ts';
import {
  centreCell,
  cornerNetRadius,
  inclusiveArea,
  radiusOf,
  regionOf,
  roundBox,
  sideInCells,
} from './targetPlaces.ts';

/** How targets are made. */
export interface TargetSettings {
  /** Shape of a peak: `elliptic` follows the box (TTFNet), `isotropic` is CornerNet's circle of overlap 0.7 (CenterNet). */
  readonly kernel: 'elliptic' | 'isotropic';
  /**
   * Which cells learn a box's size: all under a Gaussian, weighted by it (TTFNet); all in the middle of the box, alike (`center-region`);
   * or the centre cell with weight 1 (CenterNet).
   */
  readonly sampling: 'gaussian' | 'center-region' | 'center';
  /** Portion of the box that its heatmap peak covers; elliptic kernel only. */
  readonly alpha: number;
  /** Portion of the box that learns its size; elliptic Gaussian and `center-region` only. */
  readonly beta: number;
  /** What a box's weights sum to: log, square root or plain area in square pixels, or 1 (`norm`). Not used by `center`. */
  readonly area: 'log' | 'sqrt' | 'none' | 'norm';
  /** A box target and weight per class instead of one for all (`wh_agnostic: false` of the official code). */
  readonly perClass: boolean;
  /**
   * `clip` cuts boxes to the image and drops what is then empty. `official` copies the reference: boxes stay as they are, an area below 1
   * gives a negative weight, no area an infinite one, an inverted box NaN, which poison the whole batch. (Far inverted ones, with a
   * negative radius, crash the reference; they draw nothing here.)
   */
  readonly badBoxes: 'clip' | 'official';
}

/** The paper's settings, safe with any box. */
export const defaultTargets: TargetSettings = Object.freeze({
  kernel: 'elliptic',
  sampling: 'gaussian',
  alpha: 0.54,
  beta: 0.54,
  area: 'log',
  perClass: false,
  badBoxes: 'clip',
});

/** The paper's settings with the official code's treatment of bad boxes, for equal numbers. */
export const officialTargets: TargetSettings = Object.freeze({ ...defaultTargets, badBoxes: 'official' });

/** One object to be found. */
export interface TargetObject {
  /** In the network's input pixels, **far corner inclusive**: the width is x2 - x1 + 1. See {@link toInclusive}. */
  box: Box;
  /** 0-based. */
  classId: number;
}

/** Target arrays of a batch; all that one image needs is overwritten. `height` and `width` are in cells: input pixels / 4. */
export interface TargetMaps {
  readonly classes: number;
  readonly height: number;
  readonly width: number;
  /** [N, classes, height, width], 0..1, exactly 1 at centres. */
  readonly heatmap: Float32Array;
  /** [N, 4, height, width] (per class: 4 * classes): x1, y1, x2, y2 in input pixels, far corner inclusive; -1 where there is none. */
  readonly boxTarget: Float32Array;
  /** [N, 1, height, width] (per class: classes). */
  readonly regWeight: Float32Array;
}

/**
 * A box in continuous coordinates of the image as a TTFNet box: scaled to the network's input, far corner inclusive.
 * @param scaleX input width / image width
 * @param scaleY input height / image height
 */
export function toInclusive(box: Box, scaleX: number, scaleY: number): Box {
  return { x1: box.x1 * scaleX, y1: box.y1 * scaleY, x2: box.x2 * scaleX - 1, y2: box.y2 * scaleY - 1 };
}

/** Allocates the arrays for a batch of `images` inputs; `height` and `width` in cells. */
export function createTargetMaps(
  images: number,
  size: Pick<TargetMaps, 'classes' | 'height' | 'width'>,
  perClass = false,
): TargetMaps {
  const planes = images * size.height * size.width;
  const groups = perClass ? size.classes : 1;
  return {
    ...size,
    heatmap: new Float32Array(planes * size.classes),
    boxTarget: new Float32Array(planes * 4 * groups).fill(-1),
    regWeight: new Float32Array(planes * groups),
  };
}

/**
 * Draws the targets of one image, larger boxes first, so that smaller ones overwrite their size targets.
 * @param index which image of the batch the arrays get
 * @returns how many objects were dropped because nothing of them lies in the image; always 0 with `badBoxes: 'official'`
 * @throws argument-invalid when a class is not one of the maps' classes
 */
export function drawTargets(
  objects: readonly TargetObject[],
  settings: TargetSettings,
  maps: TargetMaps,
  index: number,
): number {
  const planes = planesOf(maps, index, settings.perClass);
  const ordered = prepare(objects, settings, maps);
  for (const object of ordered) drawObject(object, settings, maps, planes);
  return objects.length - ordered.length;
}

interface Planes {
  heatmap: Float32Array;
  boxTarget: Float32Array;
  regWeight: Float32Array;
}

/** The one image's part of each array, emptied. */
function planesOf(maps: TargetMaps, index: number, perClass: boolean): Planes {
  const cells = maps.height * maps.width;
  const groups = perClass ? maps.classes : 1;
  const part = (array: Float32Array, planes: number, empty: number): Float32Array =>
    array.subarray(index * planes * cells, (index + 1) * planes * cells).fill(empty);
  return {
    heatmap: part(maps.heatmap, maps.classes, 0),
    boxTarget: part(maps.boxTarget, 4 * groups, -1),
    regWeight: part(maps.regWeight, groups, 0),
  };
}

interface Prepared extends TargetObject {
  weight: number;
}

/** Checks, clips and weighs the objects; heaviest first, NaN before all, equal ones in their order. */
function prepare(objects: readonly TargetObject[], settings: TargetSettings, maps: TargetMaps): Prepared[] {
  const prepared: (Prepared & { order: number })[] = [];
  for (const { box, classId } of objects) {
    if (!Number.isInteger(classId) || classId < 0 || classId >= maps.classes)
      throw new StudioError(
        'argument-invalid',
        `Class ${classId} is not one of 0..${maps.classes - 1}; check the labels.`,
      );
    const kept = settings.badBoxes === 'clip' ? clipInclusive(box, maps) : roundBox(box);
    if (!kept) continue;
    const order = areaWeight(kept, settings);
    prepared.push({ box: kept, classId, order, weight: settings.area === 'norm' ? 1 : order });
  }
  return prepared.sort((a, b) => rank(b.order) - rank(a.order));
}

/** Infinities differ by NaN, which a sort can't use. */
const rank = (v: number): number => (Number.isNaN(v) ? Number.MAX_VALUE : Math.max(v, -1e300));

/** Cuts a box to the image; null when nothing is left. Sub-pixel boxes stay: they still have a centre. */
function clipInclusive(box: Box, { height, width }: TargetMaps): Box | null {
  const x1 = Math.max(0, box.x1);
  const y1 = Math.max(0, box.y1);
  const x2 = Math.min(width * stride - 1, box.x2);
  const y2 = Math.min(height * stride - 1, box.y2);
  return x2 - x1 + 1 > 0 && y2 - y1 + 1 > 0 ? roundBox({ x1, y1, x2, y2 }) : null;
}

function areaWeight(box: Box, { area, badBoxes }: TargetSettings): number {
  const size = badBoxes === 'clip' ? Math.max(inclusiveArea(box), 1) : inclusiveArea(box);
  if (area === 'log') return Math.fround(Math.log(size));
  return area === 'sqrt' ? Math.fround(Math.sqrt(size)) : size;
}

function drawObject(object: Prepared, settings: TargetSettings, maps: TargetMaps, planes: Planes): void {
  const { height, width } = maps;
  const { box, classId } = object;
  const cells = height * width;
  const [x, y] = [centreCell(box.x1, box.x2), centreCell(box.y1, box.y2)];
  const sides = { w: sideInCells(box.x1, box.x2, width), h: sideInCells(box.y1, box.y2, height) };
  const peak = gaussian(x, y, radii(sides, settings, settings.alpha), maps);
  drawPeak(planes.heatmap.subarray(classId * cells, (classId + 1) * cells), width, peak);
  const write = writerOf(object, settings.perClass ? classId : 0, cells, planes);
  if (settings.sampling === 'gaussian') {
    const same = settings.alpha === settings.beta || settings.kernel === 'isotropic';
    writeGaussian(
      same ? peak : gaussian(x, y, radii(sides, settings, settings.beta), maps),
      width,
      object.weight,
      write,
    );
  } else if (settings.sampling === 'center') {
    if (x >= 0 && y >= 0 && x < width && y < height) write(y * width + x, 1);
  } else writeRegion(object, settings, maps, write);
}

/** Horizontal and vertical radius in cells. */
function radii({ w, h }: { w: number; h: number }, settings: TargetSettings, portion: number): [number, number] {
  if (settings.kernel === 'elliptic') return [radiusOf(w, portion), radiusOf(h, portion)];
  const radius = cornerNetRadius(w, h);
  return [radius, radius];
}

type Write = (cell: number, weight: number) => void;

/** Sets box target and weight of a cell, in the planes of one class group. */
function writerOf({ box }: Prepared, group: number, cells: number, { boxTarget, regWeight }: Planes): Write {
  const { x1, y1, x2, y2 } = box;
  const [first, weights] = [group * 4 * cells, group * cells];
  return (cell, weight) => {
    const at = first + cell;
    boxTarget[at] = x1;
    boxTarget[at + cells] = y1;
    boxTarget[at + 2 * cells] = x2;
    boxTarget[at + 3 * cells] = y2;
    regWeight[weights + cell] = weight;
  };
}

/** A Gaussian that is cut by the border is divided by the sum of what is left. */
function writeGaussian(kernel: Gaussian, width: number, weight: number, write: Write): void {
  let sum = 0;
  forEachInGaussian(kernel, width, (_, value) => (sum += value));
  const total = Math.fround(sum);
  forEachInGaussian(kernel, width, (cell, value) => write(cell, Math.fround(value * weight) / total));
}

function writeRegion(
  { box, weight }: Prepared,
  settings: TargetSettings,
  { height, width }: TargetMaps,
  write: Write,
): void {
  const official = settings.badBoxes === 'official';
  const span = (near: number, far: number, cells: number): [number, number] => {
    const [first, last] = regionOf(near, far, settings.beta, cells);
    return official ? [pythonIndex(first, cells), pythonIndex(last + 1, cells)] : [Math.max(0, first), last + 1];
  };
  const [columns, rows] = [span(box.x1, box.x2, width), span(box.y1, box.y2, height)];
  const count = Math.max(0, columns[1] - columns[0]) * Math.max(0, rows[1] - rows[0]);
  forEachInRectangle(columns, rows, width, (cell) => write(cell, weight / count));
}

/** A negative index counts from the end: so the official code treats regions that start outside the image. */
const pythonIndex = (index: number, length: number): number => (index < 0 ? Math.max(0, index + length) : index);
