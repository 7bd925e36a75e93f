// A process that reads each picture file it is given in every way that the program does, and prints what became of it.
import { decodeImage, decodeResized } from '../../src/core/image/decode.ts';
import { thumbnail } from '../../src/core/image/encode.ts';
import { contentHash } from '../../src/core/dataset/splits.ts';
import { factsOf } from '../../src/app/worker/pixels.ts';
import { StudioError } from '../../src/shared/errors.ts';
import { doTasks } from './tasksOfChild.ts';

const ways: Record<string, (file: string) => Promise<unknown>> = {
  hash: contentHash,
  facts: factsOf,
  thumbnail: (file) => thumbnail(file, 64),
  resized: (file) => decodeResized(file, { width: 32, height: 32 }),
  whole: (file) => decodeImage(file),
};

/** `file`, or several joined by `|`, which are read at the same time. */
await doTasks(async (task) => {
  const said: string[] = [];
  for (const [way, read] of Object.entries(ways)) {
    const results = await Promise.allSettled(task.split('|').map(read));
    for (const result of results) {
      if (result.status === 'fulfilled') said.push(`${way}: read`);
      else if (!(result.reason instanceof StudioError) || result.reason.code === 'internal') throw result.reason;
      else said.push(`${way}: ${result.reason.code}: ${result.reason.message}`);
    }
  }
  return said;
});
