// A sort key that puts `img2` before `img10`, ready for a plain byte-wise index.

const digits = /\d+/g;

/**
 * The key of a relative path: without regard to case, numbers by value, a folder's files before those of folders that follow it.
 * Numbers are written with their length in front, so that more digits sort later.
 */
export function naturalKey(path: string): string {
  const number = (run: string): string => {
    const value = run.replace(/^0+(?=\d)/, '');
    return String(Math.min(value.length, 99)).padStart(2, '0') + value;
  };
  return searchText(path).replaceAll('/', '\u0001').replace(digits, number);
}

/** A path as text search compares it: composed Unicode, lower case. */
export const searchText = (path: string): string => path.normalize('NFC').toLowerCase();
