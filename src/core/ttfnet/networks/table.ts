// Every network by name.
import { StudioError } from '../../../shared/errors.ts';
import { mobileNetV3 } from './mobileNetV3.ts';
import type { Network } from './network.ts';
import { paperNames, paperNetwork } from './paperNetworks.ts';

/** All networks this program can build, by name; the paper's have variants beside (see paperNetworks.ts). */
export const networks: Readonly<Record<string, Network>> = {
  [mobileNetV3.name]: mobileNetV3,
  ...Object.fromEntries(paperNames.map((name) => [name, paperNetwork(name)!])),
};

/** Whether there is a network of exactly that name; names come from files and people, and an object knows `constructor` by itself. */
export const isNetwork = (name: string): boolean => Object.hasOwn(networks, name);

/** The network of that name, variants of the paper's included. @throws model-invalid listing the names there are */
export function networkNamed(name: string): Network {
  const network = (isNetwork(name) ? networks[name] : undefined) ?? paperNetwork(name);
  if (network) return network;
  throw new StudioError(
    'model-invalid',
    `There is no network "${name}" in this version. It has ${Object.keys(networks).join(', ')}.`,
  );
}
