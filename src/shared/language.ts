// Which language the program speaks.

/** Languages that have a catalogue. */
export type Language = 'en' | 'zh';

/** The language of a setting; `system` follows `locale`, such as `zh-CN`. */
export function languageOf(setting: Language | 'system', locale: string): Language {
  if (setting !== 'system') return setting;
  return locale.toLowerCase().startsWith('zh') ? 'zh' : 'en';
}
