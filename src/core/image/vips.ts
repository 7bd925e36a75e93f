// The image library with its process-wide settings: nothing else imports sharp, so that threads and caches are decided here.
import sharp from 'sharp';
import { StudioError } from '../../shared/errors.ts';

// libvips would keep recent results and open files; every picture here is read once, and Windows can't replace a file that is held open.
sharp.cache(false);

export { sharp };
export type { Sharp } from 'sharp';

/**
 * How many threads one decode, resize or encode may use. Several pictures are prepared at once, so 1 is usually best while a network runs;
 * 0 means one per core. Process-wide. Throws `argument-invalid` for anything but a whole number from 0.
 */
export function setImageThreads(threads: number): void {
  if (!Number.isInteger(threads) || threads < 0)
    throw new StudioError('argument-invalid', `${threads} image threads are not possible; use a whole number from 0.`);
  sharp.concurrency(threads);
}
