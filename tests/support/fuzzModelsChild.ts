// A process that damages model files by the seeds it is given, opens each, and lets those that open as a detector detect.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Detector } from '../../src/core/detect/detector.ts';
import { filledImage } from '../../src/core/image/rgbImage.ts';
import { baseModelName, buildModel, openModel } from '../../src/core/model/openModel.ts';
import { writeSafetensors } from '../../src/core/weights/safetensorsWriter.ts';
import { Rng } from '../../src/shared/random.ts';
import { validCheckpoint } from '../unit/weights/validFiles.ts';
import { mutated, withOtherBytes } from './mutate.ts';
import { doTasks } from './tasksOfChild.ts';

const home = await mkdtemp(path.join(os.tmpdir(), 'ttfnet-fuzz-models-'));

async function makeBases(): Promise<{ ending: string; bytes: Buffer }[]> {
  const model = await openModel(baseModelName);
  if (model.kind !== 'weights') throw new Error('the base model has no weights');
  const exported = buildModel(model, { outputs: 'boxes', input: { dtype: 'uint8', layout: 'nhwc' }, batch: 1 });
  const file = path.join(home, 'base.safetensors');
  const tensors = [...model.weights].map(([name, { shape, data }]) => ({
    name,
    dtype: 'float32' as const,
    shape: [...shape],
    data,
  }));
  await writeSafetensors(file, tensors, { epoch: '3' });
  return [
    { ending: 'onnx', bytes: Buffer.from(exported) },
    { ending: 'safetensors', bytes: await readFile(file) },
    { ending: 'pth', bytes: validCheckpoint('zip') },
    { ending: 'pth', bytes: validCheckpoint('stream') },
  ];
}

const bases = await makeBases();

/** Of a large file, which is mostly weights, a piece of its beginning or its end changes, where it says what it is. */
function withFewOthers(bytes: Buffer, rng: Rng): Buffer {
  const length = Math.min(bytes.length, 30_000);
  const start = rng.int(0, 1) * (bytes.length - length);
  const piece = withOtherBytes(bytes.subarray(start, start + length), rng);
  return Buffer.concat([bytes.subarray(0, start), piece, bytes.subarray(start + length)]);
}

await doTasks(async (seed) => {
  const rng = Rng.seeded(seed);
  const { ending, bytes } = bases[rng.int(0, bases.length - 1)]!;
  const file = path.join(home, `${seed}.${ending}`);
  await writeFile(file, rng.int(0, 3) === 0 ? mutated(bytes, rng) : withFewOthers(bytes, rng));
  try {
    const model = await openModel(file);
    if (model.kind !== 'onnx') return [`${ending}: opened`];
    const detector = await Detector.create(model, { provider: 'cpu' });
    const { width, height } = detector.inputSize;
    const found = await detector
      .detectResized({ image: filledImage(width, height, [90, 90, 90]), original: { width, height } }, 0.3)
      .finally(() => detector.release());
    return [`${ending}: ${found.length} detections`];
  } finally {
    await rm(file, { force: true });
  }
});
await rm(home, { recursive: true, force: true });
