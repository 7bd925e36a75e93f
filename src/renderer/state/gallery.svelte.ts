// The filtered, sorted list of a project's images: pages fetched as they come into view, so that 100,000 images cost what is seen.
import { SvelteMap } from 'svelte/reactivity';
import type { ImageFilter, ImageItem, ImageSort, StudioClient } from '../../shared/contract/index.ts';
import { byId, plainMap, plainSet } from './plain.ts';

/** Images a page. */
export const pageSize = 100;
/** Pages fetched at once while scrolling: what was scrolled past meanwhile is left out. */
const pagesAtOnce = 2;
/** Pages kept in memory; the farthest ones go first. */
const keptPages = 40;

/** The list and the place in it. */
export class Gallery {
  readonly #client: StudioClient;
  readonly #project: string;
  readonly #fail: (error: unknown) => void;
  readonly #pages = new SvelteMap<number, ImageItem[]>();
  readonly #loading = plainMap<number, Promise<void>>();
  #generation = 0;
  #wanted = { first: 0, last: -1 };
  #fetching = 0;
  #total = $state(0);
  #loaded = $state(false);
  #filter = $state.raw<ImageFilter>({});
  #sort = $state.raw<ImageSort>({ by: 'name', descending: false });
  #index = $state(0);

  constructor(client: StudioClient, project: string, fail: (error: unknown) => void) {
    this.#client = client;
    this.#project = project;
    this.#fail = fail;
  }

  /** How many images the filter leaves. */
  get total(): number {
    return this.#total;
  }

  /** False until the first page is there. */
  get loaded(): boolean {
    return this.#loaded;
  }

  get filter(): ImageFilter {
    return this.#filter;
  }

  get sort(): ImageSort {
    return this.#sort;
  }

  /** Position of the image that is shown. */
  get index(): number {
    return this.#index;
  }

  /** True when a filter is set. */
  get filtered(): boolean {
    const { statuses, classes, splits, text, missing } = this.#filter;
    const listed = [statuses, classes, splits].some((list) => (list?.length ?? 0) > 0);
    return listed || (text ?? '') !== '' || missing !== undefined;
  }

  /** The image at a position when its page is there. Asking doesn't fetch: see {@link need}. */
  at(index: number): ImageItem | undefined {
    return this.#pages.get(Math.floor(index / pageSize))?.[index % pageSize];
  }

  /** Fetches the pages of positions `from` to `to` that aren't there; positions asked for before and not begun are forgotten. */
  need(from: number, to: number): void {
    const last = Math.min(Math.floor(Math.max(0, to) / pageSize), Math.floor(Math.max(0, this.#total - 1) / pageSize));
    const first = Math.floor(Math.max(0, from) / pageSize);
    this.#wanted = { first, last };
    for (let page = first; page <= last; page++) this.#pages.has(page); // all of them are asked, so that an effect hears when one is let go
    this.#fetchWanted();
  }

  #fetchWanted(): void {
    const { first, last } = this.#wanted;
    for (let page = first; page <= last && this.#fetching < pagesAtOnce; page++) {
      if (this.#pages.has(page) || this.#loading.has(page)) continue;
      this.#fetching++;
      const generation = this.#generation;
      void this.#load(page).finally(() => {
        this.#fetching--;
        // One that failed is asked for again by scrolling, not by itself; one that came too late for a new filter is.
        const failed = !this.#pages.has(page) && this.#isWanted(page) && generation === this.#generation;
        if (!failed) this.#fetchWanted();
      });
    }
  }

  #isWanted(page: number): boolean {
    return page >= this.#wanted.first && page <= this.#wanted.last;
  }

  /** The image at a position, fetched when need be; undefined outside the list. */
  async item(index: number): Promise<ImageItem | undefined> {
    if (index < 0 || (this.#loaded && index >= this.#total)) return undefined;
    if (!this.at(index)) await this.#load(Math.floor(index / pageSize));
    return this.at(index);
  }

  /** Moves the place in the list. */
  goTo(index: number): void {
    this.#index = Math.max(0, Math.min(index, Math.max(0, this.#total - 1)));
  }

  /** Changes filter or sort and reads again; the place goes with `keep` when it is still in the list, else to the top. */
  async query(filter: ImageFilter, sort: ImageSort, keep: string | null): Promise<void> {
    this.#filter = filter;
    this.#sort = sort;
    await this.reload();
    const index = keep === null ? null : await this.locate(keep);
    this.#index = index ?? 0;
  }

  /** Position of an image, or null when the filter leaves it out. */
  async locate(image: string): Promise<number | null> {
    const query = { project: this.#project, filter: this.#filter, sort: this.#sort, image };
    return (await this.#client.images.locate(query)).index;
  }

  /** Reads the pages in use again. What is shown stays until its new state is there. */
  async reload(): Promise<void> {
    this.#generation++;
    this.#loading.clear();
    const used = [...this.#pages.keys()];
    const near = Math.floor(this.#index / pageSize);
    await this.#load(near);
    for (const page of used) {
      if (page === near) continue;
      if (Math.abs(page - near) > 2 || page * pageSize >= this.#total) this.#pages.delete(page);
      else void this.#load(page);
    }
    this.#fetchWanted();
  }

  /** Takes in the new state of single images where they are. */
  update(items: readonly ImageItem[]): void {
    const fresh = byId(items);
    for (const [page, old] of this.#pages) {
      if (!old.some((item) => fresh.has(item.id))) continue;
      this.#pages.set(
        page,
        old.map((item) => fresh.get(item.id) ?? item),
      );
    }
  }

  /** Asks for the new state of images and takes it in. */
  async refresh(ids: readonly string[]): Promise<void> {
    const known = plainSet([...this.#pages.values()].flat().map((item) => item.id));
    const images = ids.filter((id) => known.has(id));
    if (images.length > 0) this.update(await this.#client.images.get({ project: this.#project, images }));
  }

  #load(page: number): Promise<void> {
    const running = this.#loading.get(page);
    if (running) return running;
    const work = this.#fetch(page, this.#generation)
      .catch(this.#fail)
      .finally(() => this.#loading.delete(page));
    this.#loading.set(page, work);
    return work;
  }

  async #fetch(page: number, generation: number): Promise<void> {
    const place = { offset: page * pageSize, limit: pageSize };
    const query = { project: this.#project, filter: this.#filter, sort: this.#sort, ...place };
    const { total, items } = await this.#client.images.list(query);
    if (generation !== this.#generation) return;
    this.#total = total;
    this.#loaded = true;
    this.#pages.set(page, items);
    this.#forget(page);
  }

  #forget(near: number): void {
    const extra = this.#pages.size - keptPages;
    if (extra <= 0) return;
    const idle = [...this.#pages.keys()].filter((page) => !this.#isWanted(page));
    idle.sort((a, b) => Math.abs(b - near) - Math.abs(a - near));
    for (const page of idle.slice(0, extra)) this.#pages.delete(page);
  }
}
