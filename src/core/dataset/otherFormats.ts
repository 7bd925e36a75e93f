// When a folder can be read in several formats: whether they say the same of its images.
import path from 'node:path';
import type { Box } from '../../shared/geometry.ts';
import type { Dataset, LabelledImage } from '../../shared/labels.ts';
import { lossOf, type Loss } from '../../shared/lossReport.ts';
import { said } from '../../shared/said.ts';
import { StudioError } from '../../shared/errors.ts';
import type { DatasetFormat, ReadOptions } from './adapter.ts';
import type { DatasetStream } from './datasetStream.ts';
import type { FolderFiles } from './folderFiles.ts';

/** Formats count from other pixels and round otherwise; boxes this near are the same. */
const nearness = 1.5;

/** An image's boxes with the names of their classes. */
type Boxes = { label: string; box: Box }[];

/** The labels of one further format, to be compared with those that are used. */
class OtherFormat {
  readonly #title: string;
  readonly #used: string;
  /** Images that were not compared yet, by their file. */
  readonly #boxes: Map<string, Boxes>;
  #differing = 0;
  #compared = 0;

  private constructor(title: string, used: string, boxes: Map<string, Boxes>) {
    this.#title = title;
    this.#used = used;
    this.#boxes = boxes;
  }

  /** Reads the folder as `other` as well; null when nothing can be read that way. */
  static async read(
    other: DatasetFormat,
    used: DatasetFormat,
    files: FolderFiles,
    options: ReadOptions,
  ): Promise<[OtherFormat] | null> {
    try {
      const { dataset } = await other.read(files, { ...options, onProgress: undefined });
      if (dataset.images.length === 0) return null;
      const boxes = dataset.images.map(
        (image) => [path.resolve(dataset.imageRoot, image.path), boxesOf(image, dataset.classes)] as const,
      );
      return [new OtherFormat(other.title, used.title, new Map(boxes))];
    } catch (error) {
      if (!(error instanceof StudioError) || error.code === 'cancelled') throw error;
      return null;
    }
  }

  /** Compares an image as the used format has it. */
  compare(file: string, image: LabelledImage, classes: readonly string[]): void {
    const other = this.#boxes.get(file);
    this.#compared++;
    if (!other || !areSame(other, boxesOf(image, classes))) this.#differing++;
    this.#boxes.delete(file);
  }

  /** What to tell once all images were compared; nothing when both formats say the same. `folder` is the dataset's. */
  losses(folder: string): Loss[] {
    const count = this.#differing + this.#boxes.size;
    if (count === 0) return [];
    const all = this.#compared + this.#boxes.size;
    return [lossOf(folder, 'conflict', said('loss.formats', { used: this.#used, other: this.#title, count, all }))];
  }
}

/** The further formats of a folder, compared with the one that is used. */
export interface Compared {
  /** Compares an image of the used format. */
  compare: (image: LabelledImage, dataset: Pick<Dataset, 'imageRoot' | 'classes'>) => void;
  /** The same images, each compared as it passes. */
  watch: (stream: DatasetStream) => AsyncGenerator<LabelledImage>;
  /** Where the formats differ; whole only once all images were compared. */
  losses: () => Loss[];
}

/** Reads the folder in the other formats that it looks like, too. Those in which nothing can be read don't count. */
export async function otherFormats(
  others: readonly DatasetFormat[],
  used: DatasetFormat,
  files: FolderFiles,
  options: ReadOptions,
): Promise<Compared> {
  const read: OtherFormat[] = [];
  for (const other of others) read.push(...((await OtherFormat.read(other, used, files, options)) ?? []));
  const compare: Compared['compare'] = (image, { imageRoot, classes }) => {
    for (const other of read) other.compare(path.resolve(imageRoot, image.path), image, classes);
  };
  return {
    compare,
    watch: async function* (stream) {
      for await (const image of stream.images) {
        compare(image, stream);
        yield image;
      }
    },
    losses: () => read.flatMap((other) => other.losses(files.folder)),
  };
}

const boxesOf = (image: LabelledImage, classes: readonly string[]): Boxes =>
  image.annotations.map(({ box, classId }) => ({ label: classes[classId] ?? '', box }));

/** Whether each box of one list has its own in the other. */
function areSame(a: Boxes, b: Boxes): boolean {
  const left = new Set(b);
  return (
    a.length === b.length &&
    a.every((one) => {
      for (const other of left) if (isSame(one, other)) return left.delete(other);
      return false;
    })
  );
}

function isSame(a: Boxes[number], b: Boxes[number]): boolean {
  const sides = ['x1', 'y1', 'x2', 'y2'] as const;
  return a.label === b.label && sides.every((side) => Math.abs(a.box[side] - b.box[side]) <= nearness);
}
