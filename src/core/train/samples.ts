// Training samples: the order of every epoch, decoded and augmented pictures ahead of time, batches with their targets.
import path from 'node:path';
import { reasonIn, saying, toldBy, type Told } from '../../shared/errors.ts';
import type { Annotation, LabelledImage } from '../../shared/labels.ts';
import { Rng } from '../../shared/random.ts';
import {
  applySteps,
  augmentations,
  augmentPresets,
  prepareSample,
  type AugmentStep,
  type PreparedSample,
} from '../image/augment/pipeline.ts';
import { scaleBoxes } from '../image/augment/sample.ts';
import { decodeResized, type ResizedImage } from '../image/decode.ts';
import { prefetch } from '../image/prefetch.ts';
import {
  createTargetMaps,
  defaultTargets,
  drawTargets,
  toInclusive,
  type TargetMaps,
  type TargetSettings,
} from '../ttfnet/targets.ts';
import { mapSize } from '../ttfnet/programs.ts';
import type { TrainConfig } from './config.ts';
import type { BatchBuffers } from './stepBuffers.ts';

/** Decoded pictures are kept up to this many bytes, so that small datasets are decoded once. */
const cacheBytes = 768 << 20;

/** A place in an epoch's order: which image, and the stream its augmentation draws from. */
interface Slot {
  image: LabelledImage;
  rng: Rng;
}

/** Labels that train: ignored and crowd ones are left out. */
export const trainableAnnotations = (image: LabelledImage): Annotation[] =>
  image.annotations.filter((a) => !a.crowd && !a.ignore);

/** Reads, augments and orders the training images. Everything random depends on seed, epoch and place alone. */
export class SampleSource {
  /** Images that could not be read, with the reason; they are left out from then on. */
  readonly failed = new Map<string, Told>();
  readonly #images: readonly LabelledImage[];
  readonly #root: string;
  readonly #config: TrainConfig;
  readonly #steps: readonly AugmentStep[];
  readonly #cache = new Map<string, ResizedImage>();
  #cached = 0;

  constructor(images: readonly LabelledImage[], imageRoot: string, config: TrainConfig) {
    this.#images = images;
    this.#root = imageRoot;
    this.#config = config;
    this.#steps = augmentPresets[config.augment];
  }

  /** Steps of one epoch; the last batch is filled up from the epoch's beginning. */
  get stepsPerEpoch(): number {
    return Math.ceil(this.#images.length / this.#config.batch);
  }

  /**
   * Prepared samples of an epoch in order, from step `fromStep` on, decoding ahead of the caller.
   * @throws dataset-empty when no training image can be read
   */
  async *epoch(
    epoch: number,
    fromStep: number,
    signal?: AbortSignal,
  ): AsyncGenerator<PreparedSample<Annotation>, void, undefined> {
    const slots = this.#order(epoch).slice(fromStep * this.#config.batch);
    for await (const prepared of prefetch(slots, (slot) => this.#prepare(slot), {
      ahead: 2 * this.#config.batch,
      signal,
    })) {
      if (prepared.ok) yield prepared.value;
      else yield await this.#substitute(prepared.item, prepared.error);
    }
  }

  #order(epoch: number): Slot[] {
    const stream = Rng.seeded(`${this.#config.seed}/epoch ${epoch}`);
    const shuffled = stream.shuffle(this.#images);
    const count = this.stepsPerEpoch * this.#config.batch;
    return Array.from({ length: count }, (_, i) => ({ image: shuffled[i % shuffled.length]!, rng: stream.fork(i) }));
  }

  async #prepare({ image, rng }: Slot): Promise<PreparedSample<Annotation>> {
    const { width, height } = this.#config;
    const boxes = trainableAnnotations(image);
    const file = path.resolve(this.#root, image.path);
    if (this.#steps.some((s) => augmentations[s.name].stage === 'geometric'))
      return prepareSample(file, boxes, { width, height }, rng, this.#steps);
    const resized = await this.#decoded(file);
    const sample = applySteps(
      { image: resized.image, boxes: scaleBoxes(boxes, resized.original, { width, height }) },
      rng,
      this.#steps,
    );
    return { ...sample, original: resized.original };
  }

  async #decoded(file: string): Promise<ResizedImage> {
    const known = this.#cache.get(file);
    if (known) return known;
    const resized = await decodeResized(file, { width: this.#config.width, height: this.#config.height });
    if (this.#cached + resized.image.data.length <= cacheBytes && !this.#cache.has(file)) {
      this.#cache.set(file, resized);
      this.#cached += resized.image.data.length;
    }
    return resized;
  }

  /** Another image in place of one that can't be read: the next in the dataset that can, so that the choice is the same after a resume. */
  async #substitute(slot: Slot, error: unknown): Promise<PreparedSample<Annotation>> {
    this.failed.set(slot.image.path, toldBy(error));
    const at = this.#images.indexOf(slot.image);
    for (let i = 1; i < this.#images.length; i++) {
      const image = this.#images[(at + i) % this.#images.length]!;
      if (this.failed.has(image.path)) continue;
      try {
        return await this.#prepare({ image, rng: slot.rng });
      } catch (next) {
        this.failed.set(image.path, toldBy(next));
      }
    }
    const [first] = this.failed.values(); // the image in hand is among them
    throw saying('dataset-empty', 'train.unreadable', { count: this.#images.length, first: reasonIn(first!) });
  }
}

/** Fills the buffers with `samples`, batch by batch; they are ready at each turn, until the next is asked for. */
export async function* fillBatches(
  buffers: BatchBuffers,
  samples: AsyncIterable<PreparedSample<Annotation>>,
  config: TrainConfig,
  classes: number,
): AsyncGenerator<void, void, undefined> {
  const maps = targetMapsOf(buffers, config, classes);
  const settings = targetSettingsOf(config, maps);
  let filled = 0;
  for await (const sample of samples) {
    fillBatch(buffers, filled++, sample, maps, settings);
    if (filled < config.batch) continue;
    filled = 0;
    yield;
  }
}

/** Copies a sample into the batch at `index`: pixels, and the targets of its boxes. */
export function fillBatch(
  buffers: BatchBuffers,
  index: number,
  { image, boxes }: PreparedSample<Annotation>,
  maps: TargetMaps,
  settings: TargetSettings = defaultTargets,
): void {
  buffers.image.set(image.data, index * image.data.length);
  const objects = boxes.map(({ box, classId }) => ({ box: toInclusive(box, 1, 1), classId }));
  drawTargets(objects, settings, maps, index);
}

/** The targets of one sample, drawn as a run with one size head for all classes draws them: for showing, not for training. */
export function sampleTargets(sample: PreparedSample<Annotation>, config: TrainConfig, classes: number): TargetMaps {
  const [height, width] = mapSize(config);
  const maps = createTargetMaps(1, { classes, height, width });
  const objects = sample.boxes.map(({ box, classId }) => ({ box: toInclusive(box, 1, 1), classId }));
  drawTargets(objects, targetSettingsOf({ ...config, batch: 1 }, maps), maps, 0);
  return maps;
}

/** How a run draws its targets. A size head per class shows in the buffers: they have weights for every class. */
function targetSettingsOf(config: TrainConfig, maps: TargetMaps): TargetSettings {
  const { kernel, sampling, alpha, beta, areaWeight: area, badBoxes } = config;
  const perClass = maps.regWeight.length > config.batch * maps.height * maps.width;
  return { kernel, sampling, alpha, beta, area, badBoxes, perClass };
}

/** The batch's target buffers as the target renderer takes them. */
export function targetMapsOf(buffers: BatchBuffers, config: TrainConfig, classes: number): TargetMaps {
  const [height, width] = mapSize(config);
  return {
    classes,
    height,
    width,
    heatmap: buffers.heatmap,
    boxTarget: buffers.boxTarget,
    regWeight: buffers.regWeight,
  };
}
