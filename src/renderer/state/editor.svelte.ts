// The image on the canvas: its objects, the selection, the tool, and every change a person makes. What is shown is ahead of the disk by one answer.
import type { Box } from '../../shared/geometry.ts';
import type { ImageItem, ImageStatus, LabelChange, LabelObject, StudioClient } from '../../shared/contract/index.ts';
import { StudioError } from '../../shared/errors.ts';
import { SpatialIndex } from '../canvas/spatialIndex.ts';
import type { ToolName } from '../canvas/tools.ts';
import { growBox, isTooSmall, moveBox } from '../canvas/shapes.ts';
import { applyChanges, copyPreviousChanges, cycled, pasteChanges, visibleObjects, type Copied } from './editing.ts';
import { Outbox } from './outbox.ts';

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
const newId = (): string => crypto.randomUUID();

/** One image being edited. */
export class Editor {
  readonly #host: EditorHost;
  readonly #outbox: Outbox<Labels>;
  /** Where the visible objects lie. */
  readonly index = new SpatialIndex();
  #image = $state.raw<ImageItem | null>(null);
  #objects = $state.raw<LabelObject[]>([]);
  #past = $state.raw<LabelObject[] | null>(null);
  #state = $state<'empty' | 'loading' | 'ready' | 'failed'>('empty');
  #selected = $state<string | null>(null);
  #hovered = $state<string | null>(null);
  #threshold = $state(0.3);
  #unsaved = $state(0);
  #token = 0;
  #copied: Copied[] = [];
  /** What a press on the canvas does. */
  tool = $state<ToolName>('draw');
  /** Class of the next box. */
  classId = $state<string | null>(null);
  /** Boxes are out of sight while a key is held. */
  hidden = $state(false);
  readonly #visible = $derived(visibleObjects(this.#past ?? this.#objects, this.#threshold));

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
  get selectedId(): string | null {
    return this.#selected;
  }
  get selected(): LabelObject | null {
    return this.#visible.find((o) => o.id === this.#selected) ?? null;
  }
  get hoveredId(): string | null {
    return this.#hovered;
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

  select(id: string | null): void {
    this.#selected = id;
  }
  hover(id: string | null): void {
    this.#hovered = id;
  }
  cycle(step: 1 | -1): void {
    this.#selected = cycled(this.#visible, this.#selected, step);
  }

  /** Shows a past state without changing anything; null comes back to the present. */
  lookBack(objects: LabelObject[] | null): void {
    this.#past = objects;
    this.#selected = null;
    this.#reindex();
  }

  /** A new box with the current class, selected. */
  draw(box: Box, classId: string | null = this.classId): void {
    if (classId === null || isTooSmall(box)) return;
    const id = newId();
    this.change('draw', [{ type: 'add', id, classId, box }]);
    this.#selected = id;
  }

  /** Gives an object another box; a moved suggestion becomes the person's. */
  reshape(id: string, box: Box, action: 'move' | 'resize' = 'move'): void {
    const suggested = this.#objects.find((o) => o.id === id)?.state === 'suggested';
    this.change(action, [...(suggested ? [{ type: 'accept' as const, id }] : []), { type: 'update', id, box }]);
  }

  /** Moves the selection by image pixels. */
  nudge(dx: number, dy: number): void {
    const { selected, image } = this;
    if (selected && image) this.reshape(selected.id, moveBox(selected.box, dx, dy, image));
  }

  /** Resizes the selection by image pixels at its right and lower side. */
  grow(dw: number, dh: number): void {
    const { selected, image } = this;
    if (selected && image) this.reshape(selected.id, growBox(selected.box, dw, dh, image), 'resize');
  }

  /** Sets the current class, and the class of the selection. */
  useClass(classId: string): void {
    this.classId = classId;
    const { selected } = this;
    if (selected && selected.classId !== classId)
      this.change('relabel', [{ type: 'update', id: selected.id, classId }]);
  }

  /** Deletes an object (the selection by default); a suggestion is rejected. */
  remove(id: string | null = this.#selected): void {
    const object = this.#objects.find((o) => o.id === id);
    if (!object) return;
    if (object.state === 'suggested') this.reject(object.id);
    else this.change('delete', [{ type: 'remove', id: object.id }]);
  }

  /** Accepts a suggestion: the one named, else the selected, else the surest; then goes on to the next. */
  accept(id: string | null = null): void {
    const target = this.#suggestion(id);
    if (!target) return;
    this.change('accept', [{ type: 'accept', id: target.id }]);
    this.#selected = this.#surest()?.id ?? target.id;
  }

  /** Accepts every suggestion that is shown. */
  acceptAll(): void {
    const changes = this.suggestions.map(({ id }): LabelChange => ({ type: 'accept', id }));
    if (changes.length > 0) this.change('accept', changes);
  }

  /** Rejects a suggestion: the one named, else the selected, else the surest. */
  reject(id: string | null = null): void {
    const target = this.#suggestion(id);
    if (!target) return;
    this.change('reject', [{ type: 'reject', id: target.id }]);
    this.#selected = this.#surest()?.id ?? null;
  }

  copy(): void {
    const { selected } = this;
    this.#copied = (selected ? [selected] : this.#objects.filter((o) => o.state === 'confirmed')).map(
      ({ classId, box }) => ({ classId, box }),
    );
  }
  paste(): void {
    this.#addAll('paste', (image) => pasteChanges(this.#copied, this.#objects, image, newId));
  }
  duplicate(): void {
    const { selected } = this;
    if (selected) this.#addAll('duplicate', (image) => pasteChanges([selected], this.#objects, image, newId));
  }

  /** Copies the boxes of another image, once. Returns how many. */
  async copyFrom(image: string): Promise<number> {
    const { objects } = await this.#host.client.labels.get({ project: this.#host.project, image });
    return this.#addAll('copy-previous', (here) => copyPreviousChanges(objects, this.#objects, here, newId));
  }

  setStatus(status: ImageStatus): void {
    if (this.#image) this.change('status', [{ type: 'status', status }]);
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

  #addAll(action: string, make: (image: ImageItem) => LabelChange[]): number {
    const changes = this.#image ? make(this.#image) : [];
    if (changes.length === 0) return 0;
    this.change(action, changes);
    const last = changes.at(-1);
    this.#selected = changes.length === 1 && last?.type === 'add' ? last.id : null;
    return changes.length;
  }

  #suggestion(id: string | null): LabelObject | undefined {
    const named = id ?? this.#selected;
    return this.suggestions.find((o) => o.id === named) ?? (id === null ? this.#surest() : undefined);
  }

  #surest(): LabelObject | undefined {
    return this.suggestions.sort((a, b) => (b.score ?? 0) - (a.score ?? 0))[0];
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
    this.#selected = null;
    this.#hovered = null;
    this.#reindex();
  }

  #reindex(): void {
    this.index.load(this.#visible);
  }
}
