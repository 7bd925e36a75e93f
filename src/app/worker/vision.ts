// The vision methods: models loaded once and kept, run over files, with their heatmaps, away from the window's process.
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { Detector } from '../../core/detect/detector.ts';
import { decodeResized } from '../../core/image/decode.ts';
import { prefetch } from '../../core/image/prefetch.ts';
import { fingerprintOf } from '../../core/model/fingerprint.ts';
import { checkpointFiles, openModel, buildModel, type OpenModel } from '../../core/model/openModel.ts';
import { tensor } from '../../core/runtime/hostTensor.ts';
import { chooseProvider, surveyProviders } from '../../core/runtime/providers.ts';
import { createSession, type Session } from '../../core/runtime/session.ts';
import { defaultThreads } from '../../core/runtime/threads.ts';
import { saying, StudioError, telling, type Told } from '../../shared/errors.ts';
import { processorTitle } from '../../shared/processors.ts';
import { said } from '../../shared/said.ts';
import { exportResults } from '../jobs/detectFolder.ts';
import { mistakeMethods, runEvaluation } from './evaluation.ts';
import { exportModel } from './exportModel.ts';
import { readHeat } from './heat.ts';
import { paintPreview } from './preview.ts';
import { sweepFolder } from './sweepFolder.ts';
import type { EvaluationMethods, VisionMethods } from './methods.ts';
import { serialise, type WorkerCall, type WorkerMethods } from './protocol.ts';

interface Loaded {
  model: OpenModel;
  detector: Promise<Detector> | null;
  heads: Promise<Session> | null;
}

/** Models kept ready; the one unused for longest goes first. */
const kept = 2;
const decodedAhead = 2;
const loaded = new Map<string, Loaded>();

/** Implements {@link VisionMethods} and {@link EvaluationMethods}. */
export const visionMethods: WorkerMethods<VisionMethods & EvaluationMethods> = {
  describe: async ({ model }) => {
    const { description } = await openModel(model);
    return { classes: description.classes, inputSize: description.width };
  },
  network: async ({ model }) => ({ network: (await openModel(model)).description.network }),
  processor,
  detect,
  heatmap: ({ model, file }, { signal }) => heatmapOf(model, file, signal),
  previews: async ({ model, images, folder }, { signal }) => {
    const painted: string[] = [];
    for (const { id, file } of images) {
      try {
        const heat = await heatmapOf(model, file, signal);
        await paintPreview(await detectorOf(await load(model)), heat, file, path.join(folder, `${id}.webp`));
        painted.push(id);
      } catch {
        continue; // a picture that is gone or unreadable leaves the others
      }
    }
    return { painted };
  },
  survey: async () =>
    (await surveyProviders()).map(({ name, usable, reason, said: by }) => ({
      ...{ name, available: usable },
      ...{ reason: reason ?? '', said: by },
    })),
  measure,
  sweep: async (input, call) => {
    const entry = await load(input.model);
    return sweepFolder(await detectorOf(entry), fingerprintOf(entry.model), input, call);
  },
  saveResults: (input, { signal, emit }) => exportResults(input, { signal, onProgress: emit }),
  evaluate: async (input, call) => runEvaluation(await detectorOf(await load(input.model)), input, call),
  ...mistakeMethods,
  export: ({ model, file, outputs }) => exportModel(model, file, outputs),
};

async function heatmapOf(
  reference: string,
  file: string,
  signal: AbortSignal,
): Promise<VisionMethods['heatmap']['result']> {
  const entry = await load(reference);
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
  { model, files, score }: VisionMethods['detect']['input'],
  call: WorkerCall<VisionMethods['detect']['event']>,
) {
  const { signal, emit } = call;
  const detector = await detectorOf(await load(model));
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

async function measure({ model }: VisionMethods['measure']['input']) {
  const detector = await detectorOf(await load(model));
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

/** Opens a model, or takes the one that is still the same. */
async function load(reference: string): Promise<Loaded> {
  const key = `${reference}@${await stamp(reference)}`;
  const known = loaded.get(key);
  loaded.delete(key);
  const entry = known ?? { model: await openModel(reference), detector: null, heads: null };
  loaded.set(key, entry);
  for (const [old, { detector, heads }] of loaded) {
    if (loaded.size <= kept) break;
    loaded.delete(old);
    await (await detector)?.release();
    await (await heads)?.release();
  }
  return entry;
}

/** Changes when the weights behind a reference change: a run's best checkpoint gets better. */
async function stamp(reference: string): Promise<string> {
  for (const file of [
    path.join(reference, checkpointFiles.best),
    path.join(reference, checkpointFiles.last),
    reference,
  ]) {
    const info = await stat(file).catch(() => null);
    if (info) return `${info.ctimeMs} ${info.size}`; // a copy may keep the time of the file that it replaces
  }
  return ''; // the base network, which never changes
}

function detectorOf(entry: Loaded): Promise<Detector> {
  entry.detector ??= chooseProvider().then((provider) => Detector.create(entry.model, { provider }));
  entry.detector.catch(() => (entry.detector = null));
  return entry.detector;
}

function headsOf(entry: Loaded): Promise<Session> {
  const { model } = entry;
  if (model.kind !== 'weights') throw saying('model-invalid', 'model.boxesOnly', { model: model.source });
  entry.heads ??= chooseProvider().then((provider) => {
    const bytes = buildModel(model, { outputs: 'heads', input: { dtype: 'uint8', layout: 'nhwc' }, batch: 1 });
    return createSession(bytes, { provider, name: model.source });
  });
  entry.heads.catch(() => (entry.heads = null));
  return entry.heads;
}
