// Every network by name.
import { StudioError } from '../../../shared/errors.ts';
import { mobileNetV3 } from './mobileNetV3.ts';
import type { Network } from './network.ts';

/** All networks this program can build, by name. */
export const networks: Readonly<Record<string, Network>> = { [mobileNetV3.name]: mobileNetV3 };

/** The network of that name. @throws model-invalid listing the names there are */
export function networkNamed(name: string): Network {
  const network = networks[name];
  if (network) return network;
  throw new StudioError(
    'model-invalid',
    `There is no network "${name}" in this version. It has ${Object.keys(networks).join(', ')}.`,
  );
}
