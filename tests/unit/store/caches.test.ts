// The thumbnail cache keeps within its bound; the list of recent projects survives damage.
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { Driver } from '../../../src/core/store/driver.ts';
import { forgetRecent, listRecents, rememberRecent } from '../../../src/core/store/recents.ts';
import { ThumbnailCache } from '../../../src/core/store/thumbnails.ts';
import { newFolder } from './support.ts';

it('gives thumbnails back, also after a restart, and drops the longest unused beyond its limit', () => {
  const file = path.join(newFolder(), 't.sqlite');
  const picture = (n: number): Uint8Array => new Uint8Array(1000).fill(n);
  const cache = new ThumbnailCache(file, 10_000);
  for (let i = 0; i < 30; i++) cache.put(`h${i}`, 128, picture(i));
  expect(cache.bytes).toBeLessThanOrEqual(10_000);
  expect(cache.get('h0', 128)).toBeNull();
  expect([...cache.get('h29', 128)!]).toEqual([...picture(29)]);
  expect(cache.get('h29', 256)).toBeNull();
  cache.put('h29', 128, new Uint8Array(10));
  const bytes = cache.bytes;
  cache.close();
  const again = new ThumbnailCache(file, 10_000);
  expect(again.bytes).toBe(bytes);
  expect(again.get('h29', 128)).toHaveLength(10);
  again.close();
});

it('begins anew over a damaged file, and answers nothing once it is closed', () => {
  const file = path.join(newFolder(), 't.sqlite');
  writeFileSync(file, 'no database at all, but long enough to be one'.repeat(100));
  const cache = new ThumbnailCache(file);
  expect(cache.get('h', 64)).toBeNull();
  cache.put('h', 64, new Uint8Array(5));
  expect(cache.get('h', 64)).toHaveLength(5);
  cache.close();
  expect(cache.get('h', 64)).toBeNull();
});

it('keeps nothing, and says nothing, where no file can be', () => {
  const place = path.join(newFolder(), 'place');
  writeFileSync(place, ''); // a file where its folder should be
  const cache = new ThumbnailCache(path.join(place, 't.sqlite'));
  cache.put('h', 64, new Uint8Array(5));
  expect([cache.get('h', 64), cache.bytes]).toEqual([null, 0]);
  cache.close();
});

const entry = (folder: string, openedAt: number) => ({
  folder,
  name: folder,
  images: 1,
  labelled: 0,
  boxes: 0,
  openedAt,
  cover: null,
});

it('lists recent projects, last opened first, and tells which are gone', () => {
  const data = path.join(newFolder(), 'data');
  const there = newFolder();
  rememberRecent(data, entry('/gone', 1));
  rememberRecent(data, entry(there, 2));
  rememberRecent(data, entry('/gone', 3));
  expect(listRecents(data).map((r) => [r.folder, r.openedAt, r.exists])).toEqual([
    ['/gone', 3, false],
    [there, 2, true],
  ]);
  forgetRecent(data, '/gone');
  expect(listRecents(data).map((r) => r.folder)).toEqual([there]);
});

it('takes a damaged list for an empty one, and a full list drops the oldest', () => {
  const data = newFolder();
  writeFileSync(path.join(data, 'recent.json'), '[{"folder": 3}, {"folder"');
  expect(listRecents(data)).toEqual([]);
  for (let i = 0; i < 60; i++) rememberRecent(data, entry(`/p${i}`, i));
  expect(listRecents(data)).toHaveLength(50);
  expect(listRecents(path.join(data, 'nowhere'))).toEqual([]);
});

it('the driver turns errors into ours and rolls back', () => {
  const folder = newFolder();
  const db = new Driver(path.join(folder, 'x.sqlite'), { create: true });
  db.exec('CREATE TABLE t (a INTEGER PRIMARY KEY)');
  const insertTwice = (): void => db.write((w) => [1, 1].forEach((n) => w.run('INSERT INTO t VALUES (?)', [n])));
  expect(insertTwice).toThrow(/UNIQUE/);
  expect(db.all('SELECT * FROM t')).toEqual([]);
  expect(() => db.write(() => db.write(() => 1))).toThrow(/inside another/);
  db.close();
  expect(() => db.all('SELECT 1')).toThrow(/after it had been closed/);
  expect(() => new Driver(path.join(folder, 'none.sqlite'))).toThrow(/does not exist/);
  mkdirSync(path.join(folder, 'dir.sqlite'));
  expect(() => new Driver(path.join(folder, 'dir.sqlite'))).toThrow(/could not be opened/);
});
