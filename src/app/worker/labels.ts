// Label files of a folder, read away from the host: they are other people's, and may be made to freeze or fill whatever reads them.
import { formatNames } from '../../core/dataset/adapter.ts';
import { listFolder } from '../../core/dataset/folderFiles.ts';
import { detectFormats, streamDataset } from '../../core/dataset/openDataset.ts';
import { readImageInfo } from '../../core/image/source.ts';
import { StudioError } from '../../shared/errors.ts';
import type { LabelledImage } from '../../shared/labels.ts';
import type { LabelMethods } from './methods.ts';
import type { WorkerCall, WorkerMethods } from './protocol.ts';

/** Images or findings in one message. */
const perMessage = 500;
/** Boxes from which on a message goes, however few images it has. */
const boxesPerMessage = 20_000;
/** Messages that may be on their way before the host has taken one. */
const ahead = 2;
/** Milliseconds between two reports of progress. */
const between = 100;

/** Implements {@link LabelMethods}. */
export const labelMethods: WorkerMethods<LabelMethods> = {
  inspect: async ({ folder }, { signal }) => {
    const files = await listFolder(folder, { signal });
    const found = await detectFormats(files);
    return { images: files.images.length, found: found.map(({ name, looksFor }) => ({ format: name, looksFor })) };
  },
  read,
};

type ReadCall = WorkerCall<LabelMethods['read']['event']>;

async function read(
  { folder, format: key, images }: LabelMethods['read']['input'],
  call: ReadCall,
): Promise<LabelMethods['read']['result']> {
  const taken = turns(call);
  const format = formatNames.find((name) => name === key);
  const { signal, emit } = call;
  const opened = await streamDataset(folder, {
    ...(format ? { format } : {}),
    ...{ images, signal, readSize: (file: string) => readImageInfo(file), onProgress: progressOf(emit) },
  });
  const { classes, colours, imageRoot, count } = opened;
  emit({ type: 'opened', head: { classes, ...(colours ? { colours } : {}), imageRoot, count, format: opened.format } });
  for await (const part of parts(opened.images)) {
    await taken();
    emit({ type: 'images', images: part });
  }
  const { losses, ...report } = opened.report();
  for (let start = 0; start < losses.length; start += perMessage) {
    await taken();
    emit({ type: 'losses', losses: losses.slice(start, start + perMessage) });
  }
  return report;
}

/** Waits, when too many messages are on their way, until the host has taken one. Error: `cancelled`. */
function turns({ signal, onTell }: ReadCall): () => Promise<void> {
  let free = ahead;
  let wake: (() => void) | null = null;
  onTell(() => {
    free++;
    wake?.();
  });
  signal.addEventListener('abort', () => wake?.(), { once: true });
  return async () => {
    while (free === 0 && !signal.aborted) await new Promise<void>((resolve) => (wake = resolve));
    if (signal.aborted) throw new StudioError('cancelled', 'Cancelled.');
    free--;
  };
}

async function* parts(images: Iterable<LabelledImage> | AsyncIterable<LabelledImage>): AsyncGenerator<LabelledImage[]> {
  let part: LabelledImage[] = [];
  let boxes = 0;
  for await (const image of images) {
    part.push(image);
    boxes += image.annotations.length;
    if (part.length < perMessage && boxes < boxesPerMessage) continue;
    yield part;
    [part, boxes] = [[], 0];
  }
  if (part.length > 0) yield part;
}

function progressOf(emit: ReadCall['emit']): (progress: { done: number; total: number }) => void {
  let last = -Infinity;
  return ({ done, total }) => {
    const now = performance.now();
    if (now - last < between) return;
    last = now;
    emit({ type: 'progress', done, total });
  };
}
