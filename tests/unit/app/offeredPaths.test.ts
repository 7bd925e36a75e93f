// Paths that the system hands to the program: folders as they are, project files as their images' folder, opened like any stranger's.
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Access } from '../../../src/app/host/access.ts';
import { openStudio } from '../../../src/app/studio.ts';
import { imagesFolderOf } from '../../../src/core/store/location.ts';

let work: string;
beforeAll(async () => (work = await mkdtemp(path.join(tmpdir(), 'ttfnet-offered-'))));
afterAll(() => rm(work, { recursive: true, force: true }));

describe('the images’ folder of a project file', () => {
  it.each([
    ['/p/cells/ttfnet-studio.sqlite', '/p/cells'],
    ['/p/cells.ttfnet-studio.sqlite', '/p/cells'],
    ['/p/cells/other.sqlite', null],
    ['/p/cells', null],
    ['/p/ttfnet-studio.sqlite/a.jpg', null],
  ])('%s', (file, folder) => {
    expect(imagesFolderOf(file)).toBe(folder);
  });
});

describe('paths from outside', () => {
  it('allow the folder of a project file and nothing beside it', async () => {
    const [cells, beside] = [path.join(work, 'cells'), path.join(work, 'beside')];
    for (const folder of [cells, beside]) await mkdir(folder);
    const access = new Access();
    const studio = await openStudio({
      version: '0',
      dataFolder: path.join(work, 'data'),
      access,
      shell: { kind: 'desktop' } as Parameters<typeof openStudio>[0]['shell'],
      spawn: () => {
        throw new Error('nothing is read for this');
      },
      log: () => undefined,
    });
    studio.offerPaths([path.join(cells, 'ttfnet-studio.sqlite')], null);
    const stop = new AbortController();
    const { value } = await studio.events.read(1, stop.signal).next();
    expect(value).toEqual({ type: 'dropped', paths: [cells] });
    await expect(access.existing(cells)).resolves.toBe(cells);
    await expect(access.existing(beside)).rejects.toMatchObject({ code: 'not-allowed' });
    await studio.close();
  });
});
