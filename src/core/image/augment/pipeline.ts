// The table of augmentations, the presets made of them, and the one function that runs a list of them.
import { StudioError } from '../../../shared/errors.ts';
import type { Box, Size } from '../../../shared/geometry.ts';
import type { Rng } from '../../../shared/random.ts';
import { type DecodeOptions, decodeCovering, decodeResized, resizeRgb } from '../decode.ts';
import type { RgbImage } from '../rgbImage.ts';
import type { ImageSource } from '../source.ts';
import { brightness } from './brightness.ts';
import { expand } from './expand.ts';
import { flipHorizontal } from './flipHorizontal.ts';
import { flipVertical } from './flipVertical.ts';
import { iouCrop } from './iouCrop.ts';
import { photometric } from './photometric.ts';
import { rotate90 } from './rotate90.ts';
import { type AugmentSample, scaleBoxes } from './sample.ts';
import { scaleJitter } from './scaleJitter.ts';
import { meanFill } from './window.ts';

type Run<P> = <B extends { box: Box }>(image: RgbImage, boxes: B[], rng: Rng, params: P) => AugmentSample<B>;

/**
 * `geometric` ones change the picture's size or what part of it shows: they run on a picture decoded larger than needed, before the final
 * resize, so that a crop keeps its detail. `pixel` ones run on the resized picture, where there is least to do.
 */
interface Row<P> {
  stage: 'geometric' | 'pixel';
  run: Run<P>;
  defaults: P;
}

const row = <P>(stage: Row<P>['stage'], run: Run<P>, defaults: P): Row<P> => ({ stage, run, defaults });

/** Every augmentation with its default settings, by the name that configs use; within a stage they run in the order of a config's list. */
export const augmentations = {
  flipHorizontal: row('pixel', flipHorizontal, { probability: 0.5 }),
  flipVertical: row('pixel', flipVertical, { probability: 0.5 }),
  rotate90: row('geometric', rotate90, { probability: 0.75 }),
  photometric: row('pixel', photometric, {
    probability: 1,
    brightness: 32,
    minContrast: 0.5,
    maxContrast: 1.5,
    minSaturation: 0.5,
    maxSaturation: 1.5,
    hue: 18,
  }),
  brightness: row('pixel', brightness, { probability: 1, minFactor: 0.8, maxFactor: 1.2 }),
  expand: row('geometric', expand, { probability: 0.5, minRatio: 1, maxRatio: 4, fill: meanFill }),
  iouCrop: row('geometric', iouCrop, { minIous: [0.1, 0.3, 0.5, 0.7, 0.9], minSize: 0.3 }),
  scaleJitter: row('geometric', scaleJitter, {
    probability: 0.7,
    minScale: 0.8,
    maxScale: 1.4,
    maxStretch: 1.15,
    fill: meanFill,
  }),
};

/** Name of an augmentation. */
export type AugmentationName = keyof typeof augmentations;

/** One entry of a config: a name and the settings that differ from the defaults. Plain JSON. */
export type AugmentStep = {
  [N in AugmentationName]: { name: N; params?: Partial<(typeof augmentations)[N]['defaults']> };
}[AugmentationName];

/** Ready-made lists: `flip` is the paper's 1x schedule, `ssd` its 10x one; `light` and `standard` suit fine-tuning. */
export const augmentPresets = {
  none: [],
  flip: [{ name: 'flipHorizontal' }],
  light: [{ name: 'flipHorizontal' }, { name: 'brightness' }],
  standard: [{ name: 'scaleJitter' }, { name: 'flipHorizontal' }, { name: 'brightness' }],
  ssd: [{ name: 'photometric' }, { name: 'expand' }, { name: 'iouCrop' }, { name: 'flipHorizontal' }],
} as const satisfies Record<string, readonly AugmentStep[]>;

/** The network's input for one picture: exactly `size`, with the boxes on it, and the upright size of the original. */
export interface PreparedSample<B extends { box: Box }> extends AugmentSample<B> {
  original: Size;
}

/**
 * Decodes a picture, augments it and resizes it to exactly `size`; `boxes` are on the upright original. Without geometric steps it is decoded
 * straight to `size`; with them, to at most about twice `size` first. Everything random comes from `rng` (fork one per picture and epoch).
 * @throws StudioError as `decodeImage`; `argument-invalid` for an unknown step
 */
export async function prepareSample<B extends { box: Box }>(
  source: ImageSource,
  boxes: readonly B[],
  size: Size,
  rng: Rng,
  steps: readonly AugmentStep[],
  options: DecodeOptions = {},
): Promise<PreparedSample<B>> {
  const geometric = steps.filter((s) => rowOf(s).stage === 'geometric');
  const { image, original } =
    geometric.length === 0
      ? await decodeResized(source, size, options)
      : await decodeCovering(source, { width: size.width * 2, height: size.height * 2 }, options);
  const moved = applySteps({ image, boxes: scaleBoxes(boxes, original, image) }, rng, geometric);
  const resized = await resizeRgb(moved.image, size.width, size.height);
  const pixel = steps.filter((s) => rowOf(s).stage === 'pixel');
  return {
    ...applySteps({ image: resized, boxes: scaleBoxes(moved.boxes, moved.image, resized) }, rng, pixel),
    original,
  };
}

/** Runs `steps` one after the other on a picture in memory. Throws `argument-invalid` for an unknown step. */
export function applySteps<B extends { box: Box }>(
  sample: AugmentSample<B>,
  rng: Rng,
  steps: readonly AugmentStep[],
): AugmentSample<B> {
  return steps.reduce((s, step) => {
    const { run, defaults } = rowOf(step);
    return run(s.image, s.boxes, rng, { ...defaults, ...step.params });
  }, sample);
}

/** The row of a step. Which settings belong to which row is checked where steps are written (`AugmentStep`), so here they are one type. */
function rowOf({ name }: AugmentStep): Row<object> {
  const found = Object.entries(augmentations).find(([key]) => key === name)?.[1];
  if (found) return found as unknown as Row<object>;
  const names = Object.keys(augmentations).join(', ');
  throw new StudioError('argument-invalid', `There is no augmentation "${name}"; use one of ${names}.`);
}
