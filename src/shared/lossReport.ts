// What an import or export did: what was read or written, and everything that was changed or left out, with its reason.
import { inEnglish, toSaid, type Said } from './said.ts';

/** Closed list of what can happen to a label or file on its way in or out. */
export const lossKinds = [
  'ambiguous', // a label that could mean several images, or an image with several claims; left out
  'clipped', // a box reached outside its image and was cut at the edge
  'converted', // a polygon, circle, mask or rotated box became its enclosing box
  'conflict', // two sources say different things; one was chosen
  'detail-lost', // a mask, keypoint, attribute or part, which a box can't hold
  'dropped', // a label that can't be kept
  'duplicate', // the same image, box or row twice
  'flag-lost', // crowd or ignore, which the format can't hold
  'guessed', // something that the files don't say was taken from how they look
  'leak', // the same image in two splits
  'missing-annotation', // an image that nothing describes
  'missing-image', // a description of an image that isn't there
  'renamed', // a name that the format can't hold as it is
  'rescaled', // boxes of an image that was resized or turned after labelling, brought to its present size
  'skipped', // a folder or link that was passed over
  'split-lost', // a list of images that the format can't hold
  'thin', // too little to learn from or to measure by
  'unknown-class', // a label of a class that the dataset's own list doesn't have
  'unreadable', // a file, or a part of one, that can't be understood
  'zero-area', // a box without area
] as const;

/** One of {@link lossKinds}. */
export type LossKind = (typeof lossKinds)[number];

/** One thing that was changed or left out. */
export interface Loss {
  /** The file it concerns: path as the person knows it, relative to the dataset's folder where it lies inside; '' for none in particular. */
  file: string;
  kind: LossKind;
  /** A sentence: what was found, what became of it. */
  reason: string;
  /** The same by key, where there is one. */
  said: Said | null;
}

/** A {@link Loss} that says a sentence of the list; `file` is '' where it concerns the dataset as a whole. */
export const lossOf = (file: string, kind: LossKind, sentence: Said): Loss => ({
  file,
  kind,
  reason: inEnglish(sentence),
  said: sentence,
});

/** A loss in one English line: the file first, where there is one. */
export const lossLine = ({ file, reason }: Pick<Loss, 'file' | 'reason'>): string =>
  file === '' ? reason : `${file}: ${reason}`;

/** The report that ends every import and export. */
export interface LossReport {
  /** Name of the format, e.g. `voc`. */
  format: string;
  /** Annotation files read or written. */
  files: number;
  /** Images kept. */
  images: number;
  /** Images among them without a box. */
  negatives: number;
  /** Boxes kept, changed ones included. */
  boxes: number;
  losses: Loss[];
}

/** How often each kind of thing happened, the most frequent first. */
export function countKinds(losses: readonly Pick<Loss, 'kind'>[]): { kind: LossKind; count: number }[] {
  const counts = new Map<LossKind, number>();
  for (const { kind } of losses) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return [...counts].map(([kind, count]) => ({ kind, count })).sort((a, b) => b.count - a.count);
}

/** Each kind in a few English words, for the command line and reports. */
export const lossTitles: Record<LossKind, string> = {
  ambiguous: 'ambiguous',
  clipped: 'clipped',
  conflict: 'conflicting',
  converted: 'converted to boxes',
  'detail-lost': 'details that a box cannot hold',
  dropped: 'left out',
  duplicate: 'doubled',
  'flag-lost': 'flags lost',
  guessed: 'guessed',
  leak: 'in two splits',
  'missing-annotation': 'without annotation',
  'missing-image': 'without image',
  renamed: 'renamed',
  rescaled: 'rescaled',
  skipped: 'passed over',
  'split-lost': 'splits lost',
  thin: 'too little',
  'unknown-class': 'unknown class',
  unreadable: 'unreadable',
  'zero-area': 'without area',
};

/** Name of the file of findings that stands among exported or converted labels. Readers of labels pass over it. */
export const findingsFileName = 'ttfnet-findings.json';

/** A list of findings as the file that holds all of them: counts by kind, then each. */
export const findingsText = (findings: readonly Loss[]): string =>
  `${JSON.stringify({ counts: countsOf(findings), findings }, null, 1)}\n`;

/** How often each kind happened, as an object for machines. */
export const countsOf = (findings: readonly Loss[]): Partial<Record<LossKind, number>> =>
  Object.fromEntries(countKinds(findings).map(({ kind, count }) => [kind, count]));

/** The findings in a file's text; what is not one of them is left out. */
export function readFindings(text: string): Loss[] {
  const parsed = parseJson(text);
  const list = typeof parsed === 'object' && parsed !== null && 'findings' in parsed ? parsed.findings : null;
  return Array.isArray(list) ? list.flatMap((entry: unknown) => toLoss(entry) ?? []) : [];
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null; // damaged: the findings are for people, a run goes on without them
  }
}

function toLoss(entry: unknown): Loss | null {
  const { file, kind, reason, said } = { ...(entry as Partial<Record<keyof Loss, unknown>> | null) };
  const known = lossKinds.find((name) => name === kind);
  return typeof file === 'string' && known && typeof reason === 'string'
    ? { file, kind: known, reason, said: toSaid(said) }
    : null;
}
