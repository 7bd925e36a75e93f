// When two names of files or classes are the same name.

/** A name to compare by: file systems differ in case and in the normal form of accents, and the files that people share cross them. */
export const fileKey = (name: string): string => name.normalize('NFC').toLowerCase();
