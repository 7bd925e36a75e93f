// The language of the interface: which catalogue is in use, and the translating functions that views call.
import { toldBy as sentenceOf, type Told } from '../../shared/errors.ts';
import { fill, type MessageValues } from '../../shared/fill.ts';
import { languageOf, type Language } from '../../shared/language.ts';
import { written, type Said } from '../../shared/said.ts';
import { duration as durationIn, moment } from './format.ts';
import { en, type MessageKey } from './en/index.ts';
import { zh } from './zh/index.ts';

export type { Language } from '../../shared/language.ts';
export type { MessageKey } from './en/index.ts';

const catalogues: Record<Language, Readonly<Record<MessageKey, string>>> = { en, zh };

class I18n {
  #language = $state<Language>('en');

  /** The language in use. */
  get language(): Language {
    return this.#language;
  }

  /** Chooses the language; `system` follows `locale` (like `zh-CN`). */
  choose(setting: Language | 'system', locale: string): void {
    this.#language = languageOf(setting, locale);
    document.documentElement.lang = this.#language === 'zh' ? 'zh-Hans' : 'en';
  }

  /** The message `key` in this language. */
  t(key: MessageKey, values: MessageValues = {}): string {
    return fill(catalogues[this.#language][key], values, this.#language);
  }

  /** The message of a key made at run time, or `fallback` when the catalogue has none. */
  maybe(key: string, fallback: string): string {
    return key in en ? this.t(key as MessageKey) : fallback;
  }
}

/** The one language state of the window. */
export const i18n = new I18n();

/** The message `key` in the current language. */
export const t = (key: MessageKey, values?: MessageValues): string => i18n.t(key, values);

/** A number as written in the current language. */
export const number = (value: number): string => value.toLocaleString(i18n.language);

/** A duration in the current language. */
export const duration = (seconds: number): string => durationIn(seconds, i18n.language);

/** A sentence of the host in the current language; `message` is it in English, shown where the host gave no key. */
export function told(message: string, said: Said | null | undefined): string {
  if (!said) return message;
  const { language } = i18n;
  return written(said, { language, sentences: catalogues[language], moment: (at) => moment(at, language) });
}

/** What an error, whatever was thrown, tells the person in the current language. */
export function toldBy(error: unknown): string {
  const { message, said } = sentenceOf(error);
  return told(message, said);
}

/** Several sentences of the host as one. */
export const toldAll = (sentences: readonly Told[]): string =>
  sentences.map(({ message, said }) => told(message, said)).join(i18n.language === 'zh' ? '；' : '; ');
