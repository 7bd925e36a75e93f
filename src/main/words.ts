// Sentences of the desktop shell itself, in the language that a person chose or, before any choice, the machine's.
import { english } from '../shared/sentences/en/index.ts';
import { chinese } from '../shared/sentences/zh/index.ts';
import { languageOf, type Language } from '../shared/language.ts';
import { written, type Said, type SaidKey } from '../shared/said.ts';

/** A language setting as it is kept. */
export type LanguageSetting = 'system' | Language;

/** What the shell says. */
export interface Words {
  /** A sentence of the host. */
  say: (sentence: Said) => string;
  /** A word of the shell that has no values. */
  word: (key: Extract<SaidKey, `desktop.${string}`>) => string;
}

/** The words of a language; `system` follows `locale`, such as `zh-CN`, as the interface does. */
export function wordsIn(setting: LanguageSetting, locale: string): Words {
  const language = languageOf(setting, locale);
  const sentences = language === 'zh' ? chinese : english;
  const moment = (at: number) => new Date(at).toLocaleString(language);
  return {
    say: (sentence) => written(sentence, { language, sentences, moment }),
    word: (key) => sentences[key],
  };
}
