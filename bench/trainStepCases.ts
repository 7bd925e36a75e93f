// What the training-step benchmark measures: steps of a network in either layout, the network forward, and the same in PyTorch.
import { headsProgram } from '../src/core/ttfnet/programs.ts';
import { ParameterSet } from '../src/core/nn/parameters.ts';
import { encodeModel } from '../src/core/onnx/encode.ts';
import { lowerBlocked } from '../src/core/layout/blocked.ts';
import { probeBlockSize } from '../src/core/runtime/blockSize.ts';
import { createSession } from '../src/core/runtime/session.ts';
import { tensor } from '../src/core/runtime/hostTensor.ts';
import { machineFacts } from '../src/core/runtime/machine.ts';
import { makeConfig, type TrainConfig } from '../src/core/train/config.ts';
import { TrainingStep } from '../src/core/train/step.ts';
import type { Network } from '../src/core/ttfnet/networks/network.ts';
import { median } from './median.ts';
import { runPyTorch, type PyTorchCase } from './pytorch.ts';

/** A network and how it is trained. */
export interface Subject {
  network: Network;
  classes: number;
  batch: number;
  size: number;
}

/** Something that is measured round by round. */
export interface Contender {
  readonly name: string;
  /** Milliseconds per image so far. */
  readonly times: number[];
  /** Runs it a few times, adding to the times. */
  round(): Promise<void>;
  /** Lets go of its memory. */
  release(): Promise<void>;
}

/** A training step as contender, with what only it has. */
export interface StepContender extends Contender {
  readonly createMs: number;
  readonly updateMs: number[];
}

/** So small that weights, and with them the numbers that flow, stay what they were. */
const rate = 1e-9;

/** Settings of a step that leaves the first `frozenStages` stages as they are. */
export const configOf = ({ network, batch, size }: Subject, frozenStages: number): TrainConfig =>
  makeConfig({
    start: network.name,
    batch,
    width: size,
    height: size,
    frozenStages,
    optimizer: 'sgd',
    averageDecay: 0,
  });

/** Deterministic pictures and targets: a tenth of the cells weighted, a few centres per class. */
export function fill({ buffers }: TrainingStep): void {
  for (let i = 0; i < buffers.image.length; i++) buffers.image[i] = (i * 7919) % 251;
  for (let i = 0; i < buffers.heatmap.length; i++) buffers.heatmap[i] = i % 997 === 0 ? 1 : ((i * 31) % 89) / 200;
  for (let i = 0; i < buffers.boxTarget.length; i++) buffers.boxTarget[i] = (i * 37) % 256;
  for (let i = 0; i < buffers.regWeight.length; i++) buffers.regWeight[i] = i % 10 === 0 ? 0.1 : 0;
}

/** A step whose buffers are still empty; see {@link fill}. */
export function makeStep(
  subject: Subject,
  layout: 'blocked' | 'portable',
  frozenStages: number,
  profile = false,
): Promise<TrainingStep> {
  const config = configOf(subject, frozenStages);
  return TrainingStep.create(subject.network, new Map(), subject.classes, config, { layout, profile });
}

/** A whole training step: forward, losses, backward, clip, SGD. */
export async function stepContender(
  name: string,
  subject: Subject,
  layout: 'blocked' | 'portable',
  frozenStages: number,
): Promise<StepContender> {
  const start = performance.now();
  const step = await makeStep(subject, layout, frozenStages);
  const createMs = performance.now() - start;
  fill(step);
  for (let i = 0; i < 2; i++) await step.run(rate); // the first steps grow the memory
  const [times, updateMs]: [number[], number[]] = [[], []];
  const round = async (): Promise<void> => {
    await step.run(rate); // finds its memory cold; PyTorch's scripts leave out their first step too
    for (let i = 0; i < 3; i++) {
      const ran = await step.run(rate);
      times.push((ran.runMs + ran.updateMs) / subject.batch);
      updateMs.push(ran.updateMs);
    }
  };
  return { name, createMs, times, updateMs, round, release: () => step.release() };
}

/** The trained network on one image, from pixels to its two maps, as a detector runs it. */
export async function forwardContender(name: string, { network, classes, size }: Subject): Promise<Contender> {
  const pixels = { dtype: 'uint8', layout: 'nhwc' } as const;
  const parameters = new ParameterSet(new Map(), 0);
  const oneImage = { batch: 1, height: size, width: size };
  const block = await probeBlockSize();
  const deform = block > 1 ? 'composition' : 'operator';
  const program = headsProgram(network, parameters, classes, oneImage, pixels, { deform });
  const session = await createSession(encodeModel(block > 1 ? lowerBlocked(program, block).graph : program));
  const image = Uint8Array.from({ length: 3 * size * size }, (_, i) => (i * 7919) % 251);
  const feeds = { image: tensor('uint8', image, [1, size, size, 3]) };
  const times: number[] = [];
  const once = async (): Promise<number> => {
    const start = performance.now();
    await session.run(feeds);
    return performance.now() - start;
  };
  for (let i = 0; i < 2; i++) await once();
  const round = async (): Promise<void> => {
    await once();
    for (let i = 0; i < 6; i++) times.push(await once());
  };
  return { name, times, round, release: () => session.release() };
}

/** PyTorch's cases as one contender: each round the best of those that were near the best in the first. */
export function pyTorchContender(name: string, cases: readonly PyTorchCase[]): Contender {
  const found = cases.map((): number[] => []);
  const times: number[] = [];
  const round = async (): Promise<void> => {
    const best = Math.min(...found.map((f) => (f.length > 0 ? median(f) : Infinity)));
    const tried = found.map((f) => f.length === 0 || median(f) < 1.15 * best);
    const now: number[] = [];
    for (const [i, one] of cases.entries()) {
      if (!tried[i]) continue;
      const ms = await runPyTorch(one, machineFacts().threads);
      found[i]!.push(ms);
      now.push(ms);
    }
    times.push(Math.min(...now));
  };
  return { name, times, round, release: () => Promise.resolve() };
}
