// TTFNet-18 with random weights as models for each provider, and what they find in one random picture.
import { descriptionVersion } from '../../src/core/model/description.ts';
import { buildModel, type WeightsModel } from '../../src/core/model/openModel.ts';
import { tensor } from '../../src/core/runtime/hostTensor.ts';
import type { ProviderName } from '../../src/core/runtime/providerNames.ts';
import { createSession } from '../../src/core/runtime/session.ts';
import { networkNamed } from '../../src/core/ttfnet/networks/table.ts';
import { parameterShapes } from '../../src/core/ttfnet/programs.ts';
import { seeded } from './gradientCheck.ts';

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
/** The model's file as that provider gets it. */
export const build = (provider: ProviderName): Uint8Array =>
  buildModel(model, { outputs: 'heads', input: { dtype: 'uint8', layout: 'nhwc' }, batch: 1, provider });
/** Its heat map and its distances, run on a provider. */
export async function heads(bytes: Uint8Array, provider: ProviderName): Promise<Float32Array[]> {
  const random = seeded(3);
  const image = Uint8Array.from({ length: 64 * 64 * 3 }, () => random() * 255);
  const session = await createSession(bytes, { provider });
  const outputs = await session.run({ image: tensor('uint8', image, shape) });
  await session.release();
  return ['heatmap_logits', 'distances'].map((name) => Float32Array.from(outputs[name]!.data as Float32Array));
}
