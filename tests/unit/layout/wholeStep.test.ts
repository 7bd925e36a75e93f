import { describe, expect, it } from 'vitest';
import { lowerBlocked } from '../../../src/core/layout/blocked.ts';
import { ParameterSet } from '../../../src/core/nn/parameters.ts';
import { probeBlockSize } from '../../../src/core/runtime/blockSize.ts';
import type { Network } from '../../../src/core/ttfnet/networks/network.ts';
import { networkNamed } from '../../../src/core/ttfnet/networks/table.ts';
import { trainingPorts, trainingProgram, type TrainingProgram } from '../../../src/core/ttfnet/programs.ts';
import { seeded } from '../../support/gradientCheck.ts';
import { relativeDistance, runBoth } from '../../support/lowerings.ts';

const ownBlock = await probeBlockSize();
const classes = 3;
const size = { batch: 2, height: 64, width: 96 };

const programOf = (network: Network): TrainingProgram =>
  trainingProgram(
    network,
    new ParameterSet(new Map(), 1),
    classes,
    size,
    { heatmap: 1, size: 5 },
    { zeroInitResidual: false },
  );

/** Pictures, targets and the parameters' own values; running means are zero. */
function feedsOf({ graph, trainable }: TrainingProgram, brightest: number): Record<string, Float32Array | Uint8Array> {
  const random = seeded(3);
  const draw: Record<string, () => number> = {
    [trainingPorts.heatmap]: () => (random() < 0.02 ? 1 : random() * 0.5),
    [trainingPorts.boxTarget]: () => random() * 60,
    [trainingPorts.regWeight]: () => (random() < 0.1 ? random() : 0),
  };
  const data = new Map(trainable.map((p) => [p.name, p.data]));
  const feeds: Record<string, Float32Array | Uint8Array> = {};
  for (const { name, shape } of graph.inputs) {
    const length = shape.reduce((a, b) => a * b, 1);
    if (name === trainingPorts.image) feeds[name] = Uint8Array.from({ length }, () => random() * (brightest + 1));
    else feeds[name] = data.get(name) ?? Float32Array.from({ length }, draw[name] ?? (() => 0));
  }
  return feeds;
}

/** Of MobileNetV3, which has no batch norms, dark pictures keep the untrained activations off their kinks. */
const steps: [name: string, brightest: number][] = [
  ['mobilenetv3-0.75', 1],
  ['ttfnet-18', 255],
];

/** Blocks of other processors are emulated; that takes a while. */
const blocks = process.env['TTFNET_LONG'] === '1' ? [ownBlock, 8] : [ownBlock];

/** A bias before a batch norm has no gradient, only rounding. */
const withoutGradient = /deconv_layers\.\d\.0\.bias$/;

describe.each([...new Set(blocks)].filter((b) => b > 1))('a whole step, block %i', (block) => {
  it.each(steps)(
    'of %s has the losses and gradients of the portable one',
    async (name, brightest) => {
      const program = programOf(networkNamed(name));
      const gradientOf = new Map(program.trainable.map((p) => [trainingPorts.gradient(p.name), p.name]));
      const [portable, blocked] = await runBoth(program.graph, feedsOf(program, brightest), gradientOf, block);
      for (const loss of [trainingPorts.heatmapLoss, trainingPorts.sizeLoss])
        expect(relativeDistance(portable[loss]!, blocked[loss]!), loss).toBeLessThan(1e-5);
      const differences = [...gradientOf]
        .filter(([, parameter]) => !withoutGradient.test(parameter))
        .map(
          ([gradient, parameter]) => [relativeDistance(portable[gradient]!, blocked[gradient]!), parameter] as const,
        );
      expect(differences.filter(([difference]) => difference > 1e-4)).toEqual([]);
    },
    60_000,
  );
});

it('does the 3x3 convolutions of TTFNet-18 on maps of many pixels in mixed rows', () => {
  const { graph } = lowerBlocked(programOf(networkNamed('ttfnet-18')).graph, 16);
  const whole = graph.nodes.filter(({ op, domain, attributes, inputs }) => {
    const [n, channels, height, width] = inputs[0]!.shape as [number, number, number, number];
    const square = (attributes['kernel_shape'] as readonly number[] | undefined)?.join() === '3,3';
    const unit = (attributes['strides'] as readonly number[] | undefined)?.join() !== '2,2';
    return domain !== '' && op === 'Conv' && square && unit && channels >= 64 && n * height * width >= 768;
  });
  expect(whole.map(({ name }) => name)).toEqual([]);
});
