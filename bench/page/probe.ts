// Runs inside the page, before its scripts: notes when pictures, heatmaps and boxes are painted, and counts frames. `bench/interface.ts` reads it as `probe`.

/** What a watched stretch of time looked like: rAF frames, frames in which a canvas layer was painted, and the longest gaps between them (ms). */
interface Frames {
  seconds: number;
  frames: number;
  painted: number;
  worstGap: number;
  /** Gaps between painted frames, sorted. */
  gaps: number[];
}

/** Milliseconds for which the visible part of the gallery was, without a break, worse than complete. */
interface GalleryLook {
  frames: number;
  worstGap: number;
  /** Part of the view had no cell at all. */
  bare: number;
  /** Some cell had neither a name nor a picture: only the grey tile. */
  nameless: number;
  /** Some cell's thumbnail had no pixels yet: grey tile, status and name. */
  pictureless: number;
}

const layerNames = ['picture', 'heat', 'boxes', 'top'] as const;
type LayerName = (typeof layerNames)[number];

class Probe {
  /** When a layer was painted last, and how often. */
  readonly painted: Record<LayerName, { at: number; times: number }> = {
    picture: { at: 0, times: 0 },
    heat: { at: 0, times: 0 },
    boxes: { at: 0, times: 0 },
    top: { at: 0, times: 0 },
  };
  #inputAt = 0;
  #before = { pictures: 0, heats: 0, row: null as Element | null };
  /** Beginnings of the last frames. */
  readonly #frames: number[] = [];

  constructor() {
    // Once a picture or heatmap is drawn (not merely the layer cleared), it counts as painted.
    this.#hook('drawImage', true);
    this.#hook('clearRect', false);
    for (const type of ['keydown', 'pointerdown'])
      addEventListener(type, (event) => (this.#inputAt = event.timeStamp), { capture: true });
  }

  /** Before an input whose outcome {@link turned} or {@link heated} waits for. */
  arm(): void {
    this.#inputAt = 0;
    this.#before = {
      pictures: this.painted.picture.times,
      heats: this.painted.heat.times,
      row: this.#firstRow(),
    };
  }

  /** From the key or button pressed since {@link arm} (when the browser got it) until another picture is in a frame, and until its objects are listed too; milliseconds. */
  async turned(): Promise<{ picture: number; all: number }> {
    const seen: { picture?: number } = {};
    await this.#until(() => {
      if (this.#inputAt === 0 || this.painted.picture.times === this.#before.pictures) return false;
      seen.picture ??= this.painted.picture.at;
      return this.#firstRow() !== null && this.#firstRow() !== this.#before.row;
    });
    const frameOf = (at: number) => this.#frames.find((start) => start > at) ?? performance.now();
    return { picture: frameOf(seen.picture!) - this.#inputAt, all: performance.now() - this.#inputAt };
  }

  /** Milliseconds since the page began to load until the picture, its objects and the thumbnails in view are in a frame. */
  async usable(): Promise<number> {
    await this.#until(() => {
      const cells = this.#cells();
      const thumbs = cells.length > 0 && cells.every(({ pixels }) => pixels);
      return thumbs && this.painted.picture.times > 0 && document.querySelector('.objects li') !== null;
    }, 60_000);
    return performance.now();
  }

  /** When (milliseconds since 1970) the first heatmap since {@link arm} is in a frame. */
  async heated(): Promise<number> {
    await this.#until(() => this.painted.heat.times > this.#before.heats, 60_000);
    return performance.timeOrigin + performance.now();
  }

  /** Counts frames for some milliseconds while something else moves the mouse. */
  async frames(milliseconds: number, layer: LayerName): Promise<Frames> {
    await this.#frame();
    const start = performance.now();
    const first = this.painted[layer].times;
    const gaps: number[] = [];
    let [frames, last, lastPainted, times, worstGap] = [0, start, start, first, 0];
    let now = start;
    while (now - start < milliseconds) {
      now = await this.#frame();
      frames++;
      worstGap = Math.max(worstGap, now - last);
      last = now;
      // rAF callbacks run in the order they were asked for: what is painted in this frame is seen in the next round.
      if (this.painted[layer].times === times) continue;
      times = this.painted[layer].times;
      gaps.push(now - lastPainted);
      lastPainted = now;
    }
    const painted = gaps.length;
    return { seconds: (now - start) / 1000, frames, painted, worstGap, gaps: gaps.sort((a, b) => a - b) };
  }

  /** Scrolls the gallery to a share of its height and watches until every visible thumbnail has its pixels (ms from the jump). */
  async jump(share: number): Promise<{ cells: number; names: number; pixels: number }> {
    const list = this.#list();
    list.scrollTop = (list.scrollHeight - list.clientHeight) * share;
    const start = performance.now();
    const [from, to] = [list.scrollTop, list.scrollTop + list.clientHeight];
    const out = { cells: 0, names: 0, pixels: 0 };
    await this.#until(() => {
      const now = performance.now() - start;
      const cells = this.#cells();
      const there = cells.length > 0 && this.#covers(cells, from, to);
      if (there) out.cells ||= now;
      if (there && cells.every(({ named }) => named)) out.names ||= now;
      if (there && cells.every(({ pixels }) => pixels)) out.pixels ||= now;
      return out.pixels > 0;
    });
    return out;
  }

  /** Watches the gallery frame by frame for some milliseconds while something else scrolls it. */
  async gallery(milliseconds: number): Promise<GalleryLook> {
    const start = performance.now();
    const out = { frames: 0, worstGap: 0, bare: 0, nameless: 0, pictureless: 0 };
    const since = { bare: start, nameless: start, pictureless: start };
    let [now, last] = [start, start];
    while (now - start < milliseconds) {
      await this.#frame();
      now = performance.now();
      out.frames++;
      out.worstGap = Math.max(out.worstGap, now - last);
      last = now;
      const list = this.#list();
      const cells = this.#cells();
      const good = {
        bare: this.#covers(cells, list.scrollTop, list.scrollTop + list.clientHeight),
        nameless: cells.every(({ named }) => named),
        pictureless: cells.every(({ pixels }) => pixels),
      };
      for (const what of ['bare', 'nameless', 'pictureless'] as const)
        if (good[what]) since[what] = now;
        else out[what] = Math.max(out[what], now - since[what]);
    }
    return out;
  }

  #hook(name: 'drawImage' | 'clearRect', drawn: boolean): void {
    const prototype = CanvasRenderingContext2D.prototype;
    const before = Reflect.get(prototype, name) as (this: CanvasRenderingContext2D, ...args: unknown[]) => unknown;
    const note = (canvas: HTMLCanvasElement) => this.#note(canvas, drawn);
    Reflect.set(prototype, name, function (this: CanvasRenderingContext2D, ...args: unknown[]) {
      note(this.canvas);
      return Reflect.apply(before, this, args);
    });
  }

  #firstRow(): Element | null {
    return document.querySelector('.objects li');
  }

  #list(): Element {
    return document.querySelector('.gallery [role=listbox]')!;
  }

  /** The cells that meet the gallery's view: their place in the list (CSS pixels), and what they show. */
  #cells(): { top: number; bottom: number; named: boolean; pixels: boolean }[] {
    const list = document.querySelector('.gallery [role=listbox]');
    if (!list) return [];
    const view = list.getBoundingClientRect();
    return [...list.querySelectorAll('[role=option]')].flatMap((cell) => {
      const { top, bottom } = cell.getBoundingClientRect();
      if (bottom <= view.top || top >= view.bottom) return [];
      const img = cell.querySelector('img');
      const place = { top: top - view.top + list.scrollTop, bottom: bottom - view.top + list.scrollTop };
      return [
        {
          ...place,
          named: cell.querySelector('.name') !== null,
          pixels: img?.complete === true && img.naturalWidth > 0,
        },
      ];
    });
  }

  /** True when the cells reach from `from` to `to`; cells keep a margin of a few pixels. */
  #covers(cells: readonly { top: number; bottom: number }[], from: number, to: number): boolean {
    return (
      cells.length > 0 &&
      Math.min(...cells.map(({ top }) => top)) <= from + 8 &&
      Math.max(...cells.map(({ bottom }) => bottom)) >= to - 8
    );
  }

  #note(canvas: HTMLCanvasElement, drawn: boolean): void {
    const at =
      canvas.parentElement?.getAttribute('role') === 'application'
        ? [...canvas.parentElement.children].indexOf(canvas)
        : -1;
    const layer = layerNames[at];
    if (layer === undefined || drawn !== (layer === 'picture' || layer === 'heat')) return;
    this.painted[layer].times++;
    this.painted[layer].at = performance.now();
  }

  #frame(): Promise<number> {
    return new Promise((resolve) =>
      requestAnimationFrame(() => {
        const now = performance.now();
        this.#frames.push(now);
        if (this.#frames.length > 100) this.#frames.shift();
        resolve(now);
      }),
    );
  }

  /** Waits for something that is true at the end of a frame, and then for the beginning of the next: the frame has been handed to the screen. */
  async #until(done: () => boolean, milliseconds = 10_000): Promise<void> {
    const start = performance.now();
    while (!done()) {
      if (performance.now() - start > milliseconds)
        throw new Error(`waited ${String(milliseconds)} ms for ${done.toString()}`);
      await this.#frame();
    }
    await this.#frame();
  }
}

(globalThis as unknown as { probe: Probe }).probe = new Probe();
