// The journal of a sweep: one line per picture, appended as it is done, so that a killed sweep goes on without redoing work.
import { appendFile, readFile, truncate } from 'node:fs/promises';
import { z } from 'zod';
import { maybeSaid } from '../../shared/contract/common.ts';
import { fromFileError } from '../../shared/errors.ts';
import type { FoundImage } from './findImages.ts';

/** What became of a picture. */
export const sweptImageSchema = z.object({
  path: z.string(),
  file: z.string(),
  size: z.number(),
  modified: z.number(),
  status: z.enum(['done', 'failed']),
  /** Size of the upright picture; 0 when it could not be read. */
  width: z.number(),
  height: z.number(),
  detections: z.array(
    z.object({
      box: z.object({ x1: z.number(), y1: z.number(), x2: z.number(), y2: z.number() }),
      classId: z.number().int(),
      score: z.number(),
    }),
  ),
  /** Why it failed; null when done. */
  reason: z.string().nullable(),
  /** The same by key; null where there is none, or an older version wrote it. */
  said: maybeSaid,
});

/** {@link sweptImageSchema} as a type. */
export type SweptImage = z.infer<typeof sweptImageSchema>;

const header = z.object({ sweep: z.string() });

/** Appends to, and resumes from, one journal file. */
export class SweepJournal {
  /** Pictures that earlier sweeps of the same kind finished, by absolute path. */
  readonly known: ReadonlyMap<string, SweptImage>;
  readonly #file: string;

  private constructor(file: string, known: ReadonlyMap<string, SweptImage>) {
    this.#file = file;
    this.known = known;
  }

  /**
   * Opens the journal. One that belongs to another kind of sweep (`key`: model and threshold) is begun anew; a line cut by a crash is
   * cut off.
   * @throws file-permission, disk-full
   */
  static async open(file: string, key: string): Promise<SweepJournal> {
    const text = await readFile(file, 'utf8').catch((error: unknown) => {
      const known = fromFileError(error, file);
      if (known.code === 'file-missing') return '';
      throw known;
    });
    const { matches, known, length } = readLines(text, key);
    const journal = new SweepJournal(file, known);
    if (matches) await truncate(file, length);
    else {
      if (text !== '') await truncate(file, 0);
      await journal.#append({ sweep: key });
    }
    return journal;
  }

  /** The earlier result of a picture that hasn't changed since, or null. A failure is tried again. */
  earlier({ file, size, modified }: FoundImage): SweptImage | null {
    const known = this.known.get(file);
    return known?.status === 'done' && known.size === size && known.modified === modified ? known : null;
  }

  /** Records a picture. @throws disk-full */
  record(image: SweptImage): Promise<void> {
    return this.#append(image);
  }

  #append(line: object): Promise<void> {
    return appendFile(this.#file, `${JSON.stringify(line)}\n`).catch((error: unknown) => {
      throw fromFileError(error, this.#file);
    });
  }
}

function readLines(text: string, key: string): { matches: boolean; known: Map<string, SweptImage>; length: number } {
  const known = new Map<string, SweptImage>();
  const [first, ...rest] = text.split('\n').slice(0, -1);
  const head = header.safeParse(parse(first ?? ''));
  if (!head.success || head.data.sweep !== key) return { matches: false, known, length: 0 };
  let length = Buffer.byteLength(first!) + 1;
  for (const line of rest) {
    const image = sweptImageSchema.safeParse(parse(line));
    if (!image.success) break;
    known.set(image.data.file, image.data);
    length += Buffer.byteLength(line) + 1;
  }
  return { matches: true, known, length };
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
