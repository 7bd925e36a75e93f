// Pictures with boxes drawn on them, saved as files.
import path from 'node:path';
import { writeFileAtomic } from '../../core/files/atomicWrite.ts';
import { makeFolder } from '../../core/files/makeFolder.ts';
import { decodeImage } from '../../core/image/decode.ts';
import { drawBoxes } from '../../core/image/draw.ts';
import { StudioError } from '../../shared/errors.ts';
import type { VisionMethods } from './methods.ts';
import type { WorkerCall } from './protocol.ts';

type Overlay = VisionMethods['overlay'];

/** Writes `<folder>/<path>.jpg` for every image that was read. Errors: file errors, `cancelled`. */
export async function saveOverlays(
  { images, classes, folder }: Overlay['input'],
  { signal, emit }: WorkerCall<Overlay['event']>,
): Promise<Overlay['result']> {
  const read = images.filter(({ status }) => status === 'done');
  for (const [index, image] of read.entries()) {
    if (signal.aborted) throw new StudioError('cancelled', 'Cancelled; the pictures saved so far stay.');
    const target = path.join(folder, `${image.path}.jpg`);
    await makeFolder(path.dirname(target));
    const bytes = await drawBoxes(await decodeImage(image.file), image.detections, { classes, format: 'jpeg' });
    await writeFileAtomic(target, bytes);
    emit({ done: index + 1 });
  }
  return { files: read.length };
}
