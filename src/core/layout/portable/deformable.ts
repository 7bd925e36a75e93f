// Modulated deformable convolution as convolve-then-sample: every input pixel times every tap's weight is one product, its rows are then
// gathered at the bilinear corners. Halves the sampled data against sampling the input, and keeps no columns for the gradient.
import type { Graph, Value } from '../../onnx/graph.ts';
import type { Attributes } from '../../onnx/opTable.ts';
import { abs, add, cast, clip, equal, floor, greater, less, matMul, mul, sub, where } from '../../onnx/ops/math.ts';
import { concat, expand, gather, reshape, scatterAdd, slice, split, transpose } from '../../onnx/ops/structure.ts';
import { windowOf, type Window } from '../../onnx/shapes/spatial.ts';

/** Sizes of one deformable convolution. */
export interface DeformSizes {
  images: number;
  height: number;
  width: number;
  outHeight: number;
  outWidth: number;
  outputs: number;
  taps: number;
  window: Window;
}

/** One axis of the bilinear samples: the two cells, whether each lies in the map, and their weights. All [N, P, taps]. */
interface Axis {
  low: Value;
  high: Value;
  lowInside: Value;
  highInside: Value;
  lowWeight: Value;
  highWeight: Value;
}

/** What forward and gradient share. P: output pixels of one image. */
export interface Samples {
  /** [N H W, I] */
  rows: Value;
  /** [I, taps O] */
  columns: Value;
  /** Rows of the product that are sampled: int64 [N P, 4 taps]. */
  index: Value;
  /** [N P, 4 taps, O] */
  picked: Value;
  /** Weight of every sample, mask included: [N, P, 4 taps]. */
  factors: Value;
  /** Bilinear weights of the four corners, and the mask: [N, P, taps]. */
  corners: [Value, Value, Value, Value];
  mask: Value;
  y: Axis;
  x: Axis;
  sizes: DeformSizes;
}

/** Sizes from the input map [N, I, H, W], the mask [N, taps, H', W'] and the number of output channels. */
export function deformSizes(
  inputShape: readonly number[],
  maskShape: readonly number[],
  outputs: number,
  attributes: Attributes,
): DeformSizes {
  const [images, , height, width] = inputShape as [number, number, number, number];
  const [, taps, outHeight, outWidth] = maskShape as [number, number, number, number];
  return { images, height, width, outHeight, outWidth, outputs, taps, window: windowOf({ attributes }) };
}

const shared = new WeakMap<Graph, Map<string, Samples>>();

/**
 * The samples of a convolution: made once per graph and `key`, so that the gradient uses what the forward pass computed.
 * @param make rows [N H W, I] and columns [I, taps O] of the product
 * @param offset [N, 2 taps, H', W']
 * @param mask [N, taps, H', W']
 */
export function samplesOf(
  key: string,
  make: { rows: () => Value; columns: () => Value },
  offset: Value,
  mask: Value,
  sizes: DeformSizes,
): Samples {
  const known = shared.get(offset.graph) ?? new Map<string, Samples>();
  shared.set(offset.graph, known);
  const samples = known.get(key) ?? makeSamples(make.rows(), make.columns(), offset, mask, sizes);
  known.set(key, samples);
  return samples;
}

function makeSamples(rows: Value, columns: Value, offset: Value, mask: Value, sizes: DeformSizes): Samples {
  const { images, outHeight, outWidth, taps, outputs } = sizes;
  const pixels = outHeight * outWidth;
  const byPixel = (v: Value): Value => transpose(reshape(v, [images, taps, pixels]), [0, 2, 1]);
  const pairs = reshape(offset, [images, taps, 2, pixels]);
  const along = (i: 0 | 1): Value => byPixel(slice(pairs, [i], [i + 1], [2]));
  const y = axis(along(0), places(offset.graph, sizes, 0), sizes.height);
  const x = axis(along(1), places(offset.graph, sizes, 1), sizes.width);
  const maskRows = byPixel(mask);
  const corners: Samples['corners'] = [
    mul(y.lowWeight, x.lowWeight),
    mul(y.lowWeight, x.highWeight),
    mul(y.highWeight, x.lowWeight),
    mul(y.highWeight, x.highWeight),
  ];
  const factors = concat(
    corners.map((w) => mul(w, maskRows)),
    2,
  );
  const index = reshape(rowIndex(y, x, sizes), [images * pixels, 4 * taps]);
  const product = reshape(matMul(rows, columns), [rows.shape[0]! * taps, outputs]);
  return { rows, columns, index, picked: gather(product, index, 0), factors, corners, mask: maskRows, y, x, sizes };
}

/** Where each tap lies without an offset: [1, P, taps]. */
function places(graph: Graph, sizes: DeformSizes, i: 0 | 1): Value {
  const { outHeight, outWidth, taps, window } = sizes;
  const data = new Float32Array(outHeight * outWidth * taps);
  for (let p = 0; p < outHeight * outWidth; p++)
    for (let t = 0; t < taps; t++) {
      const cell = i === 0 ? Math.floor(p / outWidth) : p % outWidth;
      const tap = i === 0 ? Math.floor(t / window.kernel[1]) : t % window.kernel[1];
      data[p * taps + t] = cell * window.strides[i] - window.pads[i] + tap * window.dilations[i];
    }
  return graph.constant('float32', data, [1, outHeight * outWidth, taps]);
}

const flag = (condition: Value): Value => cast(condition, 'float32');

/** Farther than any map: a sample there is nothing, and NaN (a diverging network) goes there too, so that no index is wild. */
const farAway = 1e6;

function axis(offset: Value, place: Value, length: number): Axis {
  const raw = add(offset, place);
  const position = where(less(abs(raw), farAway), raw, -farAway);
  const first = floor(position);
  const second = add(first, 1);
  const [low, high] = [clip(first, 0, length - 1), clip(second, 0, length - 1)];
  const fraction = sub(position, first);
  const lowInside = flag(equal(first, low));
  // At exactly -1 the reference samples nothing, so the cell to the right gives no offset gradient; its weight is 0 there anyway.
  const highInside = mul(flag(equal(second, high)), flag(greater(position, -1)));
  return {
    low,
    high,
    lowInside,
    highInside,
    lowWeight: mul(sub(1, fraction), lowInside),
    highWeight: mul(fraction, highInside),
  };
}

/** Rows ((n H + y) W + x) taps + t of the product, the four corners after each other: int64 [N, P, 4 taps]. */
function rowIndex(y: Axis, x: Axis, { images, height, width, taps }: DeformSizes): Value {
  const { graph } = y.low;
  const first = new BigInt64Array(images * taps * 4);
  for (let n = 0; n < images; n++)
    for (let i = 0; i < 4 * taps; i++) first[n * 4 * taps + i] = BigInt(n * height * width * taps + (i % taps));
  const cell = (row: Value, column: Value): Value => mul(add(mul(row, width), column), taps);
  const cells = concat([cell(y.low, x.low), cell(y.low, x.high), cell(y.high, x.low), cell(y.high, x.high)], 2);
  return add(cast(cells, 'int64'), graph.constant('int64', first, [images, 1, 4 * taps]));
}

/** The convolution's output rows [N P, O], without bias. */
export function sampledRows({ factors, picked, sizes }: Samples): Value {
  const rows = sizes.images * sizes.outHeight * sizes.outWidth;
  return reshape(matMul(reshape(factors, [rows, 1, 4 * sizes.taps]), picked), [rows, sizes.outputs]);
}

/** Gradients of a deformable convolution, in rows: [N H W, I], [N, 2 taps, H', W'], [N, taps, H', W'], [I, taps O]. */
export interface DeformGradient {
  rows: Value;
  offset: Value;
  mask: Value;
  columns: Value;
}

/** @param dy gradient of the output in rows [N P, O] */
export function deformGradient(samples: Samples, dy: Value): DeformGradient {
  const { rows, columns, index, picked, factors, sizes } = samples;
  const { images, outHeight, outWidth, outputs, taps } = sizes;
  const outRows = images * outHeight * outWidth;
  const dots = reshape(matMul(picked, reshape(dy, [outRows, outputs, 1])), [images, outHeight * outWidth, 4 * taps]);
  const updates = mul(reshape(factors, [outRows, 4 * taps, 1]), reshape(dy, [outRows, 1, outputs]));
  const empty = expand(dy.graph.scalar(0), [rows.shape[0]! * taps, outputs]);
  const summed = scatterAdd(empty, reshape(index, [-1, 1]), reshape(updates, [-1, outputs]));
  const product = reshape(summed, [rows.shape[0]!, taps * outputs]);
  return {
    rows: matMul(product, transpose(columns, [1, 0])),
    columns: matMul(transpose(rows, [1, 0]), product),
    ...placeGradients(samples, split(dots, [taps, taps, taps, taps], 2) as [Value, Value, Value, Value]),
  };
}

/** @param dots what each corner's sample contributes per unit of its factor: [N, P, taps] each */
function placeGradients(
  { corners, mask, y, x, sizes }: Samples,
  dots: readonly [Value, Value, Value, Value],
): Pick<DeformGradient, 'offset' | 'mask'> {
  const [d00, d01, d10, d11] = dots;
  const { images, outHeight, outWidth, taps } = sizes;
  const blend = (a: Value, wa: Value, b: Value, wb: Value): Value => add(mul(a, wa), mul(b, wb));
  const maskGradient = dots.map((d, i) => mul(d, corners[i]!)).reduce((a, b) => add(a, b));
  const slope = (along: Axis, high: Value, low: Value): Value =>
    mul(mask, sub(mul(along.highInside, high), mul(along.lowInside, low)));
  const ofY = slope(y, blend(d10, x.lowWeight, d11, x.highWeight), blend(d00, x.lowWeight, d01, x.highWeight));
  const ofX = slope(x, blend(d01, y.lowWeight, d11, y.highWeight), blend(d00, y.lowWeight, d10, y.highWeight));
  const wide = (v: Value): Value => reshape(v, [images, outHeight * outWidth, taps, 1]);
  const pairs = transpose(concat([wide(ofY), wide(ofX)], 3), [0, 2, 3, 1]);
  return {
    offset: reshape(pairs, [images, 2 * taps, outHeight, outWidth]),
    mask: reshape(transpose(maskGradient, [0, 2, 1]), [images, taps, outHeight, outWidth]),
  };
}

const keyOf = (inputs: readonly (Value | null)[]): string =>
  inputs
    .slice(0, 4)
    .map((v) => v!.name)
    .join('|');

function plainSamples(inputs: readonly (Value | null)[], attributes: Attributes): Samples {
  const [x, offset, mask, weight] = inputs as [Value, Value, Value, Value];
  const [o, i] = weight.shape as [number, number];
  const sizes = deformSizes(x.shape, mask.shape, o, attributes);
  const make = {
    rows: () => reshape(transpose(x, [0, 2, 3, 1]), [sizes.images * sizes.height * sizes.width, i]),
    columns: () => reshape(transpose(weight, [1, 2, 3, 0]), [i, sizes.taps * o]),
  };
  return samplesOf(keyOf(inputs), make, offset, mask, sizes);
}

/** (x, offset, mask, weight, bias or null) -> y */
export function expandDeformConv(inputs: readonly (Value | null)[], attributes: Attributes): Value[] {
  const samples = plainSamples(inputs, attributes);
  const { images, outHeight, outWidth, outputs } = samples.sizes;
  const rows = sampledRows(samples);
  const withBias = inputs[4] ? add(rows, inputs[4]) : rows;
  return [transpose(reshape(withBias, [images, outHeight, outWidth, outputs]), [0, 3, 1, 2])];
}

/** (x, offset, mask, weight, dy) -> dx, doffset, dmask, dweight */
export function expandDeformConvGradient(inputs: readonly (Value | null)[], attributes: Attributes): Value[] {
  const samples = plainSamples(inputs, attributes);
  const [x, , , weight, dy] = inputs as [Value, Value, Value, Value, Value];
  const { images, height, width, outHeight, outWidth, outputs } = samples.sizes;
  const [, i, kh, kw] = weight.shape as [number, number, number, number];
  const dyRows = reshape(transpose(dy, [0, 2, 3, 1]), [images * outHeight * outWidth, outputs]);
  const g = deformGradient(samples, dyRows);
  return [
    transpose(reshape(g.rows, [images, height, width, x.shape[1]!]), [0, 3, 1, 2]),
    g.offset,
    g.mask,
    transpose(reshape(g.columns, [i, kh, kw, outputs]), [3, 0, 1, 2]),
  ];
}
