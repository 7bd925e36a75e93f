// The vision methods: models loaded once and kept, run over files, with their heatmaps, away from the window's process.
import path from 'node:path';
import type { Detector } from '../../core/detect/detector.ts';
import { decodeResized } from '../../core/image/decode.ts';
import { prefetch } from '../../core/image/prefetch.ts';
import { fingerprintOf } from '../../core/model/fingerprint.ts';
import { openModel } from '../../core/model/openModel.ts';
import { tensor } from '../../core/runtime/hostTensor.ts';
import { chooseProvider, surveyProviders } from '../../core/runtime/providers.ts';
import { defaultThreads } from '../../core/runtime/threads.ts';
import { StudioError, telling, type Told } from '../../shared/errors.ts';
import { processorTitle } from '../../shared/processors.ts';
import { said } from '../../shared/said.ts';
import { exportResults } from '../jobs/detectFolder.ts';
import { mistakeMethods, runEvaluation } from './evaluation.ts';
import { exportModel } from './exportModel.ts';
import { readHeat } from './heat.ts';
import { detectorOf, headsOf, withDetector, withModel, type KeptModel } from './keptModels.ts';
import { paintPreview } from './preview.ts';
import { sweepFolder } from './sweepFolder.ts';
import type { EvaluationMethods, VisionMethods } from './methods.ts';
import { serialise, type WorkerCall, type WorkerMethods } from './protocol.ts';

const decodedAhead = 2;

/** Implements {@link VisionMethods} and {@link EvaluationMethods}. */
export const visionMethods: WorkerMethods<VisionMethods & EvaluationMethods> = {
  describe: async ({ model }) => {
    const { description } = await openModel(model);
    return { classes: description.classes, inputSize: description.width };
  },
  network: async ({ model }) => ({ network: (await openModel(model)).description.network }),
  processor,
  detect: (input, call) => withDetector(input.model, (detector) => detect(detector, input, call)),
  heatmap: ({ model, file }, { signal }) => withModel(model, (entry) => heatmapOf(entry, file, signal)),
  previews: ({ model, images, folder }, { signal }) =>
    withModel(model, async (entry) => {
      const painted: string[] = [];
      for (const { id, file } of images) {
        try {
          const heat = await heatmapOf(entry, file, signal);
          await paintPreview(await detectorOf(entry), heat, file, path.join(folder, `${id}.webp`));
          painted.push(id);
        } catch {
          continue; // a picture that is gone or unreadable leaves the others
        }
      }
      return { painted };
    }),
  survey: async () =>
    (await surveyProviders()).map(({ name, usable, reason, said: by }) => ({
      ...{ name, available: usable },
      ...{ reason: reason ?? '', said: by },
    })),
  measure: ({ model }) => withDetector(model, measure),
  sweep: (input, call) =>
    withDetector(input.model, (detector, model) => sweepFolder(detector, fingerprintOf(model), input, call)),
  saveResults: (input, { signal, emit }) => exportResults(input, { signal, onProgress: emit }),
  evaluate: (input, call) => withDetector(input.model, (detector) => runEvaluation(detector, input, call)),
  ...mistakeMethods,
  export: ({ model, file, outputs }) => exportModel(model, file, outputs),
};

async function heatmapOf(
  entry: KeptModel,
  file: string,
  signal: AbortSignal,
): Promise<VisionMethods['heatmap']['result']> {
  const session = await headsOf(entry);
  const { description } = entry.model;
  const { image, original } = await decodeResized(file, description);
  if (signal.aborted) throw new StudioError('cancelled', 'Another image was asked for.');
  const start = performance.now();
  const pixels = tensor('uint8', image.data, [1, description.height, description.width, 3]);
  const outputs = await session.run({ image: pixels });
  const milliseconds = performance.now() - start;
  return { ...readHeat(outputs, description, original), classes: description.classes, milliseconds };
}

async function detect(
  detector: Detector,
  { files, score }: VisionMethods['detect']['input'],
  { signal, emit }: WorkerCall<VisionMethods['detect']['event']>,
) {
  const decoded = prefetch(files, (file) => decodeResized(file, detector.inputSize), { ahead: decodedAhead, signal });
  for await (const item of decoded) {
    const { index } = item;
    if (!item.ok) {
      emit({ index, failed: serialise(item.error) });
      continue;
    }
    const detections = await detector.detectResized(item.value, score);
    emit({ index, detections, size: item.value.original });
    await new Promise((resolve) => setImmediate(resolve)); // lets a cancel, a heartbeat or a heatmap in
  }
  return { classes: [...detector.classes] };
}

const measuredRuns = 5;

async function measure(detector: Detector) {
  const { width, height } = detector.inputSize;
  const picture = { image: { width, height, data: new Uint8Array(width * height * 3) }, original: { width, height } };
  const times: number[] = [];
  for (let run = 0; run <= measuredRuns; run++) {
    const start = performance.now();
    await detector.detectResized(picture, 0.5);
    if (run > 0) times.push(performance.now() - start); // the first run still allocates
  }
  const milliseconds = times.sort((a, b) => a - b)[Math.floor(times.length / 2)]!;
  return { ...(await processor()), milliseconds, threads: defaultThreads() };
}

/** The processor in use, and why it isn't one that ought to be faster. */
async function processor(): Promise<{ processor: string; processorReasons: Told[] }> {
  const chosen = await chooseProvider();
  if (chosen !== 'cpu') return { processor: chosen, processorReasons: [] };
  const others = (await surveyProviders()).filter(({ name }) => name !== 'cpu');
  const reasons = others.map(({ name, usable, reason, said: by }) =>
    usable
      ? said('provider.slower', { provider: processorTitle(name) })
      : said('provider.reason', { provider: processorTitle(name), reason: by ?? reason ?? '' }),
  );
  return { processor: chosen, processorReasons: reasons.map(telling) };
}
