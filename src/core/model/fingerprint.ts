// Which model it is by what it computes: a hash of the weights themselves, since a path stays the same when training goes on.
import { createHash } from 'node:crypto';
import type { OpenModel } from './openModel.ts';

const known = new WeakMap<OpenModel, string>();

/**
 * SHA-256, in hexadecimal digits, of network, classes, input size and weights as they were loaded. Two models of one fingerprint find the
 * same. It is of what is in memory, so a checkpoint that is replaced meanwhile can't be taken for the one in use.
 */
export function fingerprintOf(model: OpenModel): string {
  const made = known.get(model) ?? compute(model);
  known.set(model, made);
  return made;
}

function compute(model: OpenModel): string {
  const { network, classes, width, height } = model.description;
  const hash = createHash('sha256').update(JSON.stringify({ network, classes, width, height }));
  if (model.kind === 'onnx') return hash.update(model.bytes).digest('hex');
  for (const [name, { data, ...rest }] of [...model.weights].sort(([a], [b]) => (a < b ? -1 : 1))) {
    hash.update(JSON.stringify([name, rest]));
    hash.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  return hash.digest('hex');
}
