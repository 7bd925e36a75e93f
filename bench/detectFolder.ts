// Batch detection of a folder against the bare session on the same model: how much of the rate decoding, resizing and writing cost.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { detectTask } from '../src/app/tasks/detectTask.ts';
import { buildModel, openModel, type WeightsModel } from '../src/core/model/openModel.ts';
import { tensor } from '../src/core/runtime/hostTensor.ts';
import { createSession } from '../src/core/runtime/session.ts';
import { generateSample } from '../src/core/sample/generate.ts';
import { sharedPath } from '../tests/support/shared.ts';
import { median } from './median.ts';

const rounds = 5;

/** Images per second of the bare session and of the whole sweep, interleaved; the sweep must reach 85 % of the session. */
export async function detectFolderBench(): Promise<object> {
  const work = await mkdtemp(path.join(tmpdir(), 'ttfnet-bench-'));
  try {
    const folder = sharedPath('datasets', 'bccd', 'JPEGImages') ?? (await sampleFolder(work));
    const bare = await bareSession();
    const [bareRates, sweepRates]: [number[], number[]] = [[], []];
    for (let round = 0; round < rounds; round++) {
      bareRates.push(await bare.rate(100));
      sweepRates.push(await sweepRate(folder, path.join(work, `out-${round}`)));
    }
    await bare.release();
    const ratios = sweepRates.map((rate, i) => rate / bareRates[i]!);
    return {
      folder,
      bareImagesPerSecond: median(bareRates),
      folderImagesPerSecond: median(sweepRates),
      ratio: median(ratios),
      mustReach: 0.85,
    };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function sampleFolder(work: string): Promise<string> {
  await generateSample(path.join(work, 'sample'), { count: 60 });
  return path.join(work, 'sample', 'JPEGImages');
}

async function bareSession(): Promise<{ rate: (count: number) => Promise<number>; release: () => Promise<void> }> {
  const model = (await openModel('coco-mobilenetv3')) as WeightsModel;
  const bytes = buildModel(model, { outputs: 'boxes', input: { dtype: 'uint8', layout: 'nhwc' }, batch: 1 });
  const session = await createSession(bytes, { name: 'the base network' });
  const image = tensor('uint8', new Uint8Array(512 * 512 * 3).fill(127), [1, 512, 512, 3]);
  return {
    async rate(count) {
      const start = performance.now();
      for (let i = 0; i < count; i++) await session.run({ image });
      return (count * 1000) / (performance.now() - start);
    },
    release: () => session.release(),
  };
}

/** Rate between the first and the last picture: loading the model is paid once, however large the folder. */
async function sweepRate(folder: string, out: string): Promise<number> {
  let [first, last, count] = [0, 0, 0];
  await detectTask(
    { paths: [folder], model: 'coco-mobilenetv3', score: 0.3, recursive: false, formats: ['coco', 'csv'], out },
    {
      onImage() {
        last = performance.now();
        if (count++ === 0) first = last;
      },
    },
  );
  return ((count - 1) * 1000) / (last - first);
}
