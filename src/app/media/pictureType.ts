// What kind of picture bytes are, by how they begin: a file's name says nothing about what is in it.

const text = (bytes: Uint8Array, from: number, to: number): string => String.fromCharCode(...bytes.subarray(from, to));

/** How the formats begin that every browser shows upright by itself. */
const beginnings: readonly [type: string, fits: (head: Uint8Array) => boolean][] = [
  ['image/jpeg', (head) => head[0] === 0xff && head[1] === 0xd8 && head[2] === 0xff],
  ['image/png', (head) => text(head, 0, 8) === '\u0089PNG\r\n\u001a\n'],
  ['image/webp', (head) => text(head, 0, 4) === 'RIFF' && text(head, 8, 12) === 'WEBP'],
  ['image/gif', (head) => /^GIF8[79]a$/.test(text(head, 0, 6))],
  ['image/bmp', (head) => text(head, 0, 2) === 'BM' && text(head, 6, 10) === '\0\0\0\0'],
  ['image/avif', (head) => /^ftypavi[fs]$/.test(text(head, 4, 12))],
];

/** Bytes that {@link shownType} looks at. */
export const headLength = 16;

/** Media type of a picture that browsers show as it is, from its first {@link headLength} bytes; `null` for everything else. */
export const shownType = (head: Uint8Array): string | null => beginnings.find(([, fits]) => fits(head))?.[0] ?? null;
