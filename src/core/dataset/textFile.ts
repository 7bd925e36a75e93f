// Text of other people's files: in the encoding that they declare or begin with, and never two words made one by a wrong guess.
import { saying } from '../../shared/errors.ts';

/** Text, and the encoding that was assumed where the bytes aren't what they should be; null when nothing was assumed. */
export interface Decoded {
  text: string;
  assumed: string | null;
}

/** What is assumed of bytes that are no UTF-8: every byte is a character of its own, so that different words stay different. */
export const fallbackEncoding = 'windows-1252';

/**
 * Decodes a file's bytes: by its byte order mark, by the encoding that an XML file declares, else as UTF-8; bytes that are none of it as
 * {@link fallbackEncoding}. Error: `annotation-invalid` for a declared encoding that nobody knows. `file` is for messages.
 */
export function decodeText(bytes: Uint8Array, file: string): Decoded {
  const marked = encodingOfMark(bytes);
  if (marked !== null) return { text: new TextDecoder(marked).decode(bytes), assumed: null };
  const declared = declaredEncoding(bytes);
  try {
    return { text: new TextDecoder(declared ?? 'utf-8', { fatal: true }).decode(bytes), assumed: null };
  } catch (error) {
    if (error instanceof RangeError)
      throw saying('annotation-invalid', 'annotation.encoding', { file, encoding: declared ?? '' }, error);
    return { text: new TextDecoder(fallbackEncoding).decode(bytes), assumed: fallbackEncoding };
  }
}

/** Encoding by byte order mark, or by the zeros in UTF-16 without one; null for anything else. */
export function encodingOfMark(bytes: Uint8Array): string | null {
  const [a, b] = bytes;
  if ((a === 0xff && b === 0xfe) || (isText(a) && b === 0)) return 'utf-16le';
  if ((a === 0xfe && b === 0xff) || (a === 0 && isText(b))) return 'utf-16be';
  return null;
}

const isText = (byte: number | undefined): boolean => byte !== undefined && byte >= 0x09 && byte < 0x7f;

function declaredEncoding(bytes: Uint8Array): string | null {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 200)).toString('latin1');
  const name = /^(?:ï»¿)?\s*<\?xml[^>]*\sencoding\s*=\s*["']([^"']+)["']/.exec(head)?.[1];
  return name === undefined || /^utf-?16/i.test(name) ? null : name; // bytes of UTF-16 have been recognised before
}
