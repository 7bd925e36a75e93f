// SHA-256 of files, compared with the prefix that publishers put into file names.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { fromFileError, StudioError } from '../../shared/errors.ts';

/** SHA-256 of a file as 64 hexadecimal digits. @throws cancelled, file-missing, file-permission */
export async function sha256Of(file: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  try {
    for await (const chunk of createReadStream(file, { signal, highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
  } catch (error) {
    if (signal?.aborted) throw new StudioError('cancelled', `Checking ${file} was cancelled.`, error);
    throw fromFileError(error, file);
  }
  return hash.digest('hex');
}
