// One open project behind the contract: its id, who made an edit, what changed, and facts about image files that nobody has read yet.
import { createHash } from 'node:crypto';
import { userInfo } from 'node:os';
import path from 'node:path';
import type { ImageRow } from '../../core/store/images.ts';
import type { Project } from '../../core/store/project.ts';
import type { Actor, ImageFacts } from '../../core/store/types.ts';
import type { ProjectEvent } from '../../shared/contract/project.ts';
import { saying, StudioError } from '../../shared/errors.ts';
import type { Workers } from '../worker/workers.ts';
import type { Access } from './access.ts';
import { Models } from './models.ts';
import type { Remembered } from './remembered.ts';
import { Topic } from './topic.ts';

/** The id under which a project file is open: the same for every window. */
export function projectId(file: string): string {
  return createHash('sha256').update(path.resolve(file)).digest('hex').slice(0, 16);
}

/** Files whose links are followed at once. */
const checkedAtOnce = 64;

/** What an open project needs of the program. */
export interface OpenProjectOptions {
  remembered: Remembered;
  workers: Workers;
  access: Access;
}

/** An open project. */
export class OpenProject {
  readonly id: string;
  readonly store: Project;
  readonly changes = new Topic<ProjectEvent>();
  readonly #remembered: Remembered;
  readonly #workers: Workers;
  readonly #access: Access;
  #models: Promise<Models> | null = null;

  constructor(store: Project, { remembered, workers, access }: OpenProjectOptions) {
    this.id = projectId(store.file);
    this.store = store;
    this.#remembered = remembered;
    this.#workers = workers;
    this.#access = access;
  }

  /** The person at the machine, for the history. */
  get person(): Actor {
    const who = this.#remembered.settings.personName || userName();
    return { author: 'person', who, tool: 'label' };
  }

  /** The project's models; their state is read at first use. */
  models(): Promise<Models> {
    this.#models ??= Models.of(this, this.#workers);
    return this.#models;
  }

  /** Tells every window what to read again. */
  changed(type: ProjectEvent['type'], images?: readonly number[]): void {
    const named = images !== undefined && images.length <= 100 ? { images: images.map(String) } : {};
    this.changes.publish({ type, revision: this.store.revision, ...named });
  }

  /** The row of an image id that came over the contract. Error: `argument-invalid`. */
  image(id: string): ImageRow {
    const row = this.store.images([numberOf(id)])[0];
    if (row) return row;
    throw saying('argument-invalid', 'image.gone', { image: id });
  }

  /** Absolute path of an image; never outside the project's folder, nor by links outside the allowed roots. Errors: as {@link Access.checkLinks}. */
  async fileOf(row: Pick<ImageRow, 'path'>): Promise<string> {
    const file = path.join(this.store.root, row.path);
    if (!file.startsWith(path.join(this.store.root, path.sep)))
      throw saying('not-allowed', 'image.outside', { file: row.path });
    await this.#access.checkLinks(file);
    return file;
  }

  /** Checks images that a child process will read by their paths below the project's folder. Errors: as {@link fileOf}. */
  async checkFiles(rows: readonly Pick<ImageRow, 'path'>[]): Promise<void> {
    for (let start = 0; start < rows.length; start += checkedAtOnce)
      await Promise.all(rows.slice(start, start + checkedAtOnce).map((row) => this.fileOf(row)));
  }

  /** Reads the facts of an image file, in a child process. */
  facts = async (relative: string): Promise<ImageFacts> =>
    this.#workers.pixels.call('facts', { file: await this.fileOf({ path: relative }) });

  /** The image with its size known; an unreadable file leaves it unknown. */
  async withFacts(id: string): Promise<ImageRow> {
    const row = this.image(id);
    if (row.hash !== '' || this.store.readOnlyReason !== null) return row;
    const facts = await this.facts(row.path).catch(() => null); // the picture's own request says what is wrong with the file
    if (facts === null) return row;
    this.store.setFacts([{ image: row.id, facts }]);
    return this.image(id);
  }
}

/** A row's number from an id of the contract. Error: `argument-invalid`. */
export function numberOf(id: string): number {
  const number = Number(id);
  if (Number.isSafeInteger(number) && number >= 0) return number;
  throw new StudioError('argument-invalid', `"${id}" is not an id of this project. Read the list again.`);
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return ''; // a system without user names
  }
}
