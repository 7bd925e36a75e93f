// Browser mode's door: only the secret link, only our own name and origin, only allowed folders.
import { request } from 'node:http';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { hostWarning, serve, type Served } from '../../src/server/serve.ts';
import { connectTo, enter } from './contract/browserTransport.ts';
import { writePictures } from './contract/pictures.ts';

let folder: string;
let served: Served;
let cookie: string;
const links: string[] = [];

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ttfnet-serve-'));
  await writePictures(path.join(folder, 'root', 'images'), 1);
  await writePictures(path.join(folder, 'secret'), 1);
  await symlink(path.join(folder, 'secret'), path.join(folder, 'root', 'link'));
  served = await serve({
    version: '0',
    dataFolder: path.join(folder, 'data'),
    roots: [path.join(folder, 'root')],
    log: () => undefined,
    onLink: (url) => links.push(url),
  });
  cookie = await enter(served);
});
afterAll(async () => {
  await served.close();
  await rm(folder, { recursive: true, force: true });
});

function get(address: string, headers: Record<string, string>, method = 'GET'): Promise<number> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port: served.port, path: address, headers, method }, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    });
    asked.on('error', reject).end();
  });
}

const host = () => `127.0.0.1:${served.port}`;

test('the link gives a cookie that no script and no other site gets, and leaves the address bar', async () => {
  const answer = await fetch(served.url, { redirect: 'manual' });
  expect(answer.status).toBe(303);
  expect(answer.headers.get('location')).toBe('/');
  expect(answer.headers.get('set-cookie')).toMatch(/HttpOnly; SameSite=Strict; Path=\//);
});

test('a link lets one browser in; the next link is told; a browser that is in may use the old one', async () => {
  const { url } = served;
  const told = links.length;
  const key = new URL(url).search;
  expect(await get(`/${key}`, { Host: host() }, 'HEAD')).toBe(503); // looking ahead uses nothing up
  expect(await get(`/${key}`, { Host: host(), 'Sec-Purpose': 'prefetch' })).toBe(503);
  expect(await get(`/${key}`, { Host: host() })).toBe(303);
  expect(await get(`/${key}`, { Host: host() })).toBe(401);
  expect(await get(`/${key}`, { Host: host(), Cookie: cookie })).toBe(303);
  expect(served.url).not.toBe(url);
  expect(links.slice(told)).toContain(served.url);
  expect(await get('/', { Host: host(), Cookie: `ttfnet_${served.port}=${key.slice(5)}` })).toBe(401); // a key is no cookie
});

test('an open page finds its program again after a restart on the same port', async () => {
  const options = { version: '0', dataFolder: path.join(folder, 'again'), roots: [folder], log: () => undefined };
  const before = await serve(options);
  const mine = await enter(before);
  await before.close();
  const after = await serve({ ...options, port: before.port });
  const answer = await fetch(`http://127.0.0.1:${after.port}/`, { headers: { Cookie: mine } });
  expect(answer.status).toBe(200);
  await after.close();
});

test('a root that isn’t there, or is no folder, is refused with a sentence', async () => {
  const options = { version: '0', dataFolder: path.join(folder, 'data3') };
  const file = path.join(folder, 'root', 'images', 'broken.jpg');
  await expect(serve({ ...options, roots: ['/nonexistent'] })).rejects.toThrow('/nonexistent does not exist.');
  await expect(serve({ ...options, roots: [file] })).rejects.toThrow('broken.jpg is a file.');
  await expect(serve({ ...options, project: '/nonexistent' })).rejects.toMatchObject({ code: 'file-missing' });
});

test('without the cookie, or with a wrong key, nothing is answered', async () => {
  expect(await get('/', { Host: host() })).toBe(401);
  expect(await get('/?key=wrong', { Host: host() })).toBe(401);
  expect(await get('/', { Host: host(), Cookie: `${cookie}x` })).toBe(401);
  expect(await get('/', { Host: host(), Cookie: cookie })).toBe(200);
});

test('another Host name is refused (DNS rebinding)', async () => {
  expect(await get('/', { Host: `evil.example:${served.port}`, Cookie: cookie })).toBe(403);
  expect(await get('/', { Host: `localhost:${served.port}`, Cookie: cookie })).toBe(200);
});

test('another origin, another site and other methods are refused', async () => {
  expect(await get('/assets/x.js', { Host: host(), Cookie: cookie, Origin: 'http://evil.example' })).toBe(403);
  expect(await get('/media/x/image/1', { Host: host(), Cookie: cookie, 'Sec-Fetch-Site': 'cross-site' })).toBe(403);
  expect(await get('/', { Host: host(), Cookie: cookie }, 'POST')).toBe(405);
});

test('a WebSocket needs our origin and the cookie', async () => {
  const open = (headers: Record<string, string>) =>
    new Promise<string>((resolve) => {
      const socket = new WebSocket(`ws://${host()}/rpc`, { headers });
      socket.on('open', () => resolve('open')).on('error', (error) => resolve(error.message));
      socket.on('open', () => socket.close());
    });
  expect(await open({ Cookie: cookie, Origin: 'http://evil.example' })).toContain('403');
  expect(await open({ Cookie: cookie })).toContain('403'); // a browser always names its origin
  expect(await open({ Origin: `http://${host()}` })).toContain('401');
  expect(await open({ Cookie: cookie, Origin: `http://${host()}` })).toBe('open');
});

test('the folder browser shows the roots and what lies below, and a link out of them leads nowhere', async () => {
  const connection = connectTo(served.port, cookie);
  const { client } = connection;
  const roots = await client.system.listFolder({ path: null });
  expect(roots.entries.map(({ path: root }) => root)).toEqual([path.join(folder, 'root')]);
  const inside = await client.system.listFolder({ path: path.join(folder, 'root') });
  expect(inside).toMatchObject({ parent: null });
  expect(inside.entries.map(({ name }) => name).sort()).toEqual(['images', 'link']);
  for (const outside of ['/', '/etc', path.join(folder, 'secret'), path.join(folder, 'root', '..', 'secret')])
    await expect(client.system.listFolder({ path: outside })).rejects.toMatchObject({ code: 'not-allowed' });
  await expect(client.system.listFolder({ path: path.join(folder, 'root', 'link') })).rejects.toMatchObject({
    code: 'not-allowed',
  });
  await expect(client.system.pick({ kind: 'folder', title: '' })).rejects.toMatchObject({
    code: 'provider-unavailable',
  });
  connection.close();
});

test('only another address than loopback is warned about', () => {
  expect(hostWarning('127.0.0.1')).toBeNull();
  expect(hostWarning('0.0.0.0')).toContain('not encrypted');
});

test('a taken port and an unknown address are named', async () => {
  const options = { version: '0', dataFolder: path.join(folder, 'data2'), roots: [folder] };
  await expect(serve({ ...options, port: served.port })).rejects.toMatchObject({ code: 'argument-invalid' });
  await expect(serve({ ...options, host: '203.0.113.7' })).rejects.toMatchObject({ code: 'argument-invalid' });
});
