// Opens files that other people named or left: never a pipe, a device or a socket, which would block for good or never end.
import { constants } from 'node:fs';
import { open, stat, type FileHandle } from 'node:fs/promises';
import { fromFileError, saying, type ErrorCode } from '../../shared/errors.ts';

/** Windows has no such flag. Elsewhere a pipe put in a file's place between looking and opening doesn't block either. */
const withoutWaiting = (constants as Partial<typeof constants>).O_NONBLOCK ?? 0;

/** A file and its size in bytes. */
export interface PlainFile {
  handle: FileHandle;
  size: number;
}

/**
 * Opens `file` for reading; whoever calls closes it.
 * @throws file-missing, file-permission (also when it is a folder, a pipe, a device or a socket), naming the file
 */
export async function openPlainFile(file: string): Promise<PlainFile> {
  try {
    await checkPlain(file, stat(file)); // before it is opened: opening a device may do something already
    const handle = await open(file, constants.O_RDONLY | withoutWaiting);
    try {
      return { handle, size: await checkPlain(file, handle.stat()) };
    } catch (error) {
      await handle.close();
      throw error;
    }
  } catch (error) {
    throw fromFileError(error, file);
  }
}

async function checkPlain(file: string, asked: ReturnType<typeof stat>): Promise<number> {
  const info = await asked;
  if (info.isFile()) return Number(info.size);
  throw saying('file-permission', info.isDirectory() ? 'file.isFolder' : 'file.notPlain', { file });
}

/** Opens `file`, runs `use`, and closes it. Errors: as {@link openPlainFile}; those of `use` about the file are told likewise. */
export async function withPlainFile<T>(file: string, use: (opened: PlainFile) => Promise<T>): Promise<T> {
  const opened = await openPlainFile(file);
  try {
    return await use(opened);
  } catch (error) {
    throw fromFileError(error, file);
  } finally {
    await opened.handle.close();
  }
}

/** All bytes of `file`. Errors: as {@link openPlainFile}, and `code` when it has more than `most` bytes. */
export function readWholeFile(file: string, most: number, code: ErrorCode): Promise<Buffer> {
  return withPlainFile(file, ({ handle, size }) => {
    if (size <= most) return handle.readFile();
    const inMegabytes = (bytes: number): number => Math.round(bytes / 2 ** 20);
    throw saying(code, 'file.tooLarge', { file, size: inMegabytes(size), most: inMegabytes(most) });
  });
}

/** The bytes of `file` piece by piece, `highWaterMark` at a time. Errors: as {@link openPlainFile}, before the first piece. */
export async function* readPieces(file: string, highWaterMark = 1 << 18): AsyncGenerator<Buffer, void> {
  const { handle } = await openPlainFile(file);
  try {
    yield* handle.createReadStream({ highWaterMark, autoClose: false }) as AsyncIterable<Buffer>;
  } catch (error) {
    throw fromFileError(error, file);
  } finally {
    await handle.close();
  }
}
