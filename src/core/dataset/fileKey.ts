// When two names of files or classes are the same name.

/** A name to compare by: file systems differ in case and in the normal form of accents, and the files that people share cross them. */
export const fileKey = (name: string): string => {
  const lower = name.toLowerCase();
  return /^[\0-\x7f]*$/.test(lower) ? lower : lower.normalize('NFC');
};
