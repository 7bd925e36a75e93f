// Shared by the store's tests: a folder with a project in it, facts made up from the path, a person and a model.
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach } from 'vitest';
import { Project } from '../../../src/core/store/project.ts';
import type { LabelledBox } from '../../../src/core/store/images.ts';
import type { Actor, ImageFacts } from '../../../src/core/store/types.ts';

export const ann: Actor = { author: 'person', who: 'Ann', tool: 'label' };
export const bob: Actor = { author: 'person', who: 'Bob', tool: 'label' };
export const model: Actor = { author: 'model', who: 'Ann', tool: 'coco', version: '3' };
export const importer: Actor = { author: 'import', who: 'Ann', tool: 'instances.json' };

export const sha = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Facts of an image that is 640 x 480 and whose content is its path. */
export const factsOf = (file: string): ImageFacts => ({
  hash: sha(file),
  width: 640,
  height: 480,
  orientation: 1,
  bytes: 1,
  modified: 1,
});

const folders: string[] = [];
const projects: Project[] = [];

afterEach(async () => {
  for (const project of projects.splice(0)) await project.close().catch(() => undefined);
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

export function newFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'ttfnet-store-test-'));
  folders.push(folder);
  return folder;
}

/** Closes it after the test. */
export function keep(project: Project): Project {
  projects.push(project);
  return project;
}

/** A project with images `1.jpg` to `count.jpg` (ids 1 to count) and classes cat (1) and dog (2). */
export function newProject(count = 3, folder = newFolder()): Project {
  const project = keep(Project.create(folder, { backupMinutes: 0 }));
  const names = Array.from({ length: count }, (_, i) => `${i + 1}.jpg`);
  project.addImages(names.map((name) => ({ path: name, facts: factsOf(name) })));
  project.addClasses(ann, [{ name: 'cat' }, { name: 'dog' }]);
  return project;
}

/** Files whose content is their name, so that hashes can be foretold. */
export function writeFiles(folder: string, names: readonly string[]): void {
  for (const name of names) writeFileSync(path.join(folder, name), name);
}

export const square = (at: number, side = 10) => ({ x1: at, y1: at, x2: at + side, y2: at + side });

/** What matters of the boxes on an image, for comparing. */
export const summary = (boxes: readonly LabelledBox[]): string[] =>
  boxes.map((b) => `${b.classId}:${b.box.x1},${b.box.y1},${b.box.x2},${b.box.y2}${b.suggestion ? '?' : ''}`);
