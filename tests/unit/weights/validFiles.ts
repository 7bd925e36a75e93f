// A PyTorch checkpoint with all that real ones have, small, in both of PyTorch's containers.
import { bytes, dict, int, legacyFile, list, tensor, text, tuple, zipCheckpoint } from './pickleBytes.ts';

/** Strided views, other element types, meta data, momentum by index. */
const checkpoint = dict({
  meta: dict({ epoch: int(4), CLASSES: tuple(text('cat'), text('dog')), config: text('model = dict()') }),
  state_dict: dict({
    'a.weight': tensor({ numel: 6, shape: [3, 2], stride: [1, 3] }),
    'a.bias': tensor({ numel: 6, offset: 2, shape: [3], stride: [1] }),
    'bn.num_batches_tracked': tensor({ key: '1', type: 'LongStorage', numel: 1, shape: [], stride: [] }),
    half: tensor({ key: '2', type: 'HalfStorage', numel: 2, shape: [2], stride: [1] }),
  }),
  optimizer: dict({
    state: bytes(
      '}',
      '(',
      int(0),
      dict({ momentum_buffer: tensor({ numel: 6, shape: [3, 2], stride: [2, 1] }), step: int(9) }),
      'u',
    ),
    param_groups: list(
      dict({ lr: bytes('G', Buffer.from('3f50624dd2f1a9fc', 'hex')), params: list(int(0), int(1), int(2)) }),
    ),
  }),
});
const storages = [
  { key: '0', numel: 6, data: new Uint8Array(24) },
  { key: '1', numel: 1, data: new Uint8Array(8) },
  { key: '2', numel: 2, data: new Uint8Array(4) },
];
/** The file, as PyTorch writes it now (`zip`) or did before (`stream`). */
export function validCheckpoint(container: 'zip' | 'stream'): Buffer {
  if (container === 'stream') return legacyFile(checkpoint, storages);
  return zipCheckpoint(checkpoint, Object.fromEntries(storages.map(({ key, data }) => [key, data])));
}
