// A project that can't be made whole leaves nothing behind; folders that can't be entered are passed over aloud; history says what was done.
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it, test } from 'vitest';
import { create } from '../../../src/app/handlers/project.ts';
import { Access } from '../../../src/app/host/access.ts';
import { Jobs } from '../../../src/app/host/jobs.ts';
import { Projects } from '../../../src/app/host/projects.ts';
import type { Services } from '../../../src/app/host/services.ts';
import { listRecents } from '../../../src/core/store/recents.ts';
import { Project } from '../../../src/core/store/project.ts';
import type { Actor } from '../../../src/core/store/types.ts';
import { en } from '../../../src/renderer/i18n/en/index.ts';
import { zh } from '../../../src/renderer/i18n/zh/index.ts';

let work: string;
let services: Services;
let pictures: string;
beforeAll(() => (work = mkdtempSync(path.join(tmpdir(), 'ttfnet-creating-'))));
afterAll(() => rmSync(work, { recursive: true, force: true }));
beforeEach(() => {
  const dataFolder = mkdtempSync(path.join(work, 'data-'));
  pictures = mkdtempSync(path.join(work, 'pictures-'));
  for (const name of ['a.jpg', 'b.jpg']) writeFileSync(path.join(pictures, name), name);
  const access = new Access([work]);
  const options = { access, dataFolder, shell: {}, log: () => undefined };
  const unread = { call: () => Promise.reject(new Error('no pictures here')) };
  const workers = { pixels: unread } as never;
  const projects = new Projects({ settings: {} } as never, options as never, workers, new Jobs());
  services = { options, projects, workers } as never;
});

const task = (signal = new AbortController().signal) => ({ signal, report: () => undefined });
const leftBehind = (): boolean[] => [
  existsSync(path.join(pictures, 'ttfnet-studio.sqlite')),
  existsSync(path.join(pictures, '.ttfnet-studio')),
  listRecents(services.options.dataFolder).length > 0,
];

it('leaves nothing behind when its annotations fail, and can be made again', async () => {
  const importFrom = { format: 'nonsense', path: pictures };
  await expect(create(services, { path: pictures, importFrom }, 1, task())).rejects.toThrow(
    /"nonsense" is not a format/,
  );
  expect(leftBehind()).toEqual([false, false, false]);
  const { project } = await create(services, { path: pictures, classes: ['cat'] }, 1, task());
  expect(project.counts.images).toBe(2);
  await services.projects.close();
});

it('leaves nothing behind when it is cancelled on the way', async () => {
  const stop = new AbortController();
  const report = ({ done }: { done: number }): void => (done > 0 ? stop.abort() : undefined);
  const importFrom = { format: 'voc', path: pictures };
  await expect(create(services, { path: pictures, importFrom }, 1, { signal: stop.signal, report })).rejects.toThrow();
  expect(leftBehind()).toEqual([false, false, false]);
});

it('goes on beside a folder that may not be entered, says so, and takes nothing in it for missing', async () => {
  mkdirSync(path.join(pictures, 'locked'));
  writeFileSync(path.join(pictures, 'locked', 'c.jpg'), 'c');
  const facts = () => ({ hash: '', width: 1, height: 1, orientation: 1, bytes: 1, modified: 1 });
  const isRoot = process.geteuid?.() === 0;
  chmodSync(work, 0o755);
  chmodSync(pictures, 0o777);
  const store = Project.create(pictures, { backupMinutes: 0 });
  expect((await store.scan(facts)).added).toBe(3);
  chmodSync(path.join(pictures, 'locked'), 0);
  if (isRoot) process.seteuid?.(65534);
  try {
    const found = await store.scan(facts);
    expect(found.missing).toBe(0);
    expect(found.passedOver.map(({ path: left, said }) => [left, said.key])).toEqual([['locked', 'walk.unreadable']]);
  } finally {
    if (isRoot) process.seteuid?.(0);
  }
  await store.close();
});

test('every step that the store notes has its words, and a checkpoint that is made is not one that was gone back to', async () => {
  const store = Project.create(pictures, { backupMinutes: 0 });
  const ann: Actor = { author: 'person', who: 'Ann', tool: 'label' };
  store.addClasses(ann, [{ name: 'cat' }]);
  store.updateClass(ann, 1, { name: 'owl' });
  store.updateClass(ann, 1, { color: '#112233' });
  store.checkpoint(ann, 'here');
  store.undo(ann);
  store.redo(ann);
  store.restore(ann, 1);
  const actions = new Set(store.history({ limit: 100 }).map(({ action }) => action));
  const words = [...actions, 'cancel', 'merge', 'import', 'suggest', 'split'].map((action) => `action.${action}`);
  for (const key of words) {
    expect(en, key).toHaveProperty([key]);
    expect(zh, key).toHaveProperty([key]);
  }
  expect(en['action.checkpoint']).toBe('Made a checkpoint');
  await store.close();
});
