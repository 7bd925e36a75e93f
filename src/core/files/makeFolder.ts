// Makes folders, and says truly why one can't be made.
import { mkdir } from 'node:fs/promises';
import { fromFileError, saying } from '../../shared/errors.ts';

/**
 * Makes a folder and what is missing above it.
 * @throws file-permission (also a read-only disk, or a file in its place), disk-full, naming the folder
 */
export async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST')
      throw saying('file-permission', 'file.isFile', { folder }, error);
    const known = fromFileError(error, folder);
    // Node says "does not exist" of a recursive mkdir on a read-only disk; the plain call tells the truth.
    if (known.code === 'file-missing')
      await mkdir(folder).catch((plain: unknown) => {
        throw fromFileError(plain, folder);
      });
    throw known;
  }
}
