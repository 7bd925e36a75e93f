// Labels on disk as the host gets them: read by a child process of their own, which may fail, hang or run out of memory without harm.
import type { FormatName } from '../../core/dataset/adapter.ts';
import { saying, StudioError } from '../../shared/errors.ts';
import type { LabelledImage } from '../../shared/labels.ts';
import type { Loss } from '../../shared/lossReport.ts';
import type { Said } from '../../shared/said.ts';
import type { OpenedAnnotations } from '../tasks/projectImport.ts';
import type { LabelMethods } from '../worker/methods.ts';
import type { WorkerClient } from '../worker/workerClient.ts';
import type { Workers } from '../worker/workers.ts';
import { Queue } from './topic.ts';

/** What labels a folder seems to have, the likeliest format first, and how many images are there. */
export interface Inspected {
  images: number;
  found: { format: FormatName; looksFor: Said }[];
}

/** Looks into a folder. Errors: those of the folder itself; `annotation-invalid` when its files are too much to look at. */
export function inspectLabels(workers: Workers, folder: string, signal: AbortSignal): Promise<Inspected> {
  return withReader(workers, folder, (reader) => reader.call('inspect', { folder }, { signal }));
}

/** What is read, and by whom it can be stopped. */
export interface Reading {
  folder: string;
  format: FormatName;
  /** Folder of the images. */
  images: string;
  signal: AbortSignal;
  onProgress: (done: number, total: number) => void;
}

/**
 * Reads labels and gives them to `use`, whose images come as the child reads them, a few hundred at a time.
 * Errors: as `streamDataset`, and `annotation-invalid` when the files take more time or memory than the child has.
 */
export function withLabels<T>(
  workers: Workers,
  reading: Reading,
  use: (opened: OpenedAnnotations) => Promise<T>,
): Promise<T> {
  return withReader(workers, reading.folder, async (reader) => use(await openLabels(reader, reading)));
}

function withReader<T>(
  workers: Workers,
  folder: string,
  use: (reader: WorkerClient<LabelMethods>) => Promise<T>,
): Promise<T> {
  return workers.labels(use).catch((error: unknown) => {
    const died = error instanceof StudioError && error.code === 'runtime-failed';
    throw died ? saying('annotation-invalid', 'annotation.tooMuch', { folder }, error) : error;
  });
}

async function openLabels(
  reader: WorkerClient<LabelMethods>,
  { folder, format, images: root, signal, onProgress }: Reading,
): Promise<OpenedAnnotations> {
  const parts = new Queue<LabelledImage[]>();
  const losses: Loss[] = [];
  let opened: (head: Omit<OpenedAnnotations, 'images' | 'report'>) => void;
  const head = new Promise<Omit<OpenedAnnotations, 'images' | 'report'>>((resolve) => (opened = resolve));
  const onEvent = (event: LabelMethods['read']['event']) => {
    if (event.type === 'opened') opened(event.head);
    else if (event.type === 'images') parts.push(event.images);
    else if (event.type === 'progress') onProgress(event.done, event.total);
    else {
      for (const loss of event.losses) losses.push(loss);
      call.tell('taken');
    }
  };
  const call = reader.start('read', { folder, format, images: root }, { signal, onEvent });
  const whole = call.done.finally(() => parts.end());
  whole.catch(() => undefined); // met where the images end
  const failed = whole.then(() => head);
  const known = await Promise.race([head, failed]);
  let report: LabelMethods['read']['result'] | null = null;
  async function* images(): AsyncGenerator<LabelledImage> {
    for (let next = await parts.next(); !next.done; next = await parts.next()) {
      yield* next.value;
      call.tell('taken');
    }
    report = await whole;
  }
  return { ...known, images: images(), report: () => ({ ...report!, losses }) };
}
