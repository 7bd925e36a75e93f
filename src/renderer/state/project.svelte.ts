// One open project in this window: its parts, kept up to date by the project's stream of changes.
import type { Split } from '../../shared/labels.ts';
import type { Connection } from '../../shared/client/connection.ts';
import type { HistoryEntry, ImageItem, ImageStatus, ProjectEvent, ProjectInfo } from '../../shared/contract/index.ts';
import { Classes } from './classes.svelte.ts';
import { Detection } from './detection.svelte.ts';
import { Editor } from './editor.svelte.ts';
import { Evaluation } from './evaluation.svelte.ts';
import { Gallery } from './gallery.svelte.ts';
import { Heatmap } from './heatmap.svelte.ts';
import { Labeller } from './labeller.svelte.ts';
import { Models } from './models.svelte.ts';
import { nextOpen } from './review.ts';
import { Training } from './training.svelte.ts';
import { Work } from './work.svelte.ts';

/** What a project needs of the window. */
export interface ProjectHost {
  connection: Connection;
  personName: () => string;
  fail: (error: unknown) => void;
}

/** An open project. */
export class Project {
  readonly #host: ProjectHost;
  readonly #stop: () => void;
  readonly id: string;
  readonly classes: Classes;
  readonly gallery: Gallery;
  readonly editor: Editor;
  readonly labeller: Labeller;
  readonly heatmap: Heatmap;
  readonly models: Models;
  readonly training: Training;
  readonly detection: Detection;
  readonly evaluation: Evaluation;
  /** Suggesting, importing, exporting, looking for duplicates: one at a time. */
  readonly work = new Work();
  #info = $state.raw<ProjectInfo>()!;
  /** Grows with every change of the history, for panels that show it. */
  #historyVersion = $state(0);
  #opening: Promise<unknown> | null = null;
  /** Position that was asked for, until it is there: the place in the list follows a little later. */
  #aim: number | null = null;

  constructor(info: ProjectInfo, host: ProjectHost) {
    const { client } = host.connection;
    this.#host = host;
    this.#info = info;
    this.id = info.id;
    this.classes = new Classes(client, info.id);
    this.gallery = new Gallery(client, info.id, host.fail);
    this.heatmap = new Heatmap(client, info.id, host.fail);
    this.models = new Models(client, info.id);
    this.training = new Training(host.connection, info.id, host.fail);
    this.detection = new Detection(host.connection, info.id, host.fail);
    this.evaluation = new Evaluation(client, info.id, host.fail);
    this.editor = new Editor({
      client,
      project: info.id,
      personName: host.personName,
      fail: host.fail,
      readOnly: () => this.#info.readOnlyReason !== null,
      changed: (image) => this.gallery.update([image]),
    });
    this.labeller = new Labeller(client, info.id, this.editor);
    this.#stop = host.connection.follow(
      (c, signal) => c.project.events({ project: info.id }, { signal }),
      (event) => void this.#hear(event).catch(host.fail),
      host.fail,
    );
  }

  get info(): ProjectInfo {
    return this.#info;
  }
  get historyVersion(): number {
    return this.#historyVersion;
  }
  get client(): Connection['client'] {
    return this.#host.connection.client;
  }

  /** Reads everything that the views start with, and shows the first image: that doesn't wait for the models, whose process takes a second to start. */
  async load(): Promise<void> {
    await Promise.all([this.models.reload(), this.#loadImages()]);
  }

  /** Settles, without failing, when the image that was asked for is there or can't be; null while none is on its way. */
  get opening(): Promise<unknown> | null {
    return this.#opening;
  }

  #track<T>(work: Promise<T>): Promise<T> {
    const mine = Promise.allSettled([this.#opening, work]).then(() => {
      if (this.#opening === mine) this.#opening = this.#aim = null;
    });
    this.#opening = mine;
    return work;
  }

  async #loadImages(): Promise<void> {
    await Promise.all([this.classes.reload(), this.gallery.reload()]);
    this.#keepClass();
    if (!this.editor.image) await this.show(0);
  }

  /** Reads what is shown again, after the connection was lost. */
  async reread(): Promise<void> {
    await this.#readInfo();
    await Promise.all([this.classes.reload(), this.models.reload(), this.gallery.reload()]);
    await this.editor.refresh();
  }

  async rename(name: string): Promise<void> {
    await this.client.project.rename({ project: this.id, name });
    await this.#readInfo();
  }

  /** Ends the stream of changes and tells the host. */
  async leave(): Promise<void> {
    this.#stop();
    this.training.close();
    this.detection.close();
    this.evaluation.close();
    await this.editor.settled();
    await this.client.project.close({ project: this.id });
  }

  /** Shows the image at a position of the list. False when there is none. */
  show(index: number): Promise<boolean> {
    if (index >= 0 && index < this.gallery.total) this.#aim = index;
    return this.#track(this.#show(index));
  }

  async #show(index: number): Promise<boolean> {
    const item = await this.gallery.item(index);
    if (!item) return false;
    if (index !== this.#aim) return true; // somebody went on before its page was there
    this.gallery.goTo(index);
    await this.editor.open(item);
    return true;
  }

  /** Moves along the list. */
  go(step: number): Promise<boolean> {
    return this.show((this.#aim ?? this.gallery.index) + step);
  }

  /** Shows an image by id, also when the filter leaves it out of the list. */
  showImage(image: string): Promise<void> {
    return this.#track(this.#showImage(image));
  }

  async #showImage(image: string): Promise<void> {
    const index = await this.gallery.locate(image);
    if (index !== null) {
      await this.show(index);
      return;
    }
    const [item] = await this.client.images.get({ project: this.id, images: [image] });
    if (item) await this.editor.open(item);
  }

  /** Sets the status of the image on the canvas and goes on to the next. False at the end of the list. */
  async mark(status: ImageStatus): Promise<boolean> {
    this.labeller.setStatus(status);
    return this.go(1);
  }

  /** Shows the next image that is neither reviewed nor skipped. False when there is none. */
  goToOpen(): Promise<boolean> {
    return this.#track(this.#goToOpen());
  }

  async #goToOpen(): Promise<boolean> {
    await this.editor.settled();
    const { filter, sort, index } = this.gallery;
    const next = await nextOpen(this.client, { project: this.id, filter, sort, index });
    if (next !== null) await this.showImage(next);
    return next !== null;
  }

  /** Puts the image on the canvas into a part of the dataset; null goes back to the part that its content gives. */
  async setSplit(split: Split | null): Promise<void> {
    const { image } = this.editor;
    if (!image) return;
    await this.client.images.setSplit({ project: this.id, images: [image.id], split });
    await this.gallery.refresh([image.id]);
    await this.editor.refresh();
  }

  /** Takes the last step back (or makes it again) and shows the image it was on. */
  async undo(direction: 'undo' | 'redo' = 'undo'): Promise<HistoryEntry | null> {
    await this.editor.settled();
    const { entry } = await this.client.labels[direction]({ project: this.id });
    const image = entry?.images[0];
    if (image !== undefined && image !== this.editor.image?.id) await this.showImage(image);
    else await this.editor.refresh();
    await this.#readInfo();
    return entry;
  }

  /** Runs the current model over images, or all new ones, and keeps its boxes as suggestions. */
  async suggest(title: string, images: 'new' | string[], addClasses: boolean) {
    const model = this.models.currentId ?? '';
    await this.editor.settled();
    const input = { project: this.id, model, images, minScore: 0.1, addClasses };
    const result = await this.work.run(title, (signal) => this.client.detect.suggest(input, { signal }));
    await this.editor.refresh();
    return result;
  }

  async #readInfo(): Promise<void> {
    this.#info = await this.client.project.info({ project: this.id });
  }

  async #hear(event: ProjectEvent): Promise<void> {
    if (event.type === 'models') return this.models.reload();
    if (event.type === 'runs') return this.training.reloadRuns();
    if (event.type === 'jobs') return this.detection.reload();
    await this.#readInfo();
    if (event.type === 'project') return;
    this.#historyVersion++;
    await this.classes.reload();
    this.#keepClass();
    await this.#images(event.images);
  }

  /** The next box needs a class that exists: the first one, when the current one is none (any more). */
  #keepClass(): void {
    if (!this.classes.byId(this.labeller.classId)) this.labeller.classId = this.classes.list[0]?.id ?? null;
  }

  async #images(ids: readonly string[] | undefined): Promise<void> {
    const { image } = this.editor;
    if (ids) await this.gallery.refresh(ids);
    else await this.gallery.reload();
    const shown = image !== null && (ids?.includes(image.id) ?? true);
    if (shown && this.editor.unsaved === 0) await this.#again(image);
  }

  /** Another window, an import or a model may have changed the shown image: read it where it stands. */
  async #again(image: ImageItem): Promise<void> {
    if (this.editor.image?.id === image.id) await this.editor.refresh();
  }
}
