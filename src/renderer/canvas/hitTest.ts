// What lies under the pointer: a handle of the selected box, the edge of a box, or its inside; repeated clicks go through a pile of boxes.
import { area, type Box } from '../../shared/geometry.ts';
import { handlePoint, handles, type Handle } from './shapes.ts';
import type { Indexed, SpatialIndex } from './spatialIndex.ts';
import type { Point } from './viewport.ts';

/** Boxes under a point: those whose edge is near come first, then those that hold it; each group from small to large. */
export function pileAt(index: SpatialIndex, p: Point, slack: number): Indexed[] {
  return index.at(p, slack).sort((a, b) => {
    const edges = Number(onEdge(b.box, p, slack)) - Number(onEdge(a.box, p, slack));
    return edges || area(a.box) - area(b.box) || (a.id < b.id ? -1 : 1);
  });
}

/** True where `p` is within `slack` of the box's outline. */
export function onEdge(box: Box, p: Point, slack: number): boolean {
  const outer = p.x >= box.x1 - slack && p.x <= box.x2 + slack && p.y >= box.y1 - slack && p.y <= box.y2 + slack;
  const inner = p.x > box.x1 + slack && p.x < box.x2 - slack && p.y > box.y1 + slack && p.y < box.y2 - slack;
  return outer && !inner;
}

/** True where `p` lies in the box. */
export function inside(box: Box, p: Point): boolean {
  return p.x >= box.x1 && p.x <= box.x2 && p.y >= box.y1 && p.y <= box.y2;
}

/** The next of a pile after `current`; the first when `current` isn't in it, undefined for an empty pile. */
export function nextInPile(pile: readonly Indexed[], current: string | null): Indexed | undefined {
  const at = pile.findIndex((item) => item.id === current);
  return pile[(at + 1) % Math.max(1, pile.length)];
}

/** The handle of `box` within `slack` image pixels of `p`. Corners win over sides; small boxes keep only the corners that fit. */
export function handleAt(box: Box, p: Point, slack: number): Handle | null {
  const near = (h: Handle): boolean => {
    const q = handlePoint(box, h);
    return Math.abs(q.x - p.x) <= slack && Math.abs(q.y - p.y) <= slack;
  };
  const corner = handles.find((h) => h.length === 2 && near(h));
  if (corner) return corner;
  const wide = box.x2 - box.x1 > slack * 4;
  const tall = box.y2 - box.y1 > slack * 4;
  return handles.find((h) => h.length === 1 && (h === 'n' || h === 's' ? wide : tall) && near(h)) ?? null;
}

/** The CSS cursor that shows what dragging a handle does. */
export function handleCursor(handle: Handle): string {
  const names: Record<Handle, string> = {
    nw: 'nwse-resize',
    se: 'nwse-resize',
    ne: 'nesw-resize',
    sw: 'nesw-resize',
    n: 'ns-resize',
    s: 'ns-resize',
    e: 'ew-resize',
    w: 'ew-resize',
  };
  return names[handle];
}
