// Real folders for the interface's benchmark: photo-like JPEG files, projects of them up to 100,000 images, and the built program serving them.
import { link, mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { Project } from '../src/core/store/project.ts';
import type { LabelledImage } from '../src/shared/labels.ts';
import { startProgram, type ServedProgram } from '../tests/support/servedProgram.ts';

/** What a project of the benchmark holds. */
interface Content {
  width: number;
  height: number;
  /** Different pictures; all other files are hard links to them. */
  files: number;
  images: number;
  boxes: number;
}

const classes = Array.from({ length: 20 }, (_, i) => `class ${String(i + 1)}`);
const contents = {
  pages: { width: 1920, height: 1080, files: 40, images: 1200, boxes: 8 },
  large: { width: 6000, height: 4000, files: 10, images: 40, boxes: 8 },
  crowd: { width: 1920, height: 1080, files: 2, images: 2, boxes: 5000 },
  archive: { width: 1920, height: 1080, files: 40, images: 100_000, boxes: 2 },
} satisfies Record<string, Content>;
/** Name of a project of the benchmark. */
export type WorldProject = keyof typeof contents;

/** The folder of a benchmark run; projects are made when they are first asked for. */
export class World {
  readonly root: string;
  readonly #made = new Map<WorldProject, Promise<string>>();

  private constructor(root: string) {
    this.root = root;
  }

  /** An empty world in a new temporary folder. */
  static async make(): Promise<World> {
    return new World(await mkdtemp(path.join(tmpdir(), 'ttfnet-interface-bench-')));
  }

  /** Folder of a project. */
  project(name: WorldProject): Promise<string> {
    const folder = this.#made.get(name) ?? makeProject(this.root, name, contents[name]);
    this.#made.set(name, folder);
    return folder;
  }

  /** Starts the built `ttfnet-studio serve` on a project, with settings of its own. */
  async serve(name: WorldProject): Promise<ServedProgram> {
    const project = await this.project(name);
    return startProgram({ root: this.root, data: await mkdtemp(path.join(this.root, 'data-')), project });
  }

  remove(): Promise<void> {
    return rm(this.root, { recursive: true, force: true });
  }
}

async function makeProject(root: string, name: WorldProject, content: Content): Promise<string> {
  const folder = path.join(root, name);
  const originals = await pictures(path.join(root, `files ${name}`), content);
  await mkdir(folder);
  for (let i = 0; i < content.images; i++) {
    if (i % 1000 === 0) await mkdir(path.join(folder, shelf(i)));
    await link(originals[i % originals.length]!, path.join(folder, fileOf(i)));
  }
  const { size, mtimeMs } = await stat(originals[0]!);
  const project = Project.create(folder, { backupMinutes: 0 });
  const source = { classes, imageRoot: folder, images: labelled(content), count: content.images };
  await project.import(source, {
    actor: { author: 'import', who: 'bench', tool: 'bench' },
    // A hash of its own for every file, so that no image finds another's thumbnail.
    facts: (file) => {
      const hash = createHash('sha256').update(file).digest('hex');
      const { width, height } = content;
      return { hash, width, height, orientation: 1, bytes: size, modified: mtimeMs, perceptualHash: hash.slice(0, 16) };
    },
  });
  await project.close();
  return folder;
}

const shelf = (i: number): string => `shelf ${String(Math.floor(i / 1000)).padStart(3, '0')}`;
const fileOf = (i: number): string => `${shelf(i)}/IMG_${String(i).padStart(6, '0')}.jpg`;

/** A generator of the same numbers every time, so that runs compare. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
}

/** A place without boxes where a new one can be begun: anywhere else a press would pick up the edge of one of thousands. */
function inClearing(x: number, y: number): boolean {
  return x > 0.28 && x < 0.42 && y > 0.16 && y < 0.38;
}

function* labelled({ width, height, images, boxes }: Content): Generator<LabelledImage> {
  const random = randomFrom(7);
  const side = Math.min(0.3, 1.1 / Math.sqrt(boxes));
  for (let i = 0; i < images; i++) {
    const annotations = Array.from({ length: boxes }, (_, n) => {
      const [w, h] = [width * side * (0.4 + random() * 0.6), height * side * (0.4 + random() * 0.6)];
      const [left, y1] = [random() * (width - w), random() * (height - h)];
      const x1 = inClearing((left + w / 2) / width, (y1 + h / 2) / height) ? left / 4 : left;
      return { box: { x1, y1, x2: x1 + w, y2: y1 + h }, classId: n % classes.length };
    });
    yield { path: fileOf(i), width, height, annotations };
  }
}

/** JPEG files of about 3 bits a pixel, as cameras write: coloured shapes under grain, quality 88. */
async function pictures(folder: string, { width, height, files }: Content): Promise<string[]> {
  await mkdir(folder);
  const noise = { type: 'gaussian' as const, mean: 128, sigma: 55 };
  const grain = await sharp({
    create: { width: width + 200, height: height + 200, channels: 3, background: 'grey', noise },
  })
    .blur(0.6)
    .png({ compressionLevel: 0 })
    .toBuffer();
  for (let i = 0; i < files; i++) {
    const random = randomFrom(i + 1);
    const shapes = Array.from({ length: 60 }, () => {
      const [x, y, r] = [random() * width, random() * height, (0.02 + random() * 0.1) * width];
      const colour = `hsl(${String(Math.round(random() * 360))} 50% ${String(Math.round(30 + random() * 45))}%)`;
      return `<ellipse cx="${String(x)}" cy="${String(y)}" rx="${String(r)}" ry="${String(r * 0.7)}" fill="${colour}"/>`;
    });
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${String(width)}" height="${String(height)}"><rect width="100%" height="100%" fill="hsl(${String((i * 47) % 360)} 30% 60%)"/>${shapes.join('')}</svg>`;
    const [left, top] = [Math.floor(random() * 200), Math.floor(random() * 200)];
    const layer = await sharp(grain).extract({ left, top, width, height }).png({ compressionLevel: 0 }).toBuffer();
    await sharp(Buffer.from(svg), { limitInputPixels: false })
      .removeAlpha()
      .composite([{ input: layer, blend: 'soft-light' }])
      .jpeg({ quality: 88 })
      .toFile(path.join(folder, `${String(i)}.jpg`));
  }
  return (await readdir(folder)).map((file) => path.join(folder, file));
}
