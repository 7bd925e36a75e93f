// The pointer state machine of the canvas: (gesture, pointer event, what is there) -> (gesture, effects). Pure, so that every gesture is a test.
import type { Box, Size } from '../../shared/geometry.ts';
import { handleAt, inside, nextInPile, onEdge, pileAt } from './hitTest.ts';
import { fromCorners, isTooSmall, moveBox, resizeBox, type Handle } from './shapes.ts';
import type { Indexed, SpatialIndex } from './spatialIndex.ts';
import type { Point } from './viewport.ts';

/** What a press does: `draw` makes boxes, `select` picks and moves them, `point` asks the model for the box at a place. */
export type ToolName = 'draw' | 'select' | 'point';

/** What the pointer is in the middle of. Points and boxes in image pixels, `screen` in CSS pixels. */
export type Gesture =
  | { kind: 'idle' }
  | { kind: 'press'; start: Point; screen: Point; target: Indexed | null; draws: boolean }
  | { kind: 'drag-draw'; start: Point; now: Point }
  | { kind: 'click-draw'; start: Point; now: Point }
  | { kind: 'second-press'; start: Point; now: Point; screen: Point }
  | { kind: 'move'; id: string; from: Box; start: Point; now: Point }
  | { kind: 'resize'; id: string; from: Box; handle: Handle; start: Point; now: Point };

/** What a gesture asks of the editor. */
export type Effect =
  | { kind: 'create'; box: Box }
  | { kind: 'select'; id: string | null }
  | { kind: 'change'; id: string; box: Box }
  | { kind: 'propose'; at: Point };

/** A pointer event: `at` in image pixels, `screen` in CSS pixels, `pick` true when the person asks to select whatever the tool. */
export interface PointerStep {
  type: 'down' | 'move' | 'up' | 'cancel';
  at: Point;
  screen: Point;
  pick?: boolean;
}

/** What the state machine looks at. `slack` is the catching distance in image pixels. */
export interface Scene {
  tool: ToolName;
  image: Size;
  index: SpatialIndex;
  selected: Indexed | null;
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
  if (event.type === 'move') return none(moved(gesture, event));
  return up(gesture, event, scene);
}

/** The box that a gesture shows while it lasts, and the object that it changes (null while drawing a new one). */
export function previewOf(gesture: Gesture, image: Size): { id: string | null; box: Box } | null {
  if (gesture.kind === 'drag-draw' || gesture.kind === 'click-draw' || gesture.kind === 'second-press')
    return { id: null, box: fromCorners(gesture.start, gesture.now, image) };
  if (gesture.kind !== 'move' && gesture.kind !== 'resize') return null;
  const dx = gesture.now.x - gesture.start.x;
  const dy = gesture.now.y - gesture.start.y;
  const box =
    gesture.kind === 'move'
      ? moveBox(gesture.from, dx, dy, image)
      : resizeBox(gesture.from, gesture.handle, dx, dy, image);
  return { id: gesture.id, box };
}

function down(gesture: Gesture, { at, screen, pick }: PointerStep, scene: Scene): Outcome {
  if (gesture.kind === 'click-draw') return none({ ...gesture, kind: 'second-press', now: at, screen });
  if (gesture.kind !== 'idle') return none(gesture);
  if (scene.tool === 'point' && !pick) return none({ kind: 'press', start: at, screen, target: null, draws: false });
  const handle = scene.selected && handleAt(scene.selected.box, at, scene.slack);
  if (handle && scene.selected)
    return none({ kind: 'resize', id: scene.selected.id, from: scene.selected.box, handle, start: at, now: at });
  return none({ kind: 'press', start: at, screen, ...targetOf(at, scene, pick ?? false) });
}

/** What a press would pick up: in draw mode only what is caught by its edge, so that boxes can be drawn inside boxes. */
function targetOf(at: Point, scene: Scene, pick: boolean): { target: Indexed | null; draws: boolean } {
  const pile = pileAt(scene.index, at, scene.slack);
  const drawing = scene.tool === 'draw' && !pick;
  const reachable = drawing ? pile.filter((item) => onEdge(item.box, at, scene.slack)) : pile;
  const chosen = reachable.find((item) => item.id === scene.selected?.id) ?? reachable[0] ?? null;
  return { target: chosen, draws: drawing && !chosen };
}

function moved(gesture: Gesture, { at, screen }: PointerStep): Gesture {
  if (gesture.kind !== 'press') return gesture.kind === 'idle' ? gesture : { ...gesture, now: at };
  if (!far(gesture.screen, screen)) return gesture;
  if (gesture.draws) return { kind: 'drag-draw', start: gesture.start, now: at };
  if (!gesture.target) return gesture;
  return { kind: 'move', id: gesture.target.id, from: gesture.target.box, start: gesture.start, now: at };
}

function up(gesture: Gesture, event: PointerStep, scene: Scene): Outcome {
  if (gesture.kind === 'press') return clicked(gesture, event, scene);
  if (gesture.kind === 'click-draw' || gesture.kind === 'idle') return none(gesture);
  const preview = previewOf({ ...gesture, now: event.at }, scene.image);
  if (!preview) return none(idle);
  if (preview.id === null) return drawn(gesture, event, preview.box);
  if (gesture.kind === 'resize' && isTooSmall(preview.box)) return none(idle);
  const still = 'from' in gesture && sameBox(gesture.from, preview.box);
  return { gesture: idle, effects: still ? [] : [{ kind: 'change', id: preview.id, box: preview.box }] };
}

function drawn(gesture: Gesture, event: PointerStep, box: Box): Outcome {
  if (!isTooSmall(box)) return { gesture: idle, effects: [{ kind: 'create', box }] };
  // A second click on the first corner is no box: go on waiting for the other corner.
  if (gesture.kind === 'second-press') return none({ kind: 'click-draw', start: gesture.start, now: event.at });
  return none(idle);
}

function clicked(gesture: Gesture & { kind: 'press' }, event: PointerStep, scene: Scene): Outcome {
  if (scene.tool === 'point' && !event.pick)
    return { gesture: idle, effects: [{ kind: 'propose', at: gesture.start }] };
  if (gesture.draws) return none({ kind: 'click-draw', start: gesture.start, now: event.at });
  if (!gesture.target) return { gesture: idle, effects: [{ kind: 'select', id: null }] };
  const pile = pileAt(scene.index, gesture.start, scene.slack);
  const next = nextInPile(pile, scene.selected?.id ?? null);
  return { gesture: idle, effects: [{ kind: 'select', id: next?.id ?? null }] };
}

/** The CSS cursor over a place while nothing is pressed. */
export function cursorAt(at: Point, scene: Scene): { handle: Handle } | 'move' | 'draw' | 'pick' | 'point' {
  if (scene.tool === 'point') return 'point';
  const handle = scene.selected && handleAt(scene.selected.box, at, scene.slack);
  if (handle) return { handle };
  const { target, draws } = targetOf(at, scene, false);
  if (draws) return 'draw';
  if (!target) return 'pick';
  return target.id === scene.selected?.id && inside(target.box, at) ? 'move' : 'pick';
}

function sameBox(a: Box, b: Box): boolean {
  return a.x1 === b.x1 && a.y1 === b.y1 && a.x2 === b.x2 && a.y2 === b.y2;
}
