// Deformable convolution by provider: an operator where the provider has it, composed where it has not, the same numbers.
import { existsSync } from 'node:fs';
import os from 'node:os';
import { expect, it } from 'vitest';
import { descriptionVersion } from '../../../src/core/model/description.ts';
import { buildModel, type WeightsModel } from '../../../src/core/model/openModel.ts';
import { tensor } from '../../../src/core/runtime/hostTensor.ts';
import type { ProviderName } from '../../../src/core/runtime/providerNames.ts';
import { createSession } from '../../../src/core/runtime/session.ts';
import { networkNamed } from '../../../src/core/ttfnet/networks/table.ts';
import { parameterShapes } from '../../../src/core/ttfnet/programs.ts';
import { seeded } from '../../support/gradientCheck.ts';
import { relativeDifference } from '../../support/lowerings.ts';

const driver = '/usr/lib/chromium/vk_swiftshader_icd.json';
const classes = ['a', 'b'];
const shape = [1, 64, 64, 3];

/** TTFNet-18 with weights that keep its maps of the order of 1, offsets of the deformable convolutions included. */
function randomModel(): WeightsModel {
  const random = seeded(11);
  const weights = new Map(
    parameterShapes(networkNamed('ttfnet-18'), classes.length).map((parameter) => {
      const length = parameter.shape.reduce((a, b) => a * b, 1);
      const fan = length / parameter.shape[0]!;
      const size = parameter.shape.length === 1 ? 0.1 : Math.sqrt(6 / fan);
      const centre = /(running_var|(bn\d|downsample\.1|deconv_layers\.\d\.1)\.weight)$/.test(parameter.name) ? 1 : 0;
      const data = Float32Array.from({ length }, () => centre + (random() - 0.5) * size);
      return [parameter.name, { shape: parameter.shape, data }] as const;
    }),
  );
  const description = { version: descriptionVersion, network: 'ttfnet-18', classes, width: 64, height: 64 };
  return { kind: 'weights', source: 'random', description: { ...description, createdBy: 'test' }, weights };
}

const model = randomModel();
const build = (provider: ProviderName): Uint8Array =>
  buildModel(model, { outputs: 'heads', input: { dtype: 'uint8', layout: 'nhwc' }, batch: 1, provider });
/** As the operator's type, field 4 of a node: names of nodes may hold the word too. */
const hasOperator = (bytes: Uint8Array): boolean => Buffer.from(bytes).includes('\x22\x0aDeformConv');

async function heads(bytes: Uint8Array, provider: ProviderName): Promise<Float32Array[]> {
  const random = seeded(3);
  const image = Uint8Array.from({ length: 64 * 64 * 3 }, () => random() * 255);
  const session = await createSession(bytes, { provider });
  const outputs = await session.run({ image: tensor('uint8', image, shape) });
  await session.release();
  return ['heatmap_logits', 'distances'].map((name) => Float32Array.from(outputs[name]!.data as Float32Array));
}

it('is an operator for the CPU and composed for all others, with the same numbers', async () => {
  expect(hasOperator(build('cpu'))).toBe(true);
  for (const provider of ['webgpu', 'coreml', 'dml', 'cuda'] as const) expect(hasOperator(build(provider))).toBe(false);
  const [operator, composed] = [await heads(build('cpu'), 'cpu'), await heads(build('webgpu'), 'cpu')];
  operator.forEach((map, i) => expect(relativeDifference(composed[i]!, map)).toBeLessThan(1e-4));
  expect(Math.max(...operator[1]!)).toBeGreaterThan(0); // something to compare
});

it.skipIf(!existsSync(driver))(
  'runs composed on WebGPU (SwiftShader) as the operator does on the CPU',
  async () => {
    process.env['VK_DRIVER_FILES'] = process.env['VK_ICD_FILENAMES'] = driver;
    process.env['XDG_RUNTIME_DIR'] ??= os.tmpdir();
    const [cpu, gpu] = [await heads(build('cpu'), 'cpu'), await heads(build('webgpu'), 'webgpu')];
    cpu.forEach((map, i) => expect(relativeDifference(gpu[i]!, map)).toBeLessThan(1e-3));
  },
  120_000,
);
