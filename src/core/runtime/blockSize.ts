// Whether this CPU has ONNX Runtime's blocked convolutions, and how many channels a block holds.
import { tensor, type HostTensor } from './hostTensor.ts';
import { createSession } from './session.ts';
import { encodeTinyModel, type TinyModel } from './tinyModel.ts';

/** Channels per block: 16 (AVX-512), 8 (AVX2 and others), or 1 where blocked convolutions can't be used. */
export type BlockSize = 1 | 8 | 16;

type FixedModel = TinyModel & { inputs: Record<string, readonly number[]> };

const domain = 'com.microsoft.nchwc';
let probed: Promise<BlockSize> | undefined;

/**
 * Asks the runtime for its block size and checks one blocked convolution with run-time weights against the ordinary one: the
 * domain is internal to the runtime, so another version could lay weights out differently. Done once per process.
 * @returns 1 when the domain is absent, the size is another, or the two convolutions differ
 */
export function probeBlockSize(): Promise<BlockSize> {
  probed ??= probe().catch((): BlockSize => 1);
  return probed;
}

async function probe(): Promise<BlockSize> {
  const model: FixedModel = { op: 'ReorderInput', domain, inputs: { x: [1, 4, 1, 1] }, output: [1, 'c', 1, 1] };
  const reordered = await runOnce(model, { x: new Float32Array(4) });
  const size = reordered.dims[1];
  if (size !== 8 && size !== 16) return 1;
  return (await convolvesAlike(size)) ? size : 1;
}

/** Two blocks in, two out, a 3x3 kernel and a border: any other order of blocks, lanes or taps gives other numbers. */
async function convolvesAlike(block: 8 | 16): Promise<boolean> {
  const [channels, side] = [2 * block, 5];
  const [image, kernel] = [
    [1, channels, side, side],
    [channels, channels, 3, 3],
  ] as const;
  const x = wave(channels * side * side);
  const w = wave(channels * channels * 9);
  const conv: FixedModel = {
    op: 'Conv',
    inputs: { x: image, w: kernel },
    output: image,
    ints: { kernel_shape: [3, 3], pads: [1, 1, 1, 1] },
  };
  const expected = (await runOnce(conv, { x, w })).data as Float32Array;
  const feeds = { x: blockChannels(x, side * side, block), w: blockWeights(w, channels, block) };
  const found = (await runOnce({ ...conv, domain }, feeds)).data as Float32Array;
  const wanted = blockChannels(expected, side * side, block);
  return found.length === wanted.length && found.every((v, i) => Math.abs(v - wanted[i]!) < 1e-3);
}

/** [C][pixels] to [C / block][pixels][block]. */
function blockChannels(x: Float32Array, pixels: number, block: number): Float32Array {
  const lane = (i: number): number => Math.floor(i / (pixels * block)) * block + (i % block);
  return x.map((_, i) => x[lane(i) * pixels + (Math.floor(i / block) % pixels)]!);
}

/** [O][I][taps] to [O / block][I / block][taps][block of I][block of O], 9 taps. */
function blockWeights(w: Float32Array, channels: number, block: number): Float32Array {
  return w.map((_, index) => {
    let rest = index;
    const next = (size: number): number => {
      const digit = rest % size;
      rest = Math.floor(rest / size);
      return digit;
    };
    const [o, i, tap, inner] = [next(block), next(block), next(9), next(channels / block)];
    return w[((rest * block + o) * channels + inner * block + i) * 9 + tap]!;
  });
}

async function runOnce(model: FixedModel, arrays: Record<string, Float32Array>): Promise<HostTensor> {
  const session = await createSession(encodeTinyModel(model), { name: 'the blocked-layout probe', threads: 1 });
  try {
    const feed = ([name, data]: [string, Float32Array]): [string, HostTensor] => [
      name,
      tensor('float32', data, model.inputs[name]!),
    ];
    return (await session.run(Object.fromEntries(Object.entries(arrays).map(feed))))['y']!;
  } finally {
    await session.release();
  }
}

const wave = (length: number): Float32Array => Float32Array.from({ length }, (_, i) => Math.sin(i * 1.7));
