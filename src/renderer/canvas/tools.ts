// The pointer state machine of the canvas: (gesture, pointer event, what is there) -> (gesture, effects). Pure, so that every gesture is a test.
import type { Box, Size } from '../../shared/geometry.ts';
import { handleAt, inside, nextInPile, onEdge, pileAt } from './hitTest.ts';
import { fromCorners, isTooSmall, moveBoxes, resizeBox, type Handle } from './shapes.ts';
import type { Indexed, SpatialIndex } from './spatialIndex.ts';
import type { Point } from './viewport.ts';

/** What a press does: `draw` makes boxes, `select` picks and moves them, `point` asks the model for the box at a place. */
export type ToolName = 'draw' | 'select' | 'point';

/** What the pointer is in the middle of. Points and boxes in image pixels, `screen` in CSS pixels. */
export type Gesture =
  | { kind: 'idle' }
  | { kind: 'press'; start: Point; screen: Point; target: Indexed | null; draws: boolean; adds: boolean }
  | { kind: 'drag-draw'; start: Point; now: Point }
  | { kind: 'click-draw'; start: Point; now: Point }
  | { kind: 'second-press'; start: Point; now: Point; screen: Point }
  | { kind: 'move'; from: readonly Indexed[]; start: Point; now: Point }
  | { kind: 'band'; start: Point; now: Point }
  | { kind: 'resize'; id: string; from: Box; handle: Handle; start: Point; now: Point };

/** What a gesture asks of the editor. */
export type Effect =
  | { kind: 'create'; box: Box }
  | { kind: 'select'; id: string | null }
  | { kind: 'toggle'; id: string }
  | { kind: 'band'; box: Box }
  | { kind: 'move'; boxes: ReadonlyMap<string, Box> }
  | { kind: 'resize'; id: string; box: Box }
  | { kind: 'propose'; at: Point };

/** A pointer event: `at` in image pixels, `screen` in CSS pixels, `pick` true when the person asks to select whatever the tool, `add` when more is to be taken into the selection. */
export interface PointerStep {
  type: 'down' | 'move' | 'up' | 'cancel';
  at: Point;
  screen: Point;
  pick?: boolean;
  add?: boolean;
}

/** What the state machine looks at. `slack` is the catching distance in image pixels. */
export interface Scene {
  tool: ToolName;
  image: Size;
  index: SpatialIndex;
  /** The selected objects; handles are there for one alone. */
  selected: readonly Indexed[];
  slack: number;
}

/** The next gesture, and what to do. */
export interface Outcome {
  gesture: Gesture;
  effects: Effect[];
}

/** CSS pixels that a pressed pointer may tremble and still count as a click. */
export const clickTremble = 4;

const idle: Gesture = { kind: 'idle' };
const none = (gesture: Gesture): Outcome => ({ gesture, effects: [] });
const far = (a: Point, b: Point): boolean => Math.hypot(a.x - b.x, a.y - b.y) > clickTremble;

/** One step of the state machine. */
export function step(gesture: Gesture, event: PointerStep, scene: Scene): Outcome {
  if (event.type === 'cancel') return none(idle);
  if (event.type === 'down') return down(gesture, event, scene);
  if (event.type === 'move') return none(moved(gesture, event, scene));
  return up(gesture, event, scene);
}

/** What a gesture shows while it lasts: a box being drawn, a band around what will be selected, objects on their way. */
export interface Preview {
  draft: Box | null;
  band: Box | null;
  boxes: ReadonlyMap<string, Box>;
}

const nothing: Preview = { draft: null, band: null, boxes: new Map() };

/** The {@link Preview} of a gesture. */
export function previewOf(gesture: Gesture, image: Size): Preview {
  if (gesture.kind === 'idle' || gesture.kind === 'press') return nothing;
  const { start, now } = gesture;
  if (gesture.kind === 'band') return { ...nothing, band: fromCorners(start, now, image) };
  const [dx, dy] = [now.x - start.x, now.y - start.y];
  if (gesture.kind === 'move') return { ...nothing, boxes: moveBoxes(gesture.from, dx, dy, image) };
  if (gesture.kind === 'resize') {
    const box = resizeBox(gesture.from, gesture.handle, dx, dy, image);
    return { ...nothing, boxes: new Map([[gesture.id, box]]) };
  }
  return { ...nothing, draft: fromCorners(start, now, image) };
}

/** The one object that has handles. */
const single = (scene: Scene): Indexed | null => (scene.selected.length === 1 ? (scene.selected[0] ?? null) : null);

function down(gesture: Gesture, event: PointerStep, scene: Scene): Outcome {
  const { at, screen, pick = false, add = false } = event;
  if (gesture.kind === 'click-draw') return none({ ...gesture, kind: 'second-press', now: at, screen });
  if (gesture.kind !== 'idle') return none(gesture);
  if (scene.tool === 'point' && !pick && !add)
    return none({ kind: 'press', start: at, screen, target: null, draws: false, adds: false });
  const one = add ? null : single(scene);
  const handle = one ? handleAt(one.box, at, scene.slack) : null;
  if (one && handle) return none({ kind: 'resize', id: one.id, from: one.box, handle, start: at, now: at });
  return none({ kind: 'press', start: at, screen, adds: add, ...targetOf(at, scene, pick || add) });
}

/** What a press would pick up: in draw mode only what is caught by its edge, so that boxes can be drawn inside boxes. */
function targetOf(at: Point, scene: Scene, pick: boolean): { target: Indexed | null; draws: boolean } {
  const pile = pileAt(scene.index, at, scene.slack);
  const drawing = scene.tool === 'draw' && !pick;
  const reachable = drawing ? pile.filter((item) => onEdge(item.box, at, scene.slack)) : pile;
  const chosen = reachable.find((item) => isSelected(item.id, scene)) ?? reachable[0] ?? null;
  return { target: chosen, draws: drawing && !chosen };
}

const isSelected = (id: string, scene: Scene): boolean => scene.selected.some((item) => item.id === id);

function moved(gesture: Gesture, { at, screen }: PointerStep, scene: Scene): Gesture {
  if (gesture.kind !== 'press') return gesture.kind === 'idle' ? gesture : { ...gesture, now: at };
  if (!far(gesture.screen, screen)) return gesture;
  const { start, target } = gesture;
  if (gesture.adds) return { kind: 'band', start, now: at };
  if (gesture.draws) return { kind: 'drag-draw', start, now: at };
  if (!target) return scene.tool === 'select' ? { kind: 'band', start, now: at } : gesture;
  return { kind: 'move', from: isSelected(target.id, scene) ? scene.selected : [target], start, now: at };
}

function up(gesture: Gesture, event: PointerStep, scene: Scene): Outcome {
  if (gesture.kind === 'press') return clicked(gesture, event, scene);
  if (gesture.kind === 'click-draw' || gesture.kind === 'idle') return none(gesture);
  const { draft, band, boxes } = previewOf({ ...gesture, now: event.at }, scene.image);
  if (band) return { gesture: idle, effects: [{ kind: 'band', box: band }] };
  if (draft) return drawn(gesture, event, draft);
  if (gesture.kind === 'move') {
    const still = gesture.from.every((o) => sameBox(o.box, boxes.get(o.id) ?? o.box));
    return { gesture: idle, effects: still ? [] : [{ kind: 'move', boxes }] };
  }
  const box = gesture.kind === 'resize' ? boxes.get(gesture.id) : undefined;
  if (gesture.kind !== 'resize' || !box || isTooSmall(box) || sameBox(gesture.from, box)) return none(idle);
  return { gesture: idle, effects: [{ kind: 'resize', id: gesture.id, box }] };
}

function drawn(gesture: Gesture, event: PointerStep, box: Box): Outcome {
  if (!isTooSmall(box)) return { gesture: idle, effects: [{ kind: 'create', box }] };
  // A second click on the first corner is no box: go on waiting for the other corner.
  if (gesture.kind === 'second-press') return none({ kind: 'click-draw', start: gesture.start, now: event.at });
  return none(idle);
}

function clicked(gesture: Gesture & { kind: 'press' }, event: PointerStep, scene: Scene): Outcome {
  const { start, target, adds } = gesture;
  if (adds) return { gesture: idle, effects: target ? [{ kind: 'toggle', id: target.id }] : [] };
  if (scene.tool === 'point' && !event.pick) return { gesture: idle, effects: [{ kind: 'propose', at: start }] };
  if (gesture.draws) return none({ kind: 'click-draw', start, now: event.at });
  if (!target) return { gesture: idle, effects: [{ kind: 'select', id: null }] };
  const next = nextInPile(pileAt(scene.index, start, scene.slack), single(scene)?.id ?? null);
  return { gesture: idle, effects: [{ kind: 'select', id: next?.id ?? null }] };
}

/** The CSS cursor over a place while nothing is pressed. */
export function cursorAt(at: Point, scene: Scene): { handle: Handle } | 'move' | 'draw' | 'pick' | 'point' {
  if (scene.tool === 'point') return 'point';
  const one = single(scene);
  const handle = one && handleAt(one.box, at, scene.slack);
  if (handle) return { handle };
  const { target, draws } = targetOf(at, scene, false);
  if (draws) return 'draw';
  if (!target) return 'pick';
  return isSelected(target.id, scene) && inside(target.box, at) ? 'move' : 'pick';
}

function sameBox(a: Box, b: Box): boolean {
  return a.x1 === b.x1 && a.y1 === b.y1 && a.x2 === b.x2 && a.y2 === b.y2;
}
