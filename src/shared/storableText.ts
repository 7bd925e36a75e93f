// Text that a project file gives back as it was: without NUL, where SQLite's binding ends a text, and without halves of surrogate pairs.

const unstorable = /\0|\p{Surrogate}/u;

/** Whether a text can be kept exactly. */
export const isStorable = (text: string): boolean => !unstorable.test(text);

/** The text with the replacement character (U+FFFD) in place of each character that can't be kept. */
export const storable = (text: string): string =>
  isStorable(text) ? text : text.replaceAll(/\0|\p{Surrogate}/gu, '\ufffd');

/** A text for a sentence about it: what can't be seen is written as `\u0000`. */
export const visible = (text: string): string =>
  text.replaceAll(/\p{Cc}|\p{Surrogate}/gu, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
