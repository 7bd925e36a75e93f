// A process that damages label folders by the seeds it is given, takes each into a project and checks what came of it.
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { type FormatName, writtenFormatNames } from '../../src/core/dataset/adapter.ts';
import { formatOf } from '../../src/core/dataset/formats.ts';
import { streamDataset } from '../../src/core/dataset/openDataset.ts';
import { Project } from '../../src/core/store/project.ts';
import type { Dataset, LabelledImage } from '../../src/shared/labels.ts';
import { Rng } from '../../src/shared/random.ts';
import { mutated } from './mutate.ts';
import { doTasks } from './tasksOfChild.ts';

const size = { width: 100, height: 80 };
const names = ['a.png', 'sub/b 1.png', '猫/é.png'];
const home = await mkdtemp(path.join(os.tmpdir(), 'ttfnet-fuzz-labels-'));

/** Four datasets: plain, with names that formats trip over, with splits and flags, with many boxes. */
const datasets: Dataset[] = [0, 1, 2, 3].map((kind) => ({
  classes: kind === 1 ? ['a "b", c', "no: '<x>'", '红细胞'] : ['cat', 'dog'],
  imageRoot: home,
  images: names.map((name, i) => ({
    ...{ path: name, ...size, annotations: boxes(kind === 3 ? 40 : 2 + i, kind) },
    ...(kind === 2 ? { splits: [i === 0 ? 'val' : 'train'] } : {}),
  })),
}));

function boxes(count: number, kind: number): LabelledImage['annotations'] {
  return Array.from({ length: count }, (_, i) => ({
    box: { x1: i + 0.5, y1: i / 2, x2: i + 20.25, y2: i / 2 + 30 },
    classId: i % 2,
    ...(kind === 2 && i === 0 ? { crowd: true } : {}),
  }));
}

interface Base {
  format: FormatName;
  files: { name: string; bytes: Buffer }[];
}

async function makeBases(): Promise<Base[]> {
  const bases: Base[] = [];
  for (const format of writtenFormatNames)
    for (const [i, dataset] of datasets.entries()) {
      const folder = path.join(home, 'bases', `${format}${i}`);
      await formatOf(format).write(dataset, folder, {});
      const entries = await readdir(folder, { recursive: true, withFileTypes: true });
      const files = entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
      const content = files.map(async (file) => ({ name: path.relative(folder, file), bytes: await readFile(file) }));
      bases.push({ format, files: await Promise.all(content) });
    }
  return bases;
}

const bases = await makeBases();

async function makeFolder(seed: string, { files }: Base, rng: Rng): Promise<string> {
  const folder = path.join(home, seed);
  const hurt = new Set(Array.from({ length: rng.int(1, 2) }, () => rng.int(0, files.length - 1)));
  for (const name of names) await put(path.join(folder, name), Buffer.from('100x80'));
  for (const [i, { name, bytes }] of files.entries())
    await put(path.join(folder, name), hurt.has(i) ? mutated(bytes, rng) : bytes);
  return folder;
}

async function put(file: string, bytes: Uint8Array): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, bytes);
}

const facts = (file: string) =>
  Promise.resolve({
    hash: file.padEnd(64, '0'),
    ...size,
    orientation: 1,
    bytes: 6,
    modified: 1,
    perceptualHash: '0'.repeat(16),
  });

await doTasks(async (seed) => {
  const rng = Rng.seeded(seed);
  const base = bases[rng.int(0, bases.length - 1)]!;
  const folder = await makeFolder(seed, base, rng);
  try {
    const opened = await streamDataset(folder, { format: base.format, readSize: () => Promise.resolve(size) });
    const images: LabelledImage[] = [];
    for await (const image of opened.images) images.push(image);
    const report = opened.report();
    images.forEach((image) => checkImage(image, opened.classes));
    const counted = images.reduce((sum, image) => sum + image.annotations.length, 0);
    if (report.boxes !== counted || report.images !== images.length)
      throw new Error(
        `the report counts ${report.images} images and ${report.boxes} boxes of ${images.length} and ${counted}`,
      );
    if (report.losses.some(({ reason }) => reason === '')) throw new Error('a loss without a reason');
    const project = Project.create(folder, { backupMinutes: 0 });
    try {
      const actor = { author: 'import' as const, who: 'fuzz', tool: base.format };
      const { classes, imageRoot, count } = opened;
      const { boxes: kept } = await project.import({ classes, imageRoot, images, count }, { actor, facts });
      return [`${base.format}: ${kept} boxes, ${report.losses.length} losses`];
    } finally {
      await project.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
await rm(home, { recursive: true, force: true });

function checkImage({ path: name, annotations, width, height }: LabelledImage, classes: readonly string[]): void {
  for (const { box, classId } of annotations) {
    const { x1, y1, x2, y2 } = box;
    const isInside = 0 <= x1 && x1 < x2 && x2 <= width && 0 <= y1 && y1 < y2 && y2 <= height;
    if (!isInside || classes[classId] === undefined)
      throw new Error(`${name}: box ${x1}, ${y1}, ${x2}, ${y2} of class ${classId} of ${classes.length}`);
  }
}
