// What a person does to the boxes of the image: draws, moves, relabels, deletes, answers suggestions, copies. Each act is one undoable step.
import type { Box } from '../../shared/geometry.ts';
import type { ImageItem, ImageStatus, LabelChange, LabelObject, StudioClient } from '../../shared/contract/index.ts';
import type { ToolName } from '../canvas/tools.ts';
import { growBox, isTooSmall, moveBoxes } from '../canvas/shapes.ts';
import { copyPreviousChanges, pasteChanges, reshapeChanges, type Copied } from './editing.ts';
import type { Editor } from './editor.svelte.ts';
import { plainMap } from './plain.ts';

const newId = (): string => crypto.randomUUID();

/** The acts of a person on one {@link Editor}. */
export class Labeller {
  readonly #client: StudioClient;
  readonly #project: string;
  readonly #editor: Editor;
  #copied: Copied[] = [];
  /** What a press on the canvas does. */
  tool = $state<ToolName>('draw');
  /** Class of the next box. */
  classId = $state<string | null>(null);

  constructor(client: StudioClient, project: string, editor: Editor) {
    this.#client = client;
    this.#project = project;
    this.#editor = editor;
  }

  /** A new box with the current class, selected. */
  draw(box: Box, classId: string | null = this.classId): void {
    if (classId === null || isTooSmall(box)) return;
    const id = newId();
    this.#editor.change('draw', [{ type: 'add', id, classId, box }]);
    this.#editor.selection.only(id);
  }

  /** Gives objects other boxes; a suggestion that is moved becomes the person's. */
  reshape(boxes: ReadonlyMap<string, Box>, action: 'move' | 'resize' = 'move'): void {
    const changes = reshapeChanges(this.#editor.objects, boxes);
    if (changes.length > 0) this.#editor.change(action, changes);
  }

  /** Moves the selection by image pixels, as one piece. */
  nudge(dx: number, dy: number): void {
    const { selected, image } = this.#editor;
    if (image) this.reshape(moveBoxes(selected, dx, dy, image));
  }

  /** Resizes the selection by image pixels at the right and lower sides. */
  grow(dw: number, dh: number): void {
    const { selected, image } = this.#editor;
    if (image) this.reshape(plainMap(selected.map((o) => [o.id, growBox(o.box, dw, dh, image)])), 'resize');
  }

  /** Sets the current class, and the class of the selection. */
  useClass(classId: string): void {
    this.classId = classId;
    const others = this.#editor.selected.filter((o) => o.classId !== classId);
    if (others.length > 0)
      this.#editor.change(
        'relabel',
        others.map(({ id }) => ({ type: 'update', id, classId })),
      );
  }

  /** Deletes an object, or the selection; suggestions are rejected. */
  remove(id?: string): void {
    const { selected, objects } = this.#editor;
    const gone = id === undefined ? selected : objects.filter((o) => o.id === id);
    if (gone.length === 0) return;
    const changes = gone.map((o): LabelChange => ({ type: o.state === 'suggested' ? 'reject' : 'remove', id: o.id }));
    this.#editor.change(gone.every((o) => o.state === 'suggested') ? 'reject' : 'delete', changes);
    this.#editor.selection.only(null);
  }

  /** Accepts suggestions: the one named, else the selected ones, else the surest; then goes on to the next. */
  accept(id?: string): void {
    const targets = this.#suggestions(id);
    if (targets.length === 0) return;
    this.#editor.change(
      'accept',
      targets.map((o) => ({ type: 'accept', id: o.id })),
    );
    this.#editor.selection.only(this.#surest()?.id ?? targets.at(-1)?.id ?? null);
  }

  /** Accepts every suggestion that is shown. */
  acceptAll(): void {
    const changes = this.#editor.suggestions.map(({ id }): LabelChange => ({ type: 'accept', id }));
    if (changes.length > 0) this.#editor.change('accept', changes);
  }

  /** Rejects suggestions: the one named, else the selected ones, else the surest. */
  reject(id?: string): void {
    const targets = this.#suggestions(id);
    if (targets.length === 0) return;
    this.#editor.change(
      'reject',
      targets.map((o) => ({ type: 'reject', id: o.id })),
    );
    this.#editor.selection.only(this.#surest()?.id ?? null);
  }

  /** Keeps the selection, or all confirmed boxes where nothing is selected, for {@link paste}. Returns how many. */
  copy(): number {
    const { selected, objects } = this.#editor;
    const taken = selected.length > 0 ? selected : objects.filter((o) => o.state === 'confirmed');
    this.#copied = taken.map(({ classId, box }) => ({ classId, box }));
    return taken.length;
  }
  paste(): void {
    this.#addAll('paste', (image) => pasteChanges(this.#copied, this.#editor.objects, image, newId));
  }
  duplicate(): void {
    const { selected, objects } = this.#editor;
    this.#addAll('duplicate', (image) => pasteChanges(selected, objects, image, newId));
  }

  /** Copies the boxes of another image, once. Returns how many. */
  async copyFrom(image: string): Promise<number> {
    const { objects } = await this.#client.labels.get({ project: this.#project, image });
    return this.#addAll('copy-previous', (here) => copyPreviousChanges(objects, this.#editor.objects, here, newId));
  }

  setStatus(status: ImageStatus): void {
    if (this.#editor.image) this.#editor.change('status', [{ type: 'status', status }]);
  }

  #addAll(action: string, make: (image: ImageItem) => LabelChange[]): number {
    const changes = this.#editor.image ? make(this.#editor.image) : [];
    if (changes.length === 0) return 0;
    this.#editor.change(action, changes);
    this.#editor.selection.all(changes.flatMap((c) => (c.type === 'add' ? [c.id] : [])));
    return changes.length;
  }

  #suggestions(id: string | undefined): LabelObject[] {
    const shown = this.#editor.suggestions;
    const named = shown.filter((o) => (id === undefined ? this.#editor.selection.has(o.id) : o.id === id));
    const surest = this.#surest();
    return named.length === 0 && id === undefined && surest ? [surest] : named;
  }

  #surest(): LabelObject | undefined {
    return this.#editor.suggestions.toSorted((a, b) => (b.score ?? 0) - (a.score ?? 0))[0];
  }
}
