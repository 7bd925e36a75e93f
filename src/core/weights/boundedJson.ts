// JSON out of a weight file: its size and nesting are bounded before it is parsed, since parsed values take forty times the bytes.
import { StudioError } from '../../shared/errors.ts';
import type { FileBytes } from './fileBytes.ts';

/** Longest JSON read, in bytes: a network of 30,000 tensors; TTFNet-53 with its optimizer has a fortieth of it. */
export const maxJsonBytes = 4 << 20;

/** Deepest nesting: a graph's lists of shapes have ten levels. */
const maxDepth = 64;

/** Whether brackets outside of strings are nested deeper than {@link maxDepth}. */
function isTooDeep(text: Uint8Array): boolean {
  let [depth, inString] = [0, false];
  for (let i = 0; i < text.length; i++) {
    const byte = text[i]!;
    if (inString) {
      if (byte === 0x5c) i++;
      else if (byte === 0x22) inString = false;
    } else if (byte === 0x22) inString = true;
    else if (byte === 0x5b || byte === 0x7b) {
      if (++depth > maxDepth) return true;
    } else if (byte === 0x5d || byte === 0x7d) depth--;
  }
  return false;
}

/**
 * Parses `length` bytes of a file from `position`.
 * @param what the JSON is to the file, for messages: `its header`
 * @throws model-invalid when it is too long, nested too deep, past the file's end, or not JSON
 */
export async function readJson(bytes: FileBytes, position: number, length: number, what: string): Promise<unknown> {
  if (length > maxJsonBytes)
    throw new StudioError(
      'model-invalid',
      `${bytes.file}: ${what} claims ${length} bytes; at most ${maxJsonBytes} are read, which is more than any network needs.`,
    );
  const text = await bytes.read(position, length);
  if (isTooDeep(text))
    throw new StudioError('model-invalid', `${bytes.file}: ${what} is nested deeper than any network's. Refused.`);
  try {
    return JSON.parse(new TextDecoder().decode(text)) as unknown;
  } catch (error) {
    throw new StudioError(
      'model-invalid',
      `${bytes.file}: ${what} is not JSON, or is truncated. Copy or export it again.`,
      error,
    );
  }
}
