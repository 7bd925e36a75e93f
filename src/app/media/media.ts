// Pixels as `Request -> Response` under `/media/`: by ids of open projects only, with caching that a changed file breaks. Same for both shells.
import { readFile, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { openPlainFile } from '../../core/files/plainFile.ts';
import { fromFileError, saying, StudioError } from '../../shared/errors.ts';
import { numberOf } from '../host/openProject.ts';
import type { Services } from '../host/services.ts';
import { safeHeaders, textResponse } from './assets.ts';
import { headLength, shownType } from './pictureType.ts';

/** Answers one kind of address; `parts` are what follows the kind's name. */
export type MediaHandler = (parts: readonly string[], request: Request) => Promise<Response>;

const statusOf: Partial<Record<string, number>> = {
  'argument-invalid': 404,
  'file-missing': 404,
  'file-permission': 403,
  'not-allowed': 403,
  'image-unreadable': 415,
  'image-too-large': 413,
  cancelled: 499,
};

/** Makes the media function. Failures are answered with the sentence in English, the error's code in `X-Error-Code` and the sentence by key in `X-Error-Said`. */
export function createMedia(services: Services): (request: Request) => Promise<Response> {
  const { log } = services.options;
  return async (request) => {
    try {
      const parts = partsOf(request);
      if (parts === null) return textResponse(400, 'This address is malformed.');
      return await route(services, parts, request);
    } catch (error) {
      const known = error instanceof StudioError ? error : new StudioError('internal', String(error), error);
      if (known.code === 'internal') log('media', error);
      const response = textResponse(statusOf[known.code] ?? 500, known.message);
      response.headers.set('X-Error-Code', known.code);
      if (known.said) response.headers.set('X-Error-Said', encodeURIComponent(JSON.stringify(known.said)));
      return response;
    }
  };
}

/** What follows `/media/`; `null` when it can't be decoded. */
function partsOf(request: Request): string[] | null {
  try {
    return new URL(request.url).pathname.split('/').slice(2).map(decodeURIComponent);
  } catch {
    return null;
  }
}

function route(services: Services, parts: readonly string[], request: Request): Promise<Response> {
  const [first = '', kind = '', id = ''] = parts;
  if (first === 'cover') return cover(services, kind);
  if (kind === 'thumbnail') return thumbnail(services, first, id, request);
  if (kind === 'image') return picture(services, first, id, request);
  if (kind === 'heatmap' || kind === 'distances') return planes(services, kind, id);
  if (kind === 'preview') return preview(services, parts);
  if (kind === 'sample') return sample(services, id);
  if (first === 'jobs' && kind === 'result') return result(services, id, parts[3] ?? '', request);
  throw new StudioError('argument-invalid', 'There is no such picture.');
}

/** Bytes that stay the same under their address. */
const unchanging = (bytes: Uint8Array, type: string): Response =>
  new Response(new Uint8Array(bytes), {
    headers: { 'Content-Type': type, 'Cache-Control': 'private, max-age=600', ...safeHeaders },
  });

type Planes = 'heatmap' | 'distances';

async function planes({ heatmaps }: Services, kind: Planes, id: string): Promise<Response> {
  const { scores, distances } = await heatmaps.kept(id);
  const made: Record<Planes, Uint8Array> = {
    heatmap: scores,
    distances: new Uint8Array(distances.buffer, distances.byteOffset, distances.byteLength),
  };
  return unchanging(made[kind], 'application/octet-stream');
}

async function preview(
  { projects }: Services,
  [project = '', , run = '', image = '']: readonly string[],
): Promise<Response> {
  const { folder } = projects.get(project).store.run(numberOf(run));
  const file = folder === null ? '' : path.join(folder, 'previews', `${numberOf(image)}.webp`);
  const bytes = await readFile(file).catch(() => null);
  if (bytes === null) throw new StudioError('file-missing', 'This picture has not been painted yet.');
  return unchanging(bytes, 'image/webp');
}

/** A picture of an augmented training image: only those made last are kept. */
function sample({ samples }: Services, id: string): Promise<Response> {
  return Promise.resolve(unchanging(samples.picture(id), 'image/webp'));
}

/** The picture of a job's file: only files that the job itself found. */
async function result(
  { detectJobs, workers, options }: Services,
  job: string,
  index: string,
  request: Request,
): Promise<Response> {
  const { results } = await detectJobs.results(job);
  const image = results[numberOf(index)];
  if (!image) throw saying('argument-invalid', 'detect.fileGone', {});
  const side = sideFor(request, 1024);
  const tag = `${Math.round(image.modified)}-${image.size}-${side}`;
  if (request.headers.get('if-none-match') === `"${tag}"`)
    return bytesResponse(new Uint8Array(), 'image/webp', tag, request);
  await options.access.checkLinks(image.file);
  const bytes = await workers.pixels.call('thumbnail', { file: image.file, side }, { signal: request.signal });
  return bytesResponse(bytes, 'image/webp', tag, request);
}

/** Bytes with caching headers; `tag` names their content. */
export function bytesResponse(bytes: Uint8Array, type: string, tag: string, request: Request): Response {
  const headers = { 'Content-Type': type, ETag: `"${tag}"`, 'Cache-Control': 'private, no-cache', ...safeHeaders };
  if (request.headers.get('if-none-match') === headers.ETag) return new Response(null, { status: 304, headers });
  return new Response(new Uint8Array(bytes), { headers: { ...headers, 'Content-Length': String(bytes.length) } });
}

async function cover({ options }: Services, id: string): Promise<Response> {
  if (!/^[0-9a-f]{16}$/.test(id)) throw new StudioError('argument-invalid', 'There is no such cover.');
  const file = path.join(options.dataFolder, 'covers', `${id}.webp`);
  const bytes = await readFile(file).catch(() => null);
  if (bytes === null) throw new StudioError('file-missing', 'This project has no cover yet.');
  return new Response(new Uint8Array(bytes), {
    headers: { 'Content-Type': 'image/webp', 'Cache-Control': 'private, max-age=60', ...safeHeaders },
  });
}

const sides = [64, 128, 256, 512, 1024];

/** The kept size that serves the one asked for. */
function sideFor(request: Request, otherwise: number): number {
  const asked = Number(new URL(request.url).searchParams.get('size') ?? otherwise);
  return sides.find((side) => side >= asked) ?? 1024;
}

async function thumbnail(
  { projects, workers }: Services,
  project: string,
  id: string,
  request: Request,
): Promise<Response> {
  const open = projects.get(project);
  const row = open.image(id);
  const side = sideFor(request, 256);
  const tag = `${row.hash || row.modified}-${side}`;
  if (request.headers.get('if-none-match') === `"${tag}"`)
    return bytesResponse(new Uint8Array(), 'image/webp', tag, request);
  const kept = row.hash === '' ? null : open.store.thumbnails.get(row.hash, side);
  if (kept) return bytesResponse(kept, 'image/webp', tag, request);
  const made = await workers.pixels.call(
    'thumbnail',
    { file: await open.fileOf(row), side },
    { signal: request.signal },
  );
  if (row.hash !== '') open.store.thumbnails.put(row.hash, side, made);
  return bytesResponse(made, 'image/webp', tag, request);
}

async function picture(
  { projects, workers }: Services,
  project: string,
  id: string,
  request: Request,
): Promise<Response> {
  const open = projects.get(project);
  return fileResponse(await open.fileOf(open.image(id)), workers, request);
}

/**
 * An image file as it is where browsers show it upright, else converted; what it is, its bytes say and not its name.
 * Errors: `file-*`, `image-unreadable` for what is no picture.
 */
export async function fileResponse(file: string, workers: Services['workers'], request: Request): Promise<Response> {
  const { handle, size } = await openPicture(file);
  try {
    const tag = `${Math.round((await handle.stat()).mtimeMs)}-${size}`;
    const type = await typeOf(handle);
    const known = request.headers.get('if-none-match') === `"${tag}"`;
    if (type !== null && !known) return streamed(handle, size, type, tag); // which closes it
    await handle.close();
    if (type !== null) return bytesResponse(new Uint8Array(), type, tag, request);
    const { bytes, type: made } = await workers.pixels.call('picture', { file }, { signal: request.signal });
    return bytesResponse(bytes, made, tag, request);
  } catch (error) {
    await handle.close();
    throw fromFileError(error, file);
  }
}

const openPicture = (file: string) =>
  openPlainFile(file).catch((error: unknown) => {
    const missing = error instanceof StudioError && error.code === 'file-missing' && error.said?.key === 'file.missing';
    throw missing ? saying('file-missing', 'file.gone', { file }) : error;
  });

async function typeOf(handle: FileHandle): Promise<string | null> {
  const { buffer, bytesRead } = await handle.read(new Uint8Array(headLength), 0, headLength, 0);
  return shownType(buffer.subarray(0, bytesRead));
}

function streamed(handle: FileHandle, size: number, type: string, tag: string): Response {
  const headers = {
    'Content-Type': type,
    ETag: `"${tag}"`,
    'Cache-Control': 'private, no-cache',
    'Content-Length': String(size),
  };
  const end = Math.max(0, size - 1); // never more than was announced, also of a file that grows
  const body = Readable.toWeb(handle.createReadStream({ start: 0, end })) as ReadableStream<Uint8Array>;
  return new Response(body, { headers: { ...headers, ...safeHeaders } });
}
