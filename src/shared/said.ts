// Sentences of the host that the interface says in its own language: a closed list of keys, each with the values that its sentence needs.
// A sentence that is not here comes in English only, and is shown as it is.
import { fill } from './fill.ts';
import { english } from './sentences/en/index.ts';

type NameOf<P extends string> = P extends `${infer N}|${string}` ? N : P;
type PlaceOf<T extends string> = T extends `${string}{${infer P}}${infer Rest}` ? NameOf<P> | PlaceOf<Rest> : never;

/** Key of a sentence. */
export type SaidKey = keyof typeof english;

/** All keys. */
export const saidKeys = Object.keys(english) as [SaidKey, ...SaidKey[]];

/** What stands in a place of a sentence: a text or number, a moment (milliseconds since 1970), or another sentence or word of the list. */
export type SaidValue = string | number | { at: number } | Said;

/** A sentence by key, with its values. */
export interface Said {
  key: SaidKey;
  values: Record<string, SaidValue>;
}

/** The values that the sentence `K` needs. */
export type SaidValues<K extends SaidKey> = Record<PlaceOf<(typeof english)[K]>, SaidValue>;

/** Makes a {@link Said}; the compiler asks for exactly its values. */
export const said = <K extends SaidKey>(key: K, values: SaidValues<K>): Said => ({ key, values });

/** A word that the program chose itself, such as a kind of shape, by key; one without a key as it is. Never for a person's own words. */
export function word(text: string): Said | string {
  const key = `word.${text}`;
  return Object.hasOwn(english, key) ? { key: key as SaidKey, values: {} } : text;
}

/** How a language writes sentences. */
export interface Writing {
  language: string;
  sentences: Readonly<Record<SaidKey, string>>;
  /** A moment in words. */
  moment: (at: number) => string;
}

/** The sentence in the words of a language. */
export function written({ key, values }: Said, writing: Writing): string {
  const plain = Object.entries(values).map(([place, value]): [string, string | number] => {
    if (typeof value !== 'object') return [place, value];
    return [place, 'at' in value ? writing.moment(value.at) : written(value, writing)];
  });
  return fill(writing.sentences[key], Object.fromEntries(plain), writing.language);
}

const englishWriting: Writing = {
  language: 'en',
  sentences: english,
  moment: (at) => new Date(at).toISOString(),
};

/** The sentence in English, for messages, logs and the command line. */
export const inEnglish = (sentence: Said): string => written(sentence, englishWriting);

/** A value from elsewhere as a {@link Said}; `null` for what is none, such as a key of a newer version. */
export function toSaid(value: unknown): Said | null {
  if (typeof value !== 'object' || value === null || !('key' in value) || !('values' in value)) return null;
  const { key, values } = value;
  if (typeof key !== 'string' || !Object.hasOwn(english, key) || typeof values !== 'object' || values === null)
    return null;
  return Object.values(values).every(isValue) ? { key: key as SaidKey, values: values as Said['values'] } : null;
}

function isValue(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return typeof value === 'string' || typeof value === 'number';
  return ('at' in value && typeof value.at === 'number') || toSaid(value) !== null;
}
