// Browser mode: the same interface, contract and pixels as the window, over loopback HTTP, behind a secret link. `ttfnet-studio serve` calls this.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { statSync } from 'node:fs';
import type { AddressInfo, Socket } from 'node:net';
import path from 'node:path';
import { homedir } from 'node:os';
import { Access } from '../app/host/access.ts';
import { builtFiles, dataFolder, type BuiltFiles } from '../app/host/folders.ts';
import type { LogError } from '../app/host/wireErrors.ts';
import { createAssets, safeHeaders, textResponse } from '../app/media/assets.ts';
import { openStudio, type Studio } from '../app/studio.ts';
import { forkChild } from '../app/worker/forkChild.ts';
import type { Spawn } from '../app/worker/workerClient.ts';
import { fromFileError, saying, StudioError } from '../shared/errors.ts';
import { Guard } from './guard.ts';
import { sendResponse, toRequest } from './http.ts';
import { Keys } from './keys.ts';
import { createSockets } from './sockets.ts';
import { Strangers } from './strangers.ts';

/** Milliseconds that a client may take to send its request, and how often that is looked at. */
const patience = { headersTimeout: 10_000, requestTimeout: 15_000, connectionsCheckingInterval: 2000 };
/** Connections that have shown no cookie yet. */
const mostStrangers = 256;

/** How to serve; everything has a default. */
export interface ServeOptions {
  version: string;
  /** Folder to open as soon as a page connects. */
  project?: string;
  /** Default 0: any free one. */
  port?: number;
  /** Default `127.0.0.1`. Anything else is reachable from other machines: warn the person first (see {@link hostWarning}). */
  host?: string;
  /** Folders that may be looked into; default the person's home and the project's folder. */
  roots?: readonly string[];
  /** Default the program's own folder in the person's home. */
  dataFolder?: string;
  /** Default the built ones; tests name others. */
  files?: BuiltFiles;
  spawn?: Spawn;
  log?: LogError;
  /** Hears the next link whenever one was used. */
  onLink?: (url: string) => void;
}

/** A running server. */
export interface Served {
  /** The link to open in a browser. It lets one in; afterwards this is another. */
  readonly url: string;
  port: number;
  studio: Studio;
  close(): Promise<void>;
}

/** What to print before serving on another address than loopback; `null` on loopback. */
export function hostWarning(host: string): string | null {
  if (['127.0.0.1', 'localhost', '::1'].includes(host)) return null;
  return (
    `Warning: --host ${host} lets every machine that can reach this one try the link, and the connection is not encrypted. ` +
    `Whoever has the link can read the allowed folders and change labels. An SSH tunnel to 127.0.0.1 is safer.`
  );
}

/** Starts browser mode. Errors: `argument-invalid` for an address that can't be listened on, `file-missing` when nothing is built. */
export async function serve(options: ServeOptions): Promise<Served> {
  const files = options.files ?? builtFiles();
  const log: LogError = options.log ?? ((where, error) => console.error(`[${where}]`, error));
  const host = options.host ?? '127.0.0.1';
  const project = options.project === undefined ? [] : [path.resolve(options.project)];
  const roots = [...(options.roots ?? [homedir()]).map((root) => path.resolve(root)), ...project];
  roots.forEach(checkFolder);
  const folder = options.dataFolder ?? dataFolder();
  const studio = await openStudio({
    version: options.version,
    dataFolder: folder,
    access: new Access(roots),
    shell: { kind: 'browser', locale: Intl.DateTimeFormat().resolvedOptions().locale },
    spawn: options.spawn ?? ((env, execArgv) => forkChild(files.worker, env, execArgv)),
    log,
  });
  if (project.length > 0) studio.offerPaths(project, null);
  const server = createServer(patience);
  const port = await listen(server, options.port ?? 0, host);
  const keys = await Keys.open(folder, log);
  const shown = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host;
  const link = () => `http://${shown}:${port}/?key=${keys.link}`;
  const onEnter = () => options.onLink?.(link());
  const close = attach(server, studio, new Guard({ host, port, keys }), { files, log, onEnter });
  return {
    get url() {
      return link();
    },
    ...{ port, studio, close },
  };
}

/** Errors: `file-missing` for a folder that isn't there, `argument-invalid` for one that is none. */
function checkFolder(folder: string): void {
  const info = statSync(folder, { throwIfNoEntry: false });
  if (info === undefined) throw saying('file-missing', 'file.missing', { file: folder });
  if (!info.isDirectory()) throw saying('argument-invalid', 'file.isFile', { folder });
}

interface Attached {
  files: BuiltFiles;
  log: LogError;
  /** A browser was let in by the link. */
  onEnter: () => void;
}

function attach(server: Server, studio: Studio, guard: Guard, { files, log, onEnter }: Attached): () => Promise<void> {
  const assets = createAssets(files.renderer);
  const strangers = new Strangers(mostStrangers);
  const welcome = (socket: Socket) => strangers.welcome(socket);
  const sockets = createSockets({ ports: studio.ports, guard, welcome, log });
  const answer = (request: Request) => {
    const { pathname } = new URL(request.url);
    if (pathname.startsWith('/media/')) return studio.media(request);
    if (pathname === '/') studio.expectPage();
    return assets(request);
  };
  server.on('error', (error) => log('http', error)); // no more files can be opened, say
  server.on('connection', (socket) => strangers.add(socket));
  server.on('request', (request, response) => {
    respond(request, response, { guard, answer, welcome, onEnter }).catch((error: unknown) => {
      log('http', error);
      response.destroy();
    });
  });
  server.on('upgrade', (request, socket, head) => sockets.upgrade(request, socket, head));
  return async () => {
    sockets.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await studio.close();
  };
}

interface Responding extends Pick<Attached, 'onEnter'> {
  guard: Guard;
  answer: (request: Request) => Promise<Response>;
  welcome: (socket: Socket) => void;
}

async function respond(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  { guard, answer, welcome, onEnter }: Responding,
): Promise<void> {
  const verdict = guard.judge(incoming);
  const head = incoming.method === 'HEAD';
  if (verdict.allow || verdict.enter) welcome(incoming.socket);
  if (verdict.allow) return sendResponse(await answer(toRequest(incoming, verdict.address, outgoing)), outgoing, head);
  if (!verdict.enter) return sendResponse(textResponse(verdict.status, verdict.why), outgoing, head);
  // The key leaves the address bar (and so history and bookmarks) at once.
  outgoing.writeHead(303, {
    Location: '/',
    'Set-Cookie': guard.newCookie(),
    'Cache-Control': 'no-store',
    ...safeHeaders,
  });
  outgoing.end();
  onEnter();
}

function listen(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const taken =
        error.code === 'EADDRINUSE' ? `Port ${port} is taken. Choose another with --port, or 0 for any.` : null;
      const known = error.code === 'EADDRNOTAVAIL' || error.code === 'ENOTFOUND';
      if (taken ?? known)
        reject(new StudioError('argument-invalid', taken ?? `This machine has no address "${host}".`, error));
      else reject(fromFileError(error, `${host}:${port}`));
    });
    server.listen(port, host, () => resolve((server.address() as AddressInfo).port));
  });
}
