// What spoils a measurement: pictures that the model was trained on, and labels of which none counts.
import path from 'node:path';
import type { LabelledImage } from '../../shared/labels.ts';
import { lossOf, type Loss } from '../../shared/lossReport.ts';
import { said } from '../../shared/said.ts';
import { equalPictures } from '../dataset/equalPictures.ts';
import { nothingCounts } from './checkLabels.ts';
import { RunFolder } from './runFolder.ts';

/**
 * Looks over images that a model is to be measured on.
 * @param model as a person named it: of a run folder, or a checkpoint inside one, the training images are known
 * @throws cancelled
 */
export async function measuredFindings(
  model: string,
  imageRoot: string,
  images: readonly LabelledImage[],
  signal?: AbortSignal,
): Promise<Loss[]> {
  const trained = (await trainedOn(model)).map((file) => ({ file, image: null }));
  const measured = images.map((image) => ({ file: path.resolve(imageRoot, image.path), image }));
  const groups = await equalPictures<{ file: string; image: LabelledImage | null }>(
    [...trained, ...measured],
    signal ? { signal } : {},
  );
  const leaks = groups.flatMap((group) => {
    const learned = group.find(({ image }) => image === null);
    if (!learned) return [];
    const by = said('loss.trainedOn', { other: learned.file });
    return group.flatMap(({ image }) => (image === null ? [] : [lossOf(image.path, 'leak', by)]));
  });
  return [...leaks, ...nothingCounts(images, '')];
}

/** Training images of the run that `model` is or lies in; none where there is no run. */
async function trainedOn(model: string): Promise<string[]> {
  for (const folder of [model, path.dirname(path.dirname(model))]) {
    const labels = await RunFolder.open(folder).then(
      (opened) => opened.labels,
      () => null, // not a run: a base network, an exported model, a checkpoint from elsewhere
    );
    if (labels) return labels.train.map((image) => path.resolve(labels.imageRoot, image.path));
  }
  return [];
}
