// Reading many small annotation files: their text, with its errors reported, several files at a time.
import { fromFileError, saying, StudioError, toldBy } from '../../shared/errors.ts';
import { said } from '../../shared/said.ts';
import { readWholeFile } from '../files/plainFile.ts';
import type { ReadOptions } from './adapter.ts';
import { checkCancelled, mapLimit } from './folderFiles.ts';
import { isDeep, maxTextBytes, tooDeep } from './limits.ts';
import type { Report } from './report.ts';
import { decodeText } from './textFile.ts';

/**
 * Text of a file; null, and an entry in the report, when it can't be read or is too large to be. An assumed encoding goes to the report
 * as well.
 */
export async function readText(file: string, report: Report): Promise<string | null> {
  try {
    const { text, assumed } = decodeText(await readWholeFile(file, maxTextBytes, 'annotation-invalid'), file);
    if (assumed !== null) report.lose(file, 'guessed', said('loss.encoding', { encoding: assumed }));
    return text;
  } catch (error) {
    report.lose(file, 'unreadable', toldBy(fromFileError(error, file)));
    return null;
  }
}

/** Parses; null, and an entry in the report, when the text is not what it should be. Other errors pass. */
export function tryParse<T>(file: string, report: Report, parse: () => T): T | null {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof StudioError) || error.code === 'cancelled') throw error;
    report.lose(file, 'unreadable', toldBy(error));
    return null;
  }
}

/** Parses JSON. Error: `annotation-invalid` with file and line. */
export function parseJson(text: string, file: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const line = text.slice(0, placeOfError(reason, text)).split('\n').length;
    const detail = reason.replaceAll(/\s+/g, ' ');
    throw saying('annotation-invalid', 'annotation.json', { file, line: String(line), detail }, error);
  }
  if (isDeep(value)) throw tooDeep(file);
  return value;
}

/** Engines tell the position of a mistake, or quote some text around it, or neither when the text ends too early. */
function placeOfError(reason: string, text: string): number {
  const position = /position (\d+)/.exec(reason)?.[1];
  if (position !== undefined) return Number(position);
  const quoted = /"([\s\S]+)"(?:\.\.\.)? is not valid JSON$/.exec(reason)?.[1];
  const at = quoted === undefined ? -1 : text.indexOf(quoted);
  return at < 0 ? text.length : at + Math.floor((quoted ?? '').length / 2); // the mistake is in the middle of the quotation
}

/** Calls `work` for each file, several at a time, with progress and cancellation; results in order. */
export function eachFile<T, R>(items: readonly T[], options: ReadOptions, work: (item: T) => Promise<R>): Promise<R[]> {
  let done = 0;
  return mapLimit(items, 8, async (item) => {
    checkCancelled(options);
    const result = await work(item);
    done++;
    options.onProgress?.({ done, total: items.length, unit: 'files' });
    return result;
  });
}
