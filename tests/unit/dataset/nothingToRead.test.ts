// Folders without anything to read, and folders that can't be written: an error that names the file and what to do.
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { openDataset } from '../../../src/core/dataset/openDataset.ts';
import { formatOf } from '../../../src/core/dataset/formats.ts';
import { readSize, tempFolder, writeTree } from './helpers.ts';

async function open(tree: Record<string, string>, options: { format?: 'voc' | 'coco' } = {}) {
  const folder = await tempFolder();
  await writeTree(folder, tree);
  const opened = await openDataset(folder, { readSize, ...options });
  const losses = opened.report.losses.map(({ file, kind, reason }) => `${kind} ${file}: ${reason}`);
  return { ...opened, losses };
}

const coco = (parts: Record<string, unknown>) =>
  JSON.stringify({ images: [], annotations: [], categories: [], ...parts });

describe('nothing to read', () => {
  it('an unknown format says what was looked for', async () => {
    const opening = open({ 'a.jpg': '1x1', 'notes.txt': 'hello' });
    await expect(opening).rejects.toMatchObject({ code: 'dataset-format-unknown' });
    await expect(opening).rejects.toThrow(/1 images and 1 other files.*COCO.*CVAT.*Pascal VOC.*LabelMe.*YOLO.*CSV/);
  });

  it('labels that could mean several images: which, not that there are none', async () => {
    const tree = {
      'labels/1.txt': '0 .5 .5 .2 .2\n',
      'labels/classes.txt': 'cat\n',
      'a/1.jpg': '100x80',
      'b/1.jpg': '100x80',
    };
    const opening = open(tree);
    await expect(opening).rejects.toMatchObject({ code: 'dataset-empty', said: { key: 'dataset.noLabels' } });
    await expect(opening).rejects.toThrow(/labels\/1\.txt/);
    await expect(opening).rejects.not.toThrow(/There is no data\.yaml/);
  });

  it('a folder that is not there', async () => {
    await expect(openDataset('/nowhere/at/all', { readSize })).rejects.toMatchObject({ code: 'file-missing' });
  });

  it('says so when files are not what their name says', async () => {
    const tree = { 'a.jpg': '1x1', 'c.json': 'PK\u0003\u0004 rest', 'r.json': '[{"image_id": 1}]', 'n.xml': '' };
    const said = /c\.json is a ZIP archive: unpack it first\. n\.xml is empty\. r\.json holds a list: perhaps results/;
    await expect(open(tree)).rejects.toThrow(said);
    await expect(open(tree, { format: 'coco' })).rejects.toThrow(said);
    await expect(open({ 'a.jpg': '1x1' }, { format: 'coco' })).rejects.toThrow(/There is no \.json with lists/);
  });

  it('names a cut file once, and the folder of a file given for one', async () => {
    const folder = await tempFolder();
    await writeTree(folder, { 'a.jpg': '1x1', 'c.json': '{"images": [{' });
    const opening = openDataset(folder, { readSize });
    await expect(opening).rejects.toThrow(
      `can be read. ${path.join(folder, 'c.json')}, line 1: not valid JSON (the file ends in the middle: it was cut off). Mend or export it again.`,
    );
    await expect(opening).rejects.toThrow(/[^.]\.$/);
    await expect(openDataset(path.join(folder, 'c.json'), { readSize })).rejects.toThrow(
      `c.json is a file. Name the folder that it lies in, ${folder}.`,
    );
  });

  it('an empty dataset, and one that cannot be read', async () => {
    await expect(open({ 'c.json': coco({}) })).rejects.toMatchObject({ code: 'dataset-empty' });
    await expect(open({ 'a.jpg': '', 'a.xml': '<annotation><obj' })).rejects.toMatchObject({
      code: 'annotation-invalid',
    });
  });

  it('a cancelled reading', async () => {
    const folder = await tempFolder();
    await writeTree(folder, { 'a.jpg': '1x1', 'c.json': coco({}) });
    await expect(openDataset(folder, { readSize, signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'cancelled',
    });
  });
});

it('a folder that may not be written to is an error naming it, and nothing is left behind', async () => {
  const folder = await tempFolder();
  const file = path.join(folder, 'taken');
  await writeFile(file, '');
  const dataset = {
    classes: ['x'],
    imageRoot: folder,
    images: [{ path: 'a.jpg', width: 1, height: 1, annotations: [] }],
  };
  await expect(formatOf('voc').write(dataset, file, {})).rejects.toMatchObject({ name: 'StudioError' });
  const locked = path.join(folder, 'locked');
  await mkdir(locked);
  await chmod(locked, 0o555);
  if (process.getuid?.() !== 0)
    await expect(formatOf('yolo').write(dataset, locked, {})).rejects.toMatchObject({ code: 'file-permission' });
});
