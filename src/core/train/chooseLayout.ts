// Which form of the training graph runs: the blocked one where the processor has it, else the portable one.
import { StudioError } from '../../shared/errors.ts';
import { probeBlockSize } from '../runtime/blockSize.ts';
import type { ProviderName } from '../runtime/providerNames.ts';

/** Which form of the training graph to run; `auto` takes the blocked one where the processor has it. */
export type LayoutChoice = 'auto' | 'portable' | 'blocked';

/**
 * Channels per block of the form to run; 1 for the portable one. The variable TTFNET_LAYOUT decides where `layout` is `auto`.
 * @throws argument-invalid when the blocked layout is forced and the processor has none
 */
export async function chooseBlock(layout: LayoutChoice, provider: ProviderName): Promise<number> {
  const forced = process.env['TTFNET_LAYOUT'];
  const wanted = layout === 'auto' && (forced === 'portable' || forced === 'blocked') ? forced : layout;
  if (wanted === 'portable' || provider !== 'cpu') return 1;
  const block = await probeBlockSize();
  if (block === 1 && wanted === 'blocked')
    throw new StudioError(
      'argument-invalid',
      'The blocked layout was asked for, but ONNX Runtime has no blocked convolutions on this processor. Use the portable layout.',
    );
  return block;
}
