// The image on the canvas: its objects, what is selected, and the way of changes to disk. What is shown is ahead of the disk by one answer.
import type { ImageItem, LabelChange, LabelObject, StudioClient } from '../../shared/contract/index.ts';
import { StudioError } from '../../shared/errors.ts';
import { SpatialIndex } from '../canvas/spatialIndex.ts';
import { applyChanges, cycled, visibleObjects } from './editing.ts';
import { Outbox } from './outbox.ts';
import { Selection } from './selection.svelte.ts';

/** What the editor needs of the project around it. */
export interface EditorHost {
  client: StudioClient;
  project: string;
  personName: () => string;
  /** An image has a new state. */
  changed: (image: ImageItem) => void;
  fail: (error: unknown) => void;
  /** Nothing may be changed. */
  readOnly: () => boolean;
}

type Labels = Awaited<ReturnType<StudioClient['labels']['get']>>;

/** One image being edited. */
export class Editor {
  readonly #host: EditorHost;
  readonly #outbox: Outbox<Labels>;
  /** Where the visible objects lie. */
  readonly index = new SpatialIndex();
  readonly selection = new Selection();
  #image = $state.raw<ImageItem | null>(null);
  #objects = $state.raw<LabelObject[]>([]);
  #past = $state.raw<LabelObject[] | null>(null);
  #state = $state<'empty' | 'loading' | 'ready' | 'failed'>('empty');
  #threshold = $state(0.3);
  #unsaved = $state(0);
  #token = 0;
  /** Boxes are out of sight while a key is held. */
  hidden = $state(false);
  readonly #visible = $derived(visibleObjects(this.#past ?? this.#objects, this.#threshold));
  readonly #selected = $derived(this.#visible.filter((o) => this.selection.has(o.id)));

  constructor(host: EditorHost) {
    this.#host = host;
    this.#outbox = new Outbox<Labels>({
      send: (edit) => host.client.labels.edit({ project: host.project, ...edit }),
      read: async (image) => (await host.client.labels.get({ project: host.project, image })).objects,
      saved: (edit, result, waiting) => this.#saved(edit.image, result, waiting),
      refused: (edit, error) => this.#refused(edit.image, error),
    });
  }

  get image(): ImageItem | null {
    return this.#image;
  }
  get state(): 'empty' | 'loading' | 'ready' | 'failed' {
    return this.#state;
  }
  /** Everything on the image, suggestions below the threshold included. */
  get objects(): readonly LabelObject[] {
    return this.#objects;
  }
  /** What is shown: the present, or a state of the past that is being looked at. */
  get visible(): readonly LabelObject[] {
    return this.#visible;
  }
  /** True while a past state is shown; nothing can be changed then. */
  get inPast(): boolean {
    return this.#past !== null;
  }
  /** The selected objects, in drawing order. */
  get selected(): readonly LabelObject[] {
    return this.#selected;
  }
  get suggestions(): LabelObject[] {
    return this.#visible.filter((o) => o.state === 'suggested');
  }
  /** Score below which suggestions are hidden. */
  get threshold(): number {
    return this.#threshold;
  }
  set threshold(value: number) {
    this.#threshold = value;
    this.#reindex();
  }
  /** Edits that aren't on disk yet. */
  get unsaved(): number {
    return this.#unsaved;
  }

  /** Shows an image: reads its objects; a newer call wins. */
  async open(image: ImageItem): Promise<void> {
    const token = ++this.#token;
    if (image.id !== this.#image?.id) this.#clear('loading');
    this.#image = image;
    try {
      await this.#outbox.settled();
      const labels = await this.#host.client.labels.get({ project: this.#host.project, image: image.id });
      if (token === this.#token) this.#take(labels);
    } catch (error) {
      // A lost connection is no reason to drop what is shown: everything is read again when it is back.
      if (token !== this.#token || (error instanceof StudioError && error.code === 'connection-lost')) return;
      this.#clear('failed');
      this.#host.fail(error);
    }
  }

  /** Shows nothing. */
  close(): void {
    this.#token++;
    this.#image = null;
    this.#clear('empty');
  }

  /** Reads the image again, after somebody else's change. Waits for own edits first. */
  async refresh(): Promise<void> {
    if (this.#image) await this.open(this.#image);
  }

  /** Settles when every change made so far is on disk. */
  settled(): Promise<void> {
    return this.#outbox.settled();
  }

  /** Selects the object after or before the one selected last. */
  cycle(step: 1 | -1): void {
    this.selection.only(cycled(this.#visible, this.selection.last, step));
  }

  /** Shows a past state without changing anything; null comes back to the present. */
  lookBack(objects: LabelObject[] | null): void {
    this.#past = objects;
    this.selection.only(null);
    this.#reindex();
  }

  /** Makes one undoable step: shown at once, on disk a moment later. */
  change(action: string, changes: LabelChange[]): void {
    if (!this.#image || this.#state !== 'ready' || this.inPast || this.#host.readOnly()) return;
    const hand = { name: this.#host.personName(), now: Date.now() };
    this.#objects = applyChanges(this.#objects, changes, hand);
    this.#reindex();
    this.#outbox.put({ image: this.#image.id, action, changes });
    this.#unsaved = this.#outbox.size;
  }

  #saved(image: string, labels: Labels, waiting: boolean): void {
    this.#unsaved = this.#outbox.size;
    this.#host.changed(labels.image);
    if (image === this.#image?.id && !waiting) this.#take(labels);
  }

  #refused(image: string, error: unknown): void {
    this.#unsaved = this.#outbox.size;
    this.#host.fail(error);
    if (image === this.#image?.id && !this.#outbox.waits(image)) void this.refresh();
  }

  #take(labels: Labels): void {
    if (this.#outbox.waits(labels.image.id)) return;
    this.#image = labels.image;
    this.#objects = labels.objects;
    this.#state = 'ready';
    this.#reindex();
  }

  #clear(state: 'empty' | 'loading' | 'failed'): void {
    this.#state = state;
    this.#objects = [];
    this.#past = null;
    this.selection.clear();
    this.#reindex();
  }

  #reindex(): void {
    this.index.load(this.#visible);
  }
}
