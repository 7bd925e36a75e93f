// Folder detection in the child process: finds the pictures, detects, journals each, tells of each.
import picomatch from 'picomatch';
import type { Detector } from '../../core/detect/detector.ts';
import { findImages } from '../../core/detect/findImages.ts';
import { SweepJournal } from '../../core/detect/journal.ts';
import { sweep } from '../../core/detect/sweep.ts';
import { saying } from '../../shared/errors.ts';
import type { VisionMethods } from './methods.ts';
import type { WorkerCall } from './protocol.ts';

type Sweep = VisionMethods['sweep'];

/** Runs a sweep; what an earlier run of the same journal has done is taken over. Errors as `findImages` and `sweep`. */
export async function sweepFolder(
  detector: Detector,
  { paths, recursive, patterns, score, journal, key }: Sweep['input'],
  { signal, emit }: WorkerCall<Sweep['event']>,
): Promise<Sweep['result']> {
  const { images: found } = await findImages(paths, recursive);
  const fits = patterns.length === 0 ? () => true : picomatch(patterns, { nocase: true });
  const images = found.filter((image) => fits(image.path));
  if (images.length === 0)
    throw saying('dataset-empty', 'detect.noneFits', { count: found.length, patterns: patterns.join(', ') });
  emit({ total: images.length });
  await sweep(detector, images, {
    score,
    journal: await SweepJournal.open(journal, key),
    signal,
    onImage: async ({ image }) => {
      emit({ image });
      await new Promise((resolve) => setImmediate(resolve)); // lets a cancel or a heartbeat in
    },
  });
  return { images: images.length };
}
