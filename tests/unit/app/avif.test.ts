// One list of image endings: datasets, projects and detection take the same files, and read AVIF as well.
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { readDataset } from '../../../src/app/tasks/readDataset.ts';
import { factsOf } from '../../../src/app/worker/pixels.ts';
import { listFolder } from '../../../src/core/dataset/folderFiles.ts';
import { findImages } from '../../../src/core/detect/findImages.ts';
import { findImageFiles } from '../../../src/core/store/scan.ts';
import { imageEndings } from '../../../src/shared/imageFiles.ts';
import { detect, tinyRun, workFolder } from '../../support/detections.ts';

it('datasets, projects and detection list the same files, in any case', async () => {
  const folder = await workFolder();
  const names = imageEndings.flatMap((ending) => [`a${ending}`, `B${ending.toUpperCase()}`]);
  for (const name of [...names, 'c.heic', 'd.svg', 'avif', 'e.avif.txt']) await writeFile(path.join(folder, name), '');
  const listed = (await findImageFiles(folder)).files.sort();
  expect(listed).toEqual([...names].sort());
  const { images } = await listFolder(folder);
  expect(images.map((file) => path.basename(file)).sort()).toEqual(listed);
  expect((await findImages([folder], false)).images.map((image) => image.path).sort()).toEqual(listed);
});

it('an AVIF picture is labelled data, a project image, and detected on', async () => {
  const work = await workFolder();
  const folder = path.join(work, 'in');
  await mkdir(folder);
  const picture = sharp({ create: { width: 48, height: 32, channels: 3, background: 'orange' } });
  await picture.avif().toFile(path.join(folder, 'a.avif'));
  await writeFile(path.join(folder, 'a.txt'), '0 0.5 0.5 0.25 0.5\n');
  await writeFile(path.join(folder, 'classes.txt'), 'orange\n');
  const { dataset } = await readDataset({ folder, fractions: null });
  expect(dataset.images).toMatchObject([{ path: 'a.avif', width: 48, height: 32, annotations: [{ classId: 0 }] }]);
  expect(await factsOf(path.join(folder, 'a.avif'))).toMatchObject({ width: 48, height: 32 });
  const { images } = await detect({ paths: [folder], model: await tinyRun(work), out: path.join(work, 'out') });
  expect(images).toMatchObject([{ path: 'a.avif', status: 'done', width: 48, height: 32 }]);
});
