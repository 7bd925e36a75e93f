// Written datasets, in every format: nothing that was there is touched, one picture's labels never become another's, and they can be read.
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { writtenFormatNames } from '../../../src/core/dataset/adapter.ts';
import { listFolder } from '../../../src/core/dataset/folderFiles.ts';
import { openDataset } from '../../../src/core/dataset/openDataset.ts';
import { writeDataset } from '../../../src/core/dataset/writeDataset.ts';
import type { Dataset } from '../../../src/shared/labels.ts';
import { readSize, tempFolder, writeImages } from './helpers.ts';

/** A dataset whose n-th image has one box, n + 1 pixels wide. */
const datasetOf = (imageRoot: string, paths: readonly string[]): Dataset => ({
  classes: ['cat'],
  imageRoot,
  images: paths.map((name, n) => ({
    path: name,
    width: 100,
    height: 80,
    annotations: [{ box: { x1: 0, y1: 0, x2: n + 1, y2: 10 }, classId: 0 }],
  })),
});

async function contents(folder: string): Promise<Map<string, string>> {
  const names = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  const files = names.map((entry) => path.join(entry.parentPath, entry.name)).sort();
  return new Map(await Promise.all(files.map(async (file) => [file, await readFile(file, 'utf8')] as const)));
}

describe.each(writtenFormatNames)('%s', (format) => {
  it('is written into a new folder, can be read there, and is left out around it', async () => {
    const folder = await tempFolder();
    const source = datasetOf(path.join(folder, 'source'), ['a.jpg', 'b.jpg']);
    await writeImages(source);
    const out = path.join(folder, 'out');
    await writeDataset(format, source, out, { images: 'copy' });
    expect((await openDataset(out, { readSize, fractions: null })).dataset.images).toHaveLength(2);
    const around = await listFolder(folder);
    expect(around.images).toHaveLength(2);
    expect(around.passedOver).toEqual([{ path: out, said: { key: 'walk.output', values: {} } }]);
  });

  it('refuses a used folder, its own source among them, and changes nothing there', async () => {
    const folder = await tempFolder();
    const first = datasetOf(path.join(folder, 'one'), ['a.jpg', 'b.jpg']);
    await writeImages(first);
    const out = path.join(folder, 'out');
    await writeDataset(format, first, out, { images: 'copy' });
    const before = await contents(folder);
    const opened = await openDataset(out, { readSize, fractions: null });
    for (const target of [out, first.imageRoot])
      await expect(writeDataset(format, opened.dataset, target, { images: 'none' })).rejects.toMatchObject({
        said: { key: 'folder.notEmpty' },
      });
    expect(await contents(folder)).toEqual(before);
  });

  it('is whole or not there: what a stop leaves can be written over by the same command', async () => {
    const folder = await tempFolder();
    const source = datasetOf(path.join(folder, 'source'), ['a.jpg', 'b.jpg']);
    await writeImages(source);
    const out = path.join(folder, 'out');
    const stop = new AbortController();
    const onProgress = () => {
      stop.abort();
    };
    await writeDataset(format, source, out, { signal: stop.signal, onProgress }).catch(() => undefined);
    const left = await readdir(out).catch(() => []);
    if (left.length === 0) await writeDataset(format, source, out, { images: 'copy' });
    expect((await openDataset(out, { readSize, images: source.imageRoot, fractions: null })).report.boxes).toBe(2);
  });
});

describe.each(['none', 'copy', 'link'] as const)('images of one stem, %s', (images) => {
  const paths = fc.uniqueArray(
    fc.constantFrom('a.jpg', 'a.png', 'a.bmp', 'a_png.png', 'b.jpg', 'sub/a.jpg', 'sub/a.png'),
    {
      minLength: 2,
    },
  );

  it.each(writtenFormatNames)('%s: no image gets the labels of another', async (format) => {
    await fc.assert(
      fc.asyncProperty(paths, async (names) => {
        const folder = await tempFolder();
        const source = datasetOf(path.join(folder, 'source'), names);
        await writeImages(source);
        await writeFile(path.join(source.imageRoot, 'z.jpg'), '100x80 z.jpg'); // nothing describes it
        const out = path.join(folder, 'out');
        const written = await writeDataset(format, source, out, { images });
        const elsewhere = images === 'none' ? { images: source.imageRoot } : {};
        if (written.images === 0) return;
        const { dataset, report } = await openDataset(out, { readSize, format, fractions: null, ...elsewhere });
        for (const image of dataset.images) {
          const own = (await readFile(path.join(dataset.imageRoot, image.path), 'utf8')).split(' ')[1]!;
          expect(image.annotations).toEqual(source.images.find((known) => known.path === own)!.annotations);
        }
        const away = written.images - dataset.images.length;
        expect(report.losses.length).toBeGreaterThanOrEqual(away); // what can't be told apart is said
        const leftOut = written.losses.filter(({ kind }) => kind === 'ambiguous');
        expect(written.images + leftOut.length).toBe(names.length);
      }),
      { numRuns: 25 },
    );
  });
});
