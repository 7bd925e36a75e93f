// What an optimizer sees of a parameter, and the official rule for learning rate and decay by name.

/** One parameter under optimisation. Arrays are changed in place and may lie in any memory order, as long as both have the same. */
export interface OptimizedParameter {
  readonly name: string;
  readonly data: Float32Array;
  /** Gradient of the current step. */
  readonly gradient: Float32Array;
  /** Factor on the learning rate. */
  readonly rateScale: number;
  /** Factor on the weight decay. */
  readonly decayScale: number;
}

const normalisation = /(bn|gn)(\d+)?.(weight|bias)/;

/**
 * Learning rate and decay of a parameter as the official code sets them (apis/train.py): a bias learns at twice the rate and does not
 * decay, unless its name looks like a batch norm's; the norms inside `downsample.1` and `deconv_layers.N.1` don't, and count as biases.
 */
export function officialScales(name: string): Pick<OptimizedParameter, 'rateScale' | 'decayScale'> {
  const isBias = name.endsWith('.bias') && !normalisation.test(name);
  return isBias ? { rateScale: 2, decayScale: 0 } : { rateScale: 1, decayScale: 1 };
}
