// Positioned, bounds-checked reads from a weight file: a claimed size never allocates more than the file really has.
import { open, stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { fromFileError, StudioError } from '../../shared/errors.ts';

/** An open weight file. */
export interface FileBytes {
  readonly file: string;
  /** Bytes. */
  readonly size: number;
  /**
   * `length` bytes from `position`, in an ArrayBuffer of their own (so any element type can view them).
   * @throws model-invalid when the file ends before that
   */
  read(position: number, length: number): Promise<Uint8Array<ArrayBuffer>>;
}

function truncated(file: string, size: number): StudioError {
  return new StudioError(
    'model-invalid',
    `${file} is truncated or damaged: it refers to data past its end (${size} bytes). Copy or download it again.`,
  );
}

async function readAt(handle: FileHandle, bytes: Uint8Array, position: number): Promise<boolean> {
  let done = 0;
  while (done < bytes.length) {
    const { bytesRead } = await handle.read(bytes, done, Math.min(bytes.length - done, 1 << 30), position + done);
    if (bytesRead === 0) return false;
    done += bytesRead;
  }
  return true;
}

function fileBytes(handle: FileHandle, file: string, size: number): FileBytes {
  return {
    file,
    size,
    read: async (position, length) => {
      const valid = Number.isSafeInteger(position) && Number.isSafeInteger(length) && position >= 0 && length >= 0;
      if (!valid || position + length > size) throw truncated(file, size);
      const bytes = new Uint8Array(length);
      if (!(await readAt(handle, bytes, position))) throw truncated(file, size);
      return bytes;
    },
  };
}

/**
 * Opens `file`, runs `use`, and closes it.
 * @throws file-missing, file-permission as {@link fromFileError} says, also when it is no plain file; model-invalid when the file is empty
 */
export async function withFileBytes<T>(file: string, use: (bytes: FileBytes) => Promise<T>): Promise<T> {
  const fail = (error: unknown): never => {
    throw fromFileError(error, file);
  };
  // Before it is opened: opening a pipe waits for somebody to write into it.
  if (!(await stat(file).catch(fail)).isFile())
    throw new StudioError('file-permission', `${file} is not a file. Choose a model file.`);
  const handle = await open(file, 'r').catch(fail);
  try {
    const { size } = await handle.stat();
    if (size === 0) throw new StudioError('model-invalid', `${file} is empty. Copy or download it again.`);
    return await use(fileBytes(handle, file, size));
  } catch (error) {
    throw fromFileError(error, file);
  } finally {
    await handle.close();
  }
}
