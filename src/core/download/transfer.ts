// One HTTP transfer into a part file: ranges, the server's refusals, cut connections, silence, space on the disk.
import type { FileHandle } from 'node:fs/promises';
import { open, statfs } from 'node:fs/promises';
import path from 'node:path';
import { fromFileError, StudioError } from '../../shared/errors.ts';
import type { ModelEntry } from './modelIndex.ts';
import type { PartFile } from './partFile.ts';
import { rememberOrigin, resumable } from './partFile.ts';

/** How far a download is, in bytes; `total` is null where the server doesn't say. */
export interface DownloadProgress {
  readonly received: number;
  readonly total: number | null;
}

/** What to fetch, and where to put it. */
export interface Transfer {
  readonly url: string;
  readonly part: PartFile;
  readonly entry: ModelEntry;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: ((progress: DownloadProgress) => void) | undefined;
  readonly timeoutSeconds: number;
}

/** Aborts when nothing was heard for a while; `heard` starts the clock again. */
interface Watch {
  readonly signal: AbortSignal;
  readonly heard: () => void;
  readonly stop: () => void;
}

function watch(seconds: number, signal: AbortSignal | undefined): Watch {
  const silence = new AbortController();
  const start = (): NodeJS.Timeout => setTimeout(() => silence.abort(new Error('silence')), seconds * 1000);
  let timer = start();
  return {
    signal: AbortSignal.any(signal ? [signal, silence.signal] : [silence.signal]),
    heard: () => {
      clearTimeout(timer);
      timer = start();
    },
    stop: () => clearTimeout(timer),
  };
}

function failed(t: Transfer, what: string, cause?: unknown): StudioError {
  return new StudioError(
    'download-failed',
    `${t.entry.file} could not be downloaded from ${t.url}: ${what}. What has arrived is kept: try again to continue, ` +
      'give a mirror, or download the file by other means and add it from disk.',
    cause,
  );
}

/** Says why fetch or its body failed. */
function networkError(t: Transfer, w: Watch, error: unknown): StudioError {
  if (error instanceof StudioError) return error;
  if (t.signal?.aborted)
    return new StudioError('cancelled', `Downloading ${t.entry.file} was cancelled; the next attempt continues it.`);
  if (w.signal.aborted) return failed(t, `the server sent nothing for ${t.timeoutSeconds} seconds`, error);
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
  return failed(t, `the connection failed (${code})`, error);
}

interface Body {
  readonly stream: ReadableStream<Uint8Array>;
  /** Where its first byte belongs in the file. */
  readonly start: number;
  /** Size of the whole file, where the server says. */
  readonly total: number | null;
  readonly validator: string | null;
}

const strongTag = (tag: string | null): string | null => (tag?.startsWith('"') ? tag : null);

function numberOrNull(text: string | null | undefined): number | null {
  return text && /^\d{1,15}$/.test(text) ? Number(text) : null;
}

/** Understands the answer; null when the part is not what the server has, so that it must be fetched from the beginning. */
function bodyOf(t: Transfer, response: Response, have: number): Body | null {
  const { status, headers } = response;
  if (status === 416 && have > 0) return null;
  if (status !== 200 && status !== 206)
    throw failed(t, `the server answered ${status} ${response.statusText}`.trimEnd());
  const range = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(headers.get('content-range') ?? '');
  const start = status === 206 ? numberOrNull(range?.[1]) : 0;
  if (start === null || (start !== have && start !== 0)) return null;
  if (!response.body) throw failed(t, 'the server sent no content');
  const total = numberOrNull(status === 206 ? range?.[2] : headers.get('content-length'));
  const validator = strongTag(headers.get('etag')) ?? headers.get('last-modified');
  return { stream: response.body, start, total, validator };
}

async function request(t: Transfer, w: Watch, have: number, validator: string | null): Promise<Body | null> {
  const headers: Record<string, string> = { 'accept-encoding': 'identity' };
  if (have > 0) headers['range'] = `bytes=${have}-`;
  if (have > 0 && validator !== null) headers['if-range'] = validator;
  const response = await fetch(t.url, { headers, signal: w.signal });
  const body = bodyOf(t, response, have);
  if (!body) await response.body?.cancel();
  return body;
}

/** Starts the transfer, continuing the part where server and version allow. */
async function connect(t: Transfer, w: Watch): Promise<Body> {
  const { size, validator } = await resumable(t.part, t.url);
  const continued = size > 0 ? await request(t, w, size, validator) : null;
  const body = continued ?? (await request(t, w, 0, null));
  if (!body) throw failed(t, 'the server answered with a part of the file that was not asked for');
  return body;
}

/** A server that never ends, or sends something else altogether, must not fill the disk. */
function largestAllowed(t: Transfer): number {
  return t.entry.megabytes * 4e6 + 1e6;
}

async function checkSpace(t: Transfer, body: Body): Promise<void> {
  const needed = (body.total ?? t.entry.megabytes * 1e6) - body.start;
  if (body.total !== null && body.total > largestAllowed(t))
    throw failed(t, `the server offers ${body.total} bytes where about ${t.entry.megabytes} MB are expected`);
  const folder = path.dirname(t.part.data);
  const { bavail, bsize } = await statfs(folder);
  if (bavail * bsize < needed)
    throw new StudioError(
      'disk-full',
      `${folder} has ${Math.floor((bavail * bsize) / 1e6)} MB free, ${Math.ceil(needed / 1e6)} MB are needed for ` +
        `${t.entry.file}. Free some space or choose another folder.`,
    );
}

async function writeBody(t: Transfer, w: Watch, body: Body, handle: FileHandle): Promise<number> {
  let received = body.start;
  for await (const chunk of body.stream) {
    w.heard();
    if (received + chunk.length > largestAllowed(t)) throw failed(t, 'the server sends far more than the file has');
    await handle.writeFile(chunk).catch((error: unknown) => {
      throw fromFileError(error, t.part.data);
    });
    received += chunk.length;
    t.onProgress?.({ received, total: body.total });
  }
  await handle.sync();
  return received;
}

async function receive(t: Transfer, w: Watch, body: Body): Promise<void> {
  await rememberOrigin(t.part, { url: t.url, validator: body.validator });
  const handle = await open(t.part.data, body.start > 0 ? 'a' : 'w');
  try {
    const received = await writeBody(t, w, body, handle);
    if (body.total !== null && received < body.total)
      throw failed(t, `the connection was cut after ${received} of ${body.total} bytes`);
  } finally {
    await handle.close();
  }
}

/**
 * Fetches the rest of a part file. Afterwards the part is complete as far as the server says; its content is not yet verified.
 * @throws download-failed, disk-full, cancelled; the part stays, to be continued
 */
export async function transfer(t: Transfer): Promise<void> {
  const w = watch(t.timeoutSeconds, t.signal);
  try {
    t.signal?.throwIfAborted();
    const body = await connect(t, w);
    w.heard();
    try {
      await checkSpace(t, body);
      await receive(t, w, body);
    } catch (error) {
      await body.stream.cancel().catch(() => undefined); // it is over either way
      throw error;
    }
  } catch (error) {
    throw networkError(t, w, error);
  } finally {
    w.stop();
  }
}
