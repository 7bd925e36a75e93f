// What the tests of datasets share: temp folders, tiny image files that need no decoder, and a generator of random datasets.
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { onTestFinished } from 'vitest';
import type { ImageSize } from '../../../src/core/dataset/adapter.ts';
import { openDataset } from '../../../src/core/dataset/openDataset.ts';
import type { Size } from '../../../src/shared/geometry.ts';
import type { Annotation, Dataset, LabelledImage } from '../../../src/shared/labels.ts';

/** A folder that is removed when the test ends. */
export async function tempFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'ttfnet-dataset-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Writes files given as relative path to text; an image is given as its size, `640x480`. */
export async function writeTree(folder: string, tree: Record<string, string>): Promise<void> {
  for (const [name, text] of Object.entries(tree)) {
    const file = path.join(folder, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, text);
  }
}

/** Stands in for the image room: the "images" of these tests hold their upright size as text, and their orientation: `640x480 6`. */
export async function readSize(file: string): Promise<Required<ImageSize>> {
  const match = /^(\d+)x(\d+)(?: ([1-8])$)?/.exec(await readFile(file, 'utf8'));
  if (!match) throw new Error(`${file} is no image. Replace it.`);
  return { width: Number(match[1]), height: Number(match[2]), orientation: Number(match[3] ?? 1) };
}

/** A written tree as it is read: labels as `class x1 y1 x2 y2` and splits by image, and what was lost as `kind file: sentence`. */
export async function opened(tree: Record<string, string>): Promise<{
  labels: Record<string, string[]>;
  splits: Record<string, string[]>;
  classes: string[];
  losses: string[];
}> {
  const folder = await tempFolder();
  await writeTree(folder, tree);
  const { dataset, report } = await openDataset(folder, { readSize, fractions: null });
  const text = ({ classId, box }: Annotation) => [dataset.classes[classId], box.x1, box.y1, box.x2, box.y2].join(' ');
  const byPath = <T>(of: (image: LabelledImage) => T) =>
    Object.fromEntries(dataset.images.map((image) => [image.path, of(image)]));
  return {
    labels: byPath((image) => image.annotations.map(text)),
    splits: byPath((image) => image.splits ?? []),
    classes: dataset.classes,
    losses: report.losses.map(({ file, kind, reason }) => `${kind} ${file}: ${reason}`),
  };
}

/** Writes an "image" file for every image of the dataset, under its root. */
export function writeImages(dataset: Dataset): Promise<void> {
  const tree = dataset.images.map((image) => [image.path, `${image.width}x${image.height} ${image.path}`]);
  return writeTree(dataset.imageRoot, Object.fromEntries(tree) as Record<string, string>);
}

const word = fc.constantFrom(
  'a',
  'b7',
  'Bild',
  '猫',
  '図 1',
  'é',
  'x.y',
  "o'k",
  'q&a',
  'long name',
  '100%',
  '#1',
  'train_x',
);

/** Class names as people have them: quotes, slashes, emoji, Chinese, YAML's and CSV's traps. */
export const className = fc.oneof(
  fc.constantFrom(
    'RBC',
    '红细胞',
    '🦊',
    'a "quoted" one',
    "it's",
    'and/or\\',
    'no',
    '12',
    'null',
    ': -',
    'a, b',
    '<b>&amp;',
    '#x',
    '1e3',
    '{}',
  ),
  fc
    .string({ minLength: 1, maxLength: 12, unit: 'grapheme' })
    .filter((s) => s.trim() === s && !/[\p{Cc}\p{Cn}\p{Zl}\p{Zp}]/u.test(s)),
);

function coordinates(limit: number): fc.Arbitrary<[number, number]> {
  const value = fc.oneof(
    fc.integer({ min: 0, max: limit }),
    fc.integer({ min: 0, max: limit * 8 }).map((v) => v / 8),
    fc.double({ min: 0, max: limit, noNaN: true }).map((v) => (v < 1e-6 ? 0 : v)),
    fc.float({ min: 0, max: limit, noNaN: true }).map((v) => (v < 1e-6 ? 0 : v)),
  );
  return fc
    .tuple(value, value)
    .filter(([a, b]) => a !== b)
    .map(([a, b]): [number, number] => (a < b ? [a, b] : [b, a]));
}

/** A random box in an image of that size. */
function annotation(size: Size, classes: number, flags: boolean): fc.Arbitrary<Annotation> {
  const flag = flags ? fc.boolean() : fc.constant(false);
  return fc
    .tuple(coordinates(size.width), coordinates(size.height), fc.nat(classes - 1), flag, flag)
    .map(([[x1, x2], [y1, y2], classId, crowd, ignore]) => ({
      box: { x1, y1, x2, y2 },
      classId,
      ...(crowd && { crowd }),
      ...(ignore && { ignore }),
    }));
}

/** Random datasets: sub-pixel boxes, odd sizes, images without boxes, Unicode names in subfolders, several splits an image. */
export function datasets(
  imageRoot: string,
  limits: { flags: boolean; splits: 'none' | 'one' | 'many' },
): fc.Arbitrary<Dataset> {
  const name = fc.tuple(fc.constantFrom('', 'sub/', '深い/er/'), word, fc.nat(30), fc.constantFrom('.jpg', '.PNG'));
  const names = fc.uniqueArray(
    name.map(([folder, stem, n, extension]) => `${folder}${stem}${n}${extension}`),
    { minLength: 1, maxLength: 5, selector: (p) => p.replace(/\.\w+$/, '').toLowerCase() },
  );
  const splits = {
    none: [[]],
    one: [[], ['train'], ['val']],
    many: [[], ['train'], ['train', 'trainval'], ['test', 'extra_1']],
  };
  return fc.tuple(fc.uniqueArray(className, { minLength: 1, maxLength: 5 }), names).chain(([classes, paths]) => {
    const image = (p: string) =>
      fc.tuple(fc.integer({ min: 1, max: 5000 }), fc.integer({ min: 1, max: 5000 })).chain(([width, height]) =>
        fc
          .tuple(
            fc.uniqueArray(annotation({ width, height }, classes.length, limits.flags), {
              maxLength: 4,
              selector: ({ classId, box }) => JSON.stringify([classId, box]), // doubled boxes are taken once
            }),
            fc.constantFrom(...splits[limits.splits]),
          )
          .map(([annotations, lists]): LabelledImage => ({
            path: p,
            width,
            height,
            annotations,
            ...(lists.length > 0 && { splits: [...lists] }),
          })),
      );
    return fc
      .tuple(...paths.map(image))
      .filter(hasPixels)
      .map((images) => ({ classes, imageRoot, images }));
  });
}

/** Whether not all boxes lie in the first pixel: such numbers are taken as shares of the image. */
function hasPixels(images: readonly LabelledImage[]): boolean {
  const boxes = images.flatMap((image) => image.annotations.map(({ box }) => box));
  return boxes.length === 0 || boxes.some(({ x2, y2 }) => Math.max(x2, y2) > 1);
}

/** The dataset with its images in the order of their paths, and what tests don't compare left out. */
export function normalised(dataset: Dataset): Pick<Dataset, 'classes' | 'images'> {
  const images = dataset.images.map((image) => ({
    ...image,
    ...(image.splits && { splits: [...image.splits].sort() }),
  }));
  return { classes: dataset.classes, images: images.sort((a, b) => (a.path < b.path ? -1 : 1)) };
}
