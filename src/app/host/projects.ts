// Which projects are open, by id and by folder; every window that opens one shares it.
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { findProject, sideFolder } from '../../core/store/location.ts';
import { Project } from '../../core/store/project.ts';
import { forgetRecent, rememberRecent } from '../../core/store/recents.ts';
import { saying } from '../../shared/errors.ts';
import { clearTemporary, writeFileAtomic } from '../../core/files/atomicWrite.ts';
import { makeFolder } from '../../core/files/makeFolder.ts';
import type { Workers } from '../worker/workers.ts';
import type { Jobs } from './jobs.ts';
import { OpenProject, projectId } from './openProject.ts';
import type { Remembered } from './remembered.ts';
import type { StudioOptions } from './shell.ts';

/** How many files are read at once when facts are missing. */
const factsAtOnce = 4;
const factsChunk = 64;
/** Milliseconds in which a lost connection may come back: a reload, a laptop's nap. */
const graceTime = 30_000;
/** Images tried for a project's cover. */
const coverCandidates = 8;

/** The open projects. */
export class Projects {
  readonly #open = new Map<string, OpenProject>();
  readonly #users = new Map<string, Set<number>>();
  readonly #held = new Map<string, number>();
  readonly #remembered: Remembered;
  readonly #options: StudioOptions;
  readonly #workers: Workers;
  readonly #jobs: Jobs;

  constructor(remembered: Remembered, options: StudioOptions, workers: Workers, jobs: Jobs) {
    this.#remembered = remembered;
    this.#options = options;
    this.#workers = workers;
    this.#jobs = jobs;
  }

  /** An open project by id. Error: `file-missing`: open it again by its path. */
  get(id: string): OpenProject {
    const project = this.#open.get(id);
    if (project) return project;
    throw saying('file-missing', 'project.notOpen', {});
  }

  /** True when the folder has a project. */
  isProject(folder: string): boolean {
    return findProject(folder, this.#options.dataFolder) !== null;
  }

  /** Opens the project of a folder (an open one again) for a connection. Errors: also `not-allowed` when its images lie where nobody may look. */
  async open(folder: string, connection: number): Promise<OpenProject> {
    const file = findProject(folder, this.#options.dataFolder);
    const already = file === null ? undefined : this.#open.get(projectId(file));
    if (already) return this.#use(already, connection);
    const store = Project.open(folder, { dataFolder: this.#options.dataFolder });
    try {
      await this.#options.access.checkLinks(store.root);
    } catch (error) {
      await store.close();
      throw error;
    }
    return this.#use(this.#add(store), connection);
  }

  /** Makes the project of a folder and opens it. */
  create(folder: string, name: string | undefined, connection: number): OpenProject {
    const store = Project.create(folder, {
      dataFolder: this.#options.dataFolder,
      ...(name === undefined ? {} : { name }),
    });
    return this.#use(this.#add(store), connection);
  }

  /** Undoes {@link create}: what couldn't be made whole leaves nothing behind, and can be made again. */
  async discard(project: OpenProject): Promise<void> {
    const { file, root } = project.store;
    await this.#close(project);
    await rm(file, { force: true });
    await rm(sideFolder(file), { recursive: true, force: true });
    forgetRecent(this.#options.dataFolder, root);
  }

  /** A connection is done with a project; the last one closes it. */
  async release(id: string, connection: number): Promise<void> {
    const users = this.#users.get(id);
    users?.delete(connection);
    const project = this.#open.get(id);
    if (!project || (users && users.size > 0) || this.#held.has(id)) return;
    await this.remember(project);
    await this.#close(project);
  }

  /** A connection works with a project: also one that reconnected and goes on with the id it had. */
  touch(input: unknown, connection: number): void {
    const id = typeof input === 'object' && input !== null && 'project' in input ? input.project : undefined;
    if (typeof id === 'string') this.#users.get(id)?.add(connection);
  }

  /** A connection is closed: what nobody else uses is closed too, unless it comes back within the grace time. */
  gone(connection: number): void {
    const close = () => {
      for (const [id, users] of this.#users)
        if (users.has(connection)) this.release(id, connection).catch((e: unknown) => this.#options.log('closing', e));
    };
    setTimeout(close, graceTime).unref();
  }

  /** Keeps a project open without a window: a run trains on it. */
  hold(project: OpenProject): void {
    this.#held.set(project.id, (this.#held.get(project.id) ?? 0) + 1);
  }

  /** Ends a {@link hold}; closes the project when no window uses it. */
  async unhold(project: OpenProject): Promise<void> {
    const left = (this.#held.get(project.id) ?? 1) - 1;
    if (left > 0) this.#held.set(project.id, left);
    else this.#held.delete(project.id);
    if (left === 0 && (this.#users.get(project.id)?.size ?? 0) === 0) await this.release(project.id, -1);
  }

  /** Puts a project on the recent list with its present counts and cover. The list is a convenience: a full disk there is logged and fails nothing. */
  async remember(project: OpenProject): Promise<void> {
    await this.#remember(project).catch((error: unknown) => this.#options.log('recent projects', error));
  }

  async #remember(project: OpenProject): Promise<void> {
    const { store } = project;
    const counts = store.counts();
    const candidates = [...store.find.ids().subarray(0, coverCandidates)];
    rememberRecent(this.#options.dataFolder, {
      folder: store.root,
      name: store.name,
      images: counts.images,
      labelled: counts.byStatus.labelled + counts.byStatus.reviewed,
      boxes: counts.boxes,
      openedAt: Date.now(),
      cover: candidates[0] ?? null,
    });
    await this.#cover(project, candidates);
  }

  /** Where a recent project's picture is kept, which must be there without opening the project. */
  coverFile(folder: string): string {
    return path.join(this.#options.dataFolder, 'covers', `${projectId(folder)}.webp`);
  }

  async close(): Promise<void> {
    for (const project of [...this.#open.values()]) await this.#close(project);
  }

  /** Keeps a small picture of the first image that can be read. */
  async #cover(project: OpenProject, candidates: readonly number[]): Promise<void> {
    const target = this.coverFile(project.store.root);
    if (existsSync(target)) return;
    for (const row of project.store.images(candidates)) {
      const thumbnail = async () =>
        this.#workers.pixels.call('thumbnail', { file: await project.fileOf(row), side: 320 });
      const bytes = await thumbnail().catch(() => null);
      if (bytes === null) continue; // unreadable: the next one may do
      await makeFolder(path.dirname(target));
      await writeFileAtomic(target, bytes);
      return;
    }
  }

  #add(store: Project): OpenProject {
    const { access } = this.#options;
    const project = new OpenProject(store, { remembered: this.#remembered, workers: this.#workers, access });
    this.#open.set(project.id, project);
    if (store.readOnlyReason === null) void clearTemporary(sideFolder(store.file));
    this.readFacts(project);
    return project;
  }

  #use(project: OpenProject, connection: number): OpenProject {
    const users = this.#users.get(project.id) ?? new Set();
    this.#users.set(project.id, users.add(connection));
    this.#options.shell.opened?.(project.store.root);
    void this.remember(project);
    return project;
  }

  async #close(project: OpenProject): Promise<void> {
    this.#open.delete(project.id);
    this.#users.delete(project.id);
    project.changes.end();
    await project.store.close();
  }

  /** Reads what isn't known yet about image files, in the background, for as long as the project is open. */
  readFacts(project: OpenProject): void {
    if (project.store.readOnlyReason !== null) return;
    const stop = new AbortController();
    const stopped = () => stop.signal.aborted || this.#open.get(project.id) !== project;
    const done = readAllFacts(project, stopped).catch((error: unknown) => {
      if (!stopped()) this.#options.log('reading images', error);
    });
    this.#jobs.add({ sentence: null, stop: () => stop.abort(), done });
  }
}

async function readAllFacts(project: OpenProject, stopped: () => boolean): Promise<void> {
  const bad = new Set<number>();
  while (!stopped()) {
    const wanted = project.store.unreadImages(factsChunk + bad.size).filter(({ id }) => !bad.has(id));
    if (wanted.length === 0) return;
    const found: Parameters<OpenProject['store']['setFacts']>[0][number][] = [];
    for (let start = 0; start < wanted.length && !stopped(); start += factsAtOnce) {
      const part = wanted.slice(start, start + factsAtOnce).map(async ({ id, path: file }) => {
        const facts = await project.facts(file).catch(() => null); // unreadable: shown as such where it is looked at
        if (facts === null) bad.add(id);
        else found.push({ image: id, facts });
      });
      await Promise.all(part);
    }
    if (stopped()) return;
    project.store.setFacts(found);
    project.changed(
      'images',
      found.map(({ image }) => image),
    );
  }
}
