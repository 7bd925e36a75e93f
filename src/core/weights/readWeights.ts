// Reads weights from any supported file: one table decides by the first bytes which reader it is.
import { StudioError } from '../../shared/errors.ts';
import { said } from '../../shared/said.ts';
import type { Checkpoint } from './checkpoint.ts';
import { readCheckpoint } from './checkpoint.ts';
import type { FileBytes } from './fileBytes.ts';
import { withFileBytes } from './fileBytes.ts';
import { legacyMagic, readPthLegacy, readPthZip } from './pthFormats.ts';
import { readSafetensorsBytes } from './safetensors.ts';
import { readTfjsGraphBytes } from './tfjsGraph.ts';

/** Formats that {@link readWeights} knows. */
export type WeightsKind = 'pth-zip' | 'pth-legacy' | 'safetensors' | 'tfjs';

/** Weights with their origin. */
export interface WeightsFile extends Checkpoint {
  readonly kind: WeightsKind;
  readonly file: string;
}

interface Format {
  readonly kind: WeightsKind;
  readonly matches: (head: Uint8Array, size: number) => boolean;
  readonly read: (bytes: FileBytes) => Promise<Checkpoint>;
}

const headLength = 64;

const startsWith =
  (...prefix: number[]) =>
  (head: Uint8Array): boolean =>
    prefix.every((byte, i) => head[i] === byte);
const startsWithText = (text: string): ((head: Uint8Array) => boolean) => startsWith(...Buffer.from(text));

/** A header length that fits the file, then the header's brace. */
function isSafetensors(head: Uint8Array, size: number): boolean {
  if (head.length < 9) return false;
  const length = new DataView(head.buffer, head.byteOffset).getBigUint64(0, true);
  return length < BigInt(size) && head[8] === 0x7b;
}

function bare(tensors: Checkpoint['tensors'], meta: Checkpoint['meta'] = {}): Checkpoint {
  return { tensors, meta, optimizer: null, notes: [] };
}

const formats: readonly Format[] = [
  {
    kind: 'pth-zip',
    matches: startsWithText('PK\x03\x04'),
    read: async (bytes) => readCheckpoint(await readPthZip(bytes), bytes.file),
  },
  {
    kind: 'pth-legacy',
    matches: startsWith(...legacyMagic),
    read: async (bytes) => readCheckpoint(await readPthLegacy(bytes), bytes.file),
  },
  {
    kind: 'safetensors',
    matches: isSafetensors,
    read: async (bytes) => {
      const { tensors, metadata } = await readSafetensorsBytes(bytes);
      return bare(tensors, metadata);
    },
  },
  {
    kind: 'tfjs',
    matches: (head) => /^\s*\{/.test(Buffer.from(head).toString('latin1')),
    read: async (bytes) => bare((await readTfjsGraphBytes(bytes)).weights),
  },
];

/** What else people pick by mistake, with what to do about it. */
const strangers: readonly [(head: Uint8Array) => boolean, string][] = [
  [startsWithText('version https://git-lfs'), 'a Git LFS pointer instead of the file itself. Fetch the real file'],
  [(head) => /^\s*<(!doctype|html)/i.test(Buffer.from(head).toString('latin1')), 'a web page. The download went wrong'],
  [startsWith(0x89, 0x48, 0x44, 0x46), 'an HDF5 file (Keras). Export it as a TensorFlow.js graph model'],
  [startsWith(0xff, 0xd8, 0xff), 'a JPEG image'],
  [startsWith(0x89, 0x50, 0x4e, 0x47), 'a PNG image'],
  [startsWith(0x1f, 0x8b), 'a gzip archive. Unpack it first'],
  [startsWith(0x80), 'a Python pickle that torch.save did not write'],
  [startsWith(0x08), 'an ONNX model, or not a model at all. Weights for training come from the formats below'],
];

function unknown(file: string, head: Uint8Array): StudioError {
  const stranger =
    strangers.find(([matches]) => matches(head))?.[1] ?? 'not a weight file, or its beginning is damaged';
  return new StudioError(
    'model-invalid',
    `${file} is ${stranger}. Readable are PyTorch .pth, .safetensors and TensorFlow.js graph models (.json).`,
    undefined,
    said('model.notWeights', { file }),
  );
}

async function formatOf(bytes: FileBytes): Promise<Format> {
  const head = await bytes.read(0, Math.min(bytes.size, headLength));
  const format = formats.find(({ matches }) => matches(head, bytes.size));
  if (!format) throw unknown(bytes.file, head);
  return format;
}

/** The format of a weight file by its first bytes. @throws model-invalid saying what the file seems to be instead */
export async function sniffWeights(file: string): Promise<WeightsKind> {
  return withFileBytes(file, async (bytes) => (await formatOf(bytes)).kind);
}

/**
 * Reads all tensors of a weight file, with its meta data and optimizer state where it has them. Nothing in the file is executed.
 * @throws model-invalid naming the file (and tensor) when it is truncated, hostile, or of another kind; file-missing, file-permission
 */
export async function readWeights(file: string): Promise<WeightsFile> {
  return withFileBytes(file, async (bytes) => {
    const { kind, read } = await formatOf(bytes);
    const content = await read(bytes);
    if (content.tensors.size === 0) throw new StudioError('model-invalid', `${file} holds no tensors.`);
    return { kind, file, ...content };
  });
}
