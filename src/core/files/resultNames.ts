// The one rule for the names of files that are written about pictures: no two alike on any disk, none too long for one.
import { createHash } from 'node:crypto';
import path from 'node:path';

/** How a file is named after its picture. */
export interface NameForm {
  /** `a.xml` for `a.jpg`, where false `a.jpg.xml`. */
  stem: boolean;
  /** With its dot. */
  ending: string;
}

/** A name, and why it isn't simply the picture's. */
export interface ResultName {
  /** Relative path, `/` as separator. */
  name: string;
  /** `taken`: another picture has the plain one, also where upper and lower case are alike; `long`: the plain one is too long. */
  changed: 'taken' | 'long' | null;
}

/** Bytes that file systems allow for one name. */
const longest = 255;

/**
 * A name for each picture, in the order of `pictures` (relative paths that differ, `/` as separator). No name is another's, or that of a
 * folder among them, on disks that take upper and lower case, or composed and decomposed letters, for the same.
 */
export function resultNames(pictures: readonly string[], { stem, ending }: NameForm): ResultName[] {
  const taken = new Set(pictures.flatMap(foldersOf).map(keyOf));
  return pictures.map((picture) => {
    const extension = path.posix.extname(picture);
    const base = stem ? picture.slice(0, picture.length - extension.length) : picture;
    const further = extension === '' ? '' : `_${extension.slice(1)}`;
    let name = fitted(base, ending, picture);
    for (let n = 1; taken.has(keyOf(name)); n++)
      name = fitted(`${base}${further}${n === 1 && further ? '' : n}`, ending, `${picture} ${n}`);
    taken.add(keyOf(name));
    const changed = name === base + ending ? null : isLong(base + ending) ? 'long' : 'taken';
    return { name, changed };
  });
}

/** The folders above a picture. */
function foldersOf(picture: string): string[] {
  const parts = picture.split('/').slice(0, -1);
  return parts.map((_, i) => parts.slice(0, i + 1).join('/'));
}

const keyOf = (name: string): string => name.normalize('NFC').toLowerCase();

const isLong = (name: string): boolean => Buffer.byteLength(path.posix.basename(name)) > longest;

/** The name with its ending; one that is too long keeps its beginning, and gets the first digits of a hash of `whole`. */
function fitted(base: string, ending: string, whole: string): string {
  const name = base + ending;
  if (!isLong(name)) return name;
  const hash = createHash('sha256').update(whole).digest('hex').slice(0, 10);
  const folder = path.posix.dirname(base);
  const room = longest - Buffer.byteLength(`~${hash}${ending}`);
  const short = `${cut(path.posix.basename(base), room)}~${hash}${ending}`;
  return folder === '.' ? short : `${folder}/${short}`;
}

/** The beginning of a text, at most `bytes` long, without half a letter at its end. */
function cut(text: string, bytes: number): string {
  let length = 0;
  let end = 0;
  for (const letter of text) {
    length += Buffer.byteLength(letter);
    if (length > bytes) break;
    end += letter.length;
  }
  return text.slice(0, end);
}
