// The journal of detections: which model and settings made them, then one line per picture, appended as it is done, so that a killed
// call goes on without redoing work. docs/formats.md describes the file.
import { appendFile, readFile, truncate } from 'node:fs/promises';
import { z } from 'zod';
import { maybeSaid } from '../../shared/contract/common.ts';
import { errorCodes, fromFileError } from '../../shared/errors.ts';
import type { FoundImage } from './findImages.ts';

/** Name of the journal in its folder. */
export const journalName = 'journal.jsonl';

const detection = z.object({
  box: z.object({ x1: z.number(), y1: z.number(), x2: z.number(), y2: z.number() }),
  classId: z.number().int(),
  score: z.number(),
});

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
  detections: z.array(detection),
  /** Why it failed; null when done. */
  reason: z.string().nullable(),
  /** The same by key; null where there is none, or an older version wrote it. */
  said: maybeSaid,
  /** The same as a code; null when done, or an older version wrote it. */
  code: z.enum(errorCodes).nullable().catch(null).default(null),
});

/** {@link sweptImageSchema} as a type. */
export type SweptImage = z.infer<typeof sweptImageSchema>;

const version = 2;

const headerSchema = z.object({
  format: z.literal('ttfnet-studio-detections'),
  version: z.literal(version),
  model: z.object({
    /** What it was opened from, for people. */
    name: z.string(),
    /** As `fingerprintOf` gives it. */
    sha256: z.string(),
  }),
  /** The lowest score that is kept. */
  score: z.number(),
});

/** What made the detections of a journal: another model or a lower score makes others. */
export type SweepSettings = Pick<z.infer<typeof headerSchema>, 'model' | 'score'>;

/** A journal as it was found. */
export interface JournalContent {
  /** Null in a journal of version 0.1.0, which doesn't know the weights, of a newer version, or whose first line is damaged. */
  settings: SweepSettings | null;
  /** By absolute path; the last line of a picture counts. */
  images: Map<string, SweptImage>;
  /** Bytes up to the last whole line. */
  length: number;
}

/** Reads a journal; null where there is none, or nothing in it yet. A line that was cut or damaged is passed over. @throws file-permission */
export async function readJournal(file: string): Promise<JournalContent | null> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    const known = fromFileError(error, file);
    if (known.code === 'file-missing') return '';
    throw known;
  });
  const end = text.lastIndexOf('\n') + 1;
  if (end === 0) return null;
  const [first, ...lines] = text.slice(0, end - 1).split('\n');
  const images = new Map<string, SweptImage>();
  for (const line of lines) {
    const image = sweptImageSchema.safeParse(parse(line));
    if (image.success) images.set(image.data.file, image.data);
  }
  const header = headerSchema.safeParse(parse(first!));
  return { settings: header.success ? header.data : null, images, length: Buffer.byteLength(text.slice(0, end)) };
}

/** The first line of a journal. */
export function journalHead({ model, score }: SweepSettings): string {
  return `${JSON.stringify({ format: 'ttfnet-studio-detections', version, model, score })}\n`;
}

/** The line of a picture. */
export const journalLine = (image: SweptImage): string => `${JSON.stringify(image)}\n`;

/** Goes on with, or begins, one journal. */
export class SweepJournal {
  /** The lowest score that it keeps: what is recorded must have all from there on. */
  readonly score: number;
  readonly #known: ReadonlyMap<string, SweptImage>;
  readonly #file: string;

  private constructor(file: string, score: number, known: ReadonlyMap<string, SweptImage>) {
    this.#file = file;
    this.score = score;
    this.#known = known;
  }

  /**
   * Opens the journal, `found` being what is in it: of these settings, or null for none. What a crash cut is cut off.
   * @throws file-permission, disk-full
   */
  static async open(file: string, settings: SweepSettings, found: JournalContent | null): Promise<SweepJournal> {
    const journal = new SweepJournal(file, found?.settings?.score ?? settings.score, found?.images ?? new Map());
    await truncate(file, found?.length ?? 0).catch((error: unknown) => {
      const known = fromFileError(error, file);
      if (known.code !== 'file-missing') throw known;
    });
    if (found === null) await journal.#append(journalHead(settings));
    return journal;
  }

  /** The earlier result of a picture that hasn't changed since, or null. A failure is tried again. */
  earlier({ file, size, modified }: FoundImage): SweptImage | null {
    const known = this.#known.get(file);
    return known?.status === 'done' && known.size === size && known.modified === modified ? known : null;
  }

  /** Records a picture. @throws disk-full */
  record(image: SweptImage): Promise<void> {
    return this.#append(journalLine(image));
  }

  #append(text: string): Promise<void> {
    return appendFile(this.#file, text).catch((error: unknown) => {
      throw fromFileError(error, this.#file);
    });
  }
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
