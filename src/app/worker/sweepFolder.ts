// Folder detection in the child process: finds the pictures that fit, detects, tells of each.
import picomatch from 'picomatch';
import type { Detector } from '../../core/detect/detector.ts';
import { findImages } from '../../core/detect/findImages.ts';
import { saying, telling } from '../../shared/errors.ts';
import { detectFolder } from '../jobs/detectFolder.ts';
import type { VisionMethods } from './methods.ts';
import type { WorkerCall } from './protocol.ts';

type Sweep = VisionMethods['sweep'];

/** How many things that were passed over are told one by one; the whole list is in the job's folder. */
const toldOver = 50;

/** Runs a job; what an earlier run in the same folder has done is taken over. Errors as `findImages` and `detectFolder`. */
export async function sweepFolder(
  detector: Detector,
  sha256: string,
  { modelName, paths, recursive, patterns, score, folder }: Sweep['input'],
  { signal, emit }: WorkerCall<Sweep['event']>,
): Promise<Sweep['result']> {
  const { images: all, passedOver } = await findImages(paths, recursive);
  const fits = patterns.length === 0 ? () => true : picomatch(patterns, { nocase: true });
  const images = all.filter((image) => fits(image.path));
  if (images.length === 0)
    throw saying('dataset-empty', 'detect.noneFits', { count: all.length, patterns: patterns.join(', ') });
  const first = passedOver.slice(0, toldOver).map(({ path, said }) => ({ path, ...telling(said) }));
  emit({ total: images.length, passedOver: { count: passedOver.length, first } });
  const settings = { model: { name: modelName, sha256 }, score };
  const request = { found: { images, passedOver }, detector, settings, formats: [], rawCsv: false, folder };
  await detectFolder(request, {
    signal,
    onAnew: (why) => emit({ anew: why }),
    onImage: async ({ image, resumed }) => {
      emit({ image, resumed });
      await new Promise((resolve) => setImmediate(resolve)); // lets a cancel or a heartbeat in
    },
  });
  return { images: images.length };
}
