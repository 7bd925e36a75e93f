// The canvas's own state: viewport, gesture, pointer, picture, and the redrawing of only what changed.
import type { Box, Size } from '../../shared/geometry.ts';
import { mediaUrl } from '../../shared/media.ts';
import type { ImageItem } from '../../shared/contract/index.ts';
import type { Editor } from '../state/editor.svelte.ts';
import type { Labeller } from '../state/labeller.svelte.ts';
import { plainMap } from '../state/plain.ts';
import { Pictures, type Picture } from './pictures.ts';
import { step, type Effect, type Gesture, type PointerStep, type Scene } from './tools.ts';
import * as viewport from './viewport.ts';
import type { Point, Viewport } from './viewport.ts';

/** Pixels around a handle or edge that still catch it; fingers are wider than mice. */
const slack = { mouse: 7, touch: 16 };

/** What a stage needs of the view around it. */
export interface StageHost {
  project: string;
  editor: Editor;
  labeller: Labeller;
  keepView: () => boolean;
  propose: (at: Point) => void;
}

/** One canvas. */
export class Stage {
  readonly #host: StageHost;
  readonly #pictures = new Pictures(4);
  #view = $state.raw<Size>({ width: 1, height: 1 });
  #vp = $state.raw<Viewport>({ x: 0, y: 0, scale: 1 });
  #picture = $state.raw<{ id: string; picture: Picture } | null>(null);
  #failure = $state.raw<unknown>(null);
  #gesture = $state.raw<Gesture>({ kind: 'idle' });
  #pointer = $state.raw<Point | null>(null);
  #shownId: string | null = null;
  #touch = $state(false);
  /** 1 is as it is. */
  brightness = $state(1);
  contrast = $state(1);
  crosshair = $state(true);

  constructor(host: StageHost) {
    this.#host = host;
  }

  get view(): Size {
    return this.#view;
  }
  get viewport(): Viewport {
    return this.#vp;
  }
  /** The decoded picture of the image on the stage, or null while it comes. */
  get picture(): Picture | null {
    const { image } = this.#host.editor;
    return image && this.#picture?.id === image.id ? this.#picture.picture : null;
  }
  /** Why the picture can't be shown. */
  get failure(): unknown {
    return this.#failure;
  }
  get gesture(): Gesture {
    return this.#gesture;
  }
  /** Where the pointer is, in CSS pixels of the stage; null outside. */
  get pointer(): Point | null {
    return this.#pointer;
  }
  /** Size of the image that boxes refer to. */
  get imageSize(): Size {
    const { image } = this.#host.editor;
    if (image && image.width > 0) return image;
    return this.picture?.full ?? { width: 1, height: 1 };
  }

  /** The stage has a new size: a fitted image stays fitted. */
  resize(view: Size): void {
    const before = viewport.fit(this.imageSize, this.#view);
    const fitted = Math.abs(before.scale - this.#vp.scale) < 1e-6;
    this.#view = view;
    if (fitted) this.fit();
    else this.#vp = viewport.keepInView(this.#vp, this.imageSize, view);
  }

  /** Shows the picture of an image, and decodes its neighbours ahead. */
  async load(image: ImageItem | null, ahead: readonly (ImageItem | undefined)[]): Promise<void> {
    if (!image) return;
    const fresh = image.id !== this.#shownId;
    this.#shownId = image.id;
    if (fresh) {
      this.#gesture = { kind: 'idle' };
      this.#failure = null;
      if (image.width > 0) this.#newImage();
    }
    try {
      const picture = await this.#pictures.get(mediaUrl.image(this.#host.project, image.id));
      if (image.width === 0) await picture.whole(); // boxes refer to its size, which nobody has read yet
      if (this.#shownId !== image.id) return;
      this.#picture = { id: image.id, picture };
      this.#failure = null; // it was tried again, and is there now
      if (fresh && image.width === 0) this.#newImage();
      const neighbours = ahead
        .filter((next) => next !== undefined)
        .map((next) => this.#pictures.get(mediaUrl.image(this.#host.project, next.id)));
      await Promise.allSettled(neighbours);
      if (this.#shownId !== image.id || picture.full) return;
      await picture.whole();
      if (this.#shownId === image.id) this.#picture = { id: image.id, picture };
    } catch (error) {
      if (this.#shownId === image.id) this.#failure = error;
    }
  }

  #newImage(): void {
    if (this.#host.keepView()) return;
    this.brightness = 1;
    this.contrast = 1;
    this.fit();
  }

  fit(): void {
    this.#vp = viewport.fit(this.imageSize, this.#view);
  }
  actualSize(): void {
    this.#vp = viewport.zoomAt(this.#vp, this.#centre(), 1 / this.#vp.scale);
  }
  zoom(factor: number, at: Point = this.#centre()): void {
    this.#vp = viewport.keepInView(viewport.zoomAt(this.#vp, at, factor), this.imageSize, this.#view);
  }
  pan(dx: number, dy: number): void {
    this.#vp = viewport.pan(this.#vp, dx, dy, this.imageSize, this.#view);
  }
  pinch(a0: Point, b0: Point, a1: Point, b1: Point): void {
    this.cancel();
    this.#vp = viewport.keepInView(viewport.pinch(this.#vp, a0, b0, a1, b1), this.imageSize, this.#view);
  }

  /** Image point of a place on the stage. */
  toImage(p: Point): Point {
    return viewport.toImage(this.#vp, p);
  }

  /** One pointer event at a place on the stage. `pick` selects whatever the tool, `add` takes more into the selection. */
  point(type: PointerStep['type'], screen: Point, { pick = false, add = false, touch = false } = {}): void {
    this.#pointer = screen;
    this.#touch = touch;
    if (this.#host.editor.state !== 'ready' || this.#host.editor.inPast) return;
    const out = step(this.#gesture, { type, at: this.toImage(screen), screen, pick, add }, this.scene());
    this.#gesture = out.gesture;
    for (const effect of out.effects) this.#do(effect);
  }

  /** The pointer has left the stage. */
  leave(): void {
    this.#pointer = null;
  }

  /** Drops what is being drawn or moved. False when there was nothing. */
  cancel(): boolean {
    const busy = this.#gesture.kind !== 'idle';
    this.#gesture = { kind: 'idle' };
    return busy;
  }

  /** Enter: finishes a box begun by a click at the pointer. False when there is none. */
  finish(): boolean {
    if (this.#gesture.kind !== 'click-draw' || !this.#pointer) return false;
    this.point('down', this.#pointer);
    this.point('up', this.#pointer);
    return true;
  }

  /** What the state machine of gestures looks at. */
  scene(): Scene {
    const { editor } = this.#host;
    return {
      tool: this.#host.labeller.tool,
      image: this.imageSize,
      index: editor.index,
      selected: editor.selected,
      slack: (this.#touch ? slack.touch : slack.mouse) / this.#vp.scale,
    };
  }

  /** Lets decoded pictures go. */
  dispose(): void {
    this.#pictures.clear();
  }

  #do(effect: Effect): void {
    const { editor, labeller } = this.#host;
    const { selection } = editor;
    if (effect.kind === 'create') labeller.draw(effect.box);
    else if (effect.kind === 'select') selection.only(effect.id);
    else if (effect.kind === 'toggle') selection.toggle(effect.id);
    else if (effect.kind === 'band') selection.add(editor.index.centredIn(effect.box).map(({ id }) => id));
    else if (effect.kind === 'move') this.#moved(effect.boxes);
    else if (effect.kind === 'resize') labeller.reshape(plainMap([[effect.id, effect.box]]), 'resize');
    else this.#host.propose(effect.at);
  }

  #moved(boxes: ReadonlyMap<string, Box>): void {
    this.#host.editor.selection.all([...boxes.keys()]);
    this.#host.labeller.reshape(boxes);
  }

  #centre(): Point {
    return { x: this.#view.width / 2, y: this.#view.height / 2 };
  }
}
