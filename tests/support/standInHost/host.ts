// A host for tests of the interface: the built page, the contract over a WebSocket, and pictures, on a loopback port.
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import sharp from 'sharp';
import { WebSocketServer } from 'ws';
import { createPortServer } from '../../../src/app/router.ts';
import { standInHandlers, type World } from './handlers.ts';
import { heatPlanes, sceneJpeg, seenByRun } from './pictures.ts';

/** A running stand-in. */
export interface StandInHost {
  url: string;
  /** Breaks all connections, as a crash of the host would; new ones are refused until `revive`. */
  crash(): void;
  revive(): void;
  close(): Promise<void>;
}

/** How pictures are had: a file of one's own per image, else drawn. */
export type PictureFile = (image: string) => string | undefined;

const types: Record<string, string> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.woff2': 'font/woff2',
  '.woff': 'font/woff',
};

/** Nobody minds who is connected. */
const nobody = { called: () => undefined, gone: () => undefined };

/** Starts a stand-in that serves `pages` (a built renderer). */
export async function startStandIn(
  world: World,
  pages: string,
  fileOf: PictureFile = () => undefined,
): Promise<StandInHost> {
  const ports = createPortServer(standInHandlers(world), () => undefined, nobody);
  const sockets = new WebSocketServer({ noServer: true });
  let down = false;
  const server: Server = createServer((request, response) => {
    void answer(request, response, world, pages, fileOf).catch((error: unknown) => {
      response.writeHead(404).end(error instanceof Error ? error.message : String(error));
    });
  });
  server.on('upgrade', (request, socket, head) => {
    if (down) return void socket.destroy();
    sockets.handleUpgrade(request, socket, head, (ws) => {
      ports.serve({
        on: (event: 'message' | 'close', listener: (message: { data: unknown }) => void) => {
          if (event === 'close') ws.on('close', () => listener({ data: null }));
          else ws.on('message', (data: Buffer, binary) => listener({ data: binary ? data : data.toString() }));
        },
        postMessage: (data) => {
          if (ws.readyState === ws.OPEN) ws.send(data);
        },
        close: () => ws.close(),
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const drop = (): void => {
    for (const client of sockets.clients) client.terminate();
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    crash: () => {
      down = true;
      drop();
    },
    revive: () => (down = false),
    close: async () => {
      drop();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  world: World,
  pages: string,
  fileOf: PictureFile,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://localhost');
  if (url.pathname.startsWith('/media/')) {
    const body = await media(url, world, fileOf);
    response.writeHead(200, { 'content-type': body.type, 'cache-control': 'max-age=600' }).end(body.data);
    return;
  }
  const file = path.join(pages, url.pathname === '/' ? 'index.html' : path.normalize(url.pathname));
  const headers: Record<string, string> = { 'content-type': types[path.extname(file)] ?? 'application/octet-stream' };
  // The policy of the real shells: no inline or foreign script may run.
  headers['content-security-policy'] =
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; connect-src 'self' ws:";
  response.writeHead(200, headers).end(await readFile(file));
}

async function media(url: URL, world: World, fileOf: PictureFile): Promise<{ type: string; data: Uint8Array }> {
  const [, , first, kind, id, extra] = url.pathname.split('/').map(decodeURIComponent);
  const size = Number(url.searchParams.get('size') ?? 0) || undefined;
  const { project } = world;
  if (kind === 'heatmap' || kind === 'distances') {
    const item = project.images.get(id!)!;
    const boxes = (project.objects.get(id!) ?? []).map((o) => o.box);
    const planes = heatPlanes(boxes.slice(0, 60), item.width, item.height);
    const data =
      kind === 'heatmap'
        ? Buffer.concat(project.classes.map((_, i) => (i === 0 ? planes.scores : new Uint8Array(planes.scores.length))))
        : Buffer.from(planes.distances.buffer);
    return { type: 'application/octet-stream', data };
  }
  if (kind === 'image') await world.pictureGate;
  if (kind === 'sample') return { type: 'image/jpeg', data: await sampleOf(world, id!, fileOf) };
  const image = first === 'jobs' ? project.order[Number(extra)]! : kind === 'preview' ? extra! : id!;
  const data = await picture(
    world,
    image,
    kind === 'image' ? undefined : (size ?? 512),
    fileOf(image),
    kind === 'preview',
  );
  if (kind !== 'preview') return { type: 'image/jpeg', data };
  const { width, height } = project.images.get(image)!;
  const boxes = (project.objects.get(image) ?? []).map((o) => o.box);
  const seen = await seenByRun(data, { width, height, seed: 0, boxes }, Number(url.searchParams.get('v') ?? 0));
  return { type: 'image/jpeg', data: seen };
}

/** An image squeezed to a square, mirrored now and then, with its boxes. */
async function sampleOf(world: World, id: string, fileOf: PictureFile): Promise<Buffer> {
  const [image = '', heat, turn] = id.split('~');
  const { width, height } = world.project.images.get(image)!;
  const boxes = (world.project.objects.get(image) ?? []).map((o) => o.box);
  const plain = await picture(world, image, 400, fileOf(image));
  const seen = heat === 'heat' ? await seenByRun(plain, { width, height, seed: 0, boxes }, 40) : plain;
  const square = sharp(seen).resize(400, 400, { fit: 'fill' });
  return (Number(turn) % 2 === 0 ? square.flop() : square).jpeg().toBuffer();
}

async function picture(
  world: World,
  image: string,
  size: number | undefined,
  file: string | undefined,
  /** A picture made of it before: that is there as long as the run. */
  made = false,
): Promise<Buffer> {
  const item = world.project.images.get(image);
  if (!item) throw new Error(`${image} is no image of the project.`);
  if (item.missing && !made)
    throw new Error(`${item.path} is not where it was. Put it back, or look for moved images in the project's menu.`);
  if (file !== undefined) {
    const input = sharp(file);
    return (size === undefined ? input : input.resize(size, size, { fit: 'inside' })).jpeg().toBuffer();
  }
  const boxes = (world.project.objects.get(image) ?? []).map((o) => o.box);
  return sceneJpeg({ width: item.width, height: item.height, seed: world.project.order.indexOf(image), boxes }, size);
}
