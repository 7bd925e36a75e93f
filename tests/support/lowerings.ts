// Runs one graph through both lowerings and compares every output, gradients brought back from their storage.
import { expect } from 'vitest';
import { lowerBlocked } from '../../src/core/layout/blocked.ts';
import { fromStored, toStored } from '../../src/core/layout/blocked/storage.ts';
import { lowerPortable } from '../../src/core/layout/portable.ts';
import { encodeModel } from '../../src/core/onnx/encode.ts';
import type { Graph, Value } from '../../src/core/onnx/graph.ts';
import { sizeOf } from '../../src/core/onnx/tensorType.ts';
import { probeBlockSize } from '../../src/core/runtime/blockSize.ts';
import { emulateBlocks } from './emulatedBlocks.ts';
import { gradientGraph, seeded } from './gradientCheck.ts';
import { runModel } from './runModel.ts';

type Outputs = Record<string, Float32Array>;
type Feeds = Record<string, Float32Array | Uint8Array>;

/** Largest difference of two arrays, relative to the largest element of the first. */
export function relativeDifference(a: Float32Array, b: Float32Array): number {
  let [worst, scale] = [0, 1e-12];
  a.forEach((v, i) => {
    worst = Math.max(worst, Math.abs(v - b[i]!));
    scale = Math.max(scale, Math.abs(v));
  });
  return worst / scale;
}

/** Whether two arrays hold the very same numbers; the test runner's own comparison takes seconds on a million of them. */
export const sameNumbers = (a: Float32Array, b: Float32Array): boolean =>
  a.length === b.length && a.every((v, i) => Object.is(v, b[i]));

/** Length of the difference of two arrays, relative to that of the first. */
export function relativeDistance(a: Float32Array, b: Float32Array): number {
  const length = (of: (v: number, i: number) => number): number =>
    Math.sqrt(a.reduce((sum, v, i) => sum + of(v, i) ** 2, 0));
  return (
    length((v, i) => v - b[i]!) /
    Math.max(
      length((v) => v),
      1e-12,
    )
  );
}

/**
 * Outputs of `graph` through each lowering, by name. `gradientOf` as in lowerBlocked. A block that this processor doesn't have is
 * emulated.
 */
export async function runBoth(
  graph: Graph,
  feeds: Feeds,
  gradientOf: ReadonlyMap<string, string>,
  block: number,
): Promise<[Outputs, Outputs]> {
  const shapes = Object.fromEntries(graph.inputs.map((v) => [v.name, v.shape]));
  const portable = await runModel(encodeModel(lowerPortable(graph), { reversed: true }), feeds, shapes);
  const lowered = lowerBlocked(graph, block, gradientOf);
  const storedFeeds = Object.fromEntries(
    Object.entries(feeds).map(([name, data]) => [
      name,
      lowered.storage.has(name) ? toStored(data as Float32Array, lowered.storage.get(name)!) : data,
    ]),
  );
  const storedShapes = Object.fromEntries(lowered.graph.inputs.map((v) => [v.name, v.shape]));
  const runnable = block === (await probeBlockSize()) ? lowered.graph : emulateBlocks(lowered.graph, block);
  const blocked = await runModel(encodeModel(runnable, { reversed: true }), storedFeeds, storedShapes);
  for (const [output, parameter] of gradientOf) {
    const storage = lowered.storage.get(parameter);
    if (storage) blocked[output] = fromStored(blocked[output]!, storage);
  }
  return [portable, blocked];
}

/** Checks that the output and all gradients of `body` agree through both lowerings. */
export async function expectSameLowerings(
  shapes: Record<string, readonly number[]>,
  body: (inputs: Record<string, Value>) => Value,
  block: number,
): Promise<void> {
  const random = seeded(11);
  const { graph, names } = gradientGraph(shapes, body, random);
  const feeds = Object.fromEntries(
    names.map((n) => [n, Float32Array.from({ length: sizeOf(shapes[n]!) }, () => random() * 2 - 1)]),
  );
  const [a, b] = await runBoth(graph, feeds, new Map(names.map((n) => [`d_${n}`, n])), block);
  for (const name of Object.keys(a)) expect(relativeDifference(a[name]!, b[name]!), name).toBeLessThan(1e-4);
}
