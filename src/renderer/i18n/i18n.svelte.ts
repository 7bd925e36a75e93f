// The language of the interface: which catalogue is in use, and the translating functions that views call.
import type { Said } from '../../shared/said.ts';
import { duration as durationIn } from './format.ts';
import { en, type MessageKey } from './en/index.ts';
import { fill, type MessageValues } from './translate.ts';
import { zh } from './zh/index.ts';

export type { MessageKey } from './en/index.ts';

/** Languages that have a catalogue. */
export type Language = 'en' | 'zh';

const catalogues: Record<Language, Readonly<Record<MessageKey, string>>> = { en, zh };

class I18n {
  #language = $state<Language>('en');

  /** The language in use. */
  get language(): Language {
    return this.#language;
  }

  /** Chooses the language; `system` follows `locale` (like `zh-CN`). */
  choose(setting: Language | 'system', locale: string): void {
    this.#language = setting === 'system' ? (locale.toLowerCase().startsWith('zh') ? 'zh' : 'en') : setting;
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
export const told = (message: string, said: Said | null | undefined): string =>
  said ? i18n.t(`said.${said.key}`, wordsOf(said.values)) : message;

/** Values that are themselves words of the program, such as which process stopped, in the current language. */
function wordsOf(values: Said['values']): MessageValues {
  const word = (value: string | number) =>
    typeof value === 'string' ? i18n.maybe(`said.value.${value}`, value) : value;
  return Object.fromEntries(Object.entries(values).map(([place, value]) => [place, word(value)]));
}
