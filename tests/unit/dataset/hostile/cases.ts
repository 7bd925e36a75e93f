// Small label files that ask for much. Each is a folder of files beside the picture a.png, and what must be said about it.
import type { FormatName } from '../../../../src/core/dataset/adapter.ts';

/** One folder: files by name, and a pattern of the code, the message or what was left out. */
export interface HostileCase {
  files: Record<string, string | Uint8Array>;
  says: RegExp;
  /** Where the files look like no format. */
  format?: FormatName;
}

/** Cases by name. */
export type HostileCases = Record<string, HostileCase>;

/** One file. */
export const one = (name: string, content: string, says: RegExp, format?: FormatName): HostileCase => ({
  files: { [name]: content },
  says,
  ...(format && { format }),
});

/** `count` pieces, joined. */
export const many = (count: number, piece: (i: number) => string, between = ''): string =>
  Array.from({ length: count }, (_, i) => piece(i)).join(between);
