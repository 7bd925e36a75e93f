// A drawable thing seen from above: its SVG in coordinates of its own, its exact outline, and how it is placed in a picture.
import type { Box } from '../../shared/geometry.ts';

/** A point in a thing's own coordinates (about 100 units across) or in pixels. */
export type Point = readonly [number, number];

/** A circle that covers a part of a thing: what keeps things apart. */
export interface Disc {
  x: number;
  y: number;
  r: number;
}

/** A drawable thing in its own coordinates, centred near 0, 0. */
export interface Sprite {
  /** Elements to draw; `id` makes ids unique, `light` is where light comes from (radians, in the thing's own coordinates). */
  draw: (id: string, light: number) => string;
  /** Elements without fill or stroke colours, from which the shadow is made. */
  silhouette: string;
  /** Points whose extent, widened by `pad`, is the extent of everything drawn. */
  outline: readonly Point[];
  /** Half the width of the line around the outline. */
  pad: number;
  discs: readonly Disc[];
  /** How far it rises from the table: the length of its shadow. */
  height: number;
}

/** Where a thing lies: centre in pixels, turn in radians, pixels per unit. */
export interface Placement {
  x: number;
  y: number;
  angle: number;
  scale: number;
}

/** A thing at its place. */
export interface PlacedSprite extends Placement {
  sprite: Sprite;
}

/** Points of a circle, dense enough that their extent is the circle's to a hundredth of a pixel. */
export function circlePoints(cx: number, cy: number, r: number, count = 240): Point[] {
  return Array.from({ length: count }, (_, i) => {
    const a = (2 * Math.PI * i) / count;
    return [cx + r * Math.cos(a), cy + r * Math.sin(a)];
  });
}

/** A point of a thing in pixels of the picture. */
export function place([x, y]: Point, { angle, scale, x: cx, y: cy }: Placement): Point {
  const [c, s] = [Math.cos(angle) * scale, Math.sin(angle) * scale];
  return [cx + x * c - y * s, cy + x * s + y * c];
}

/** The tight box of a placed thing in continuous pixels. */
export function boxOf(placed: PlacedSprite): Box {
  const points = placed.sprite.outline.map((p) => place(p, placed));
  const pad = placed.sprite.pad * placed.scale;
  const xs = points.map((p) => p[0]);
  const ys = points.map((p) => p[1]);
  return { x1: Math.min(...xs) - pad, y1: Math.min(...ys) - pad, x2: Math.max(...xs) + pad, y2: Math.max(...ys) + pad };
}

/** The discs of a placed thing in pixels. */
export function discsOf(placed: PlacedSprite): Disc[] {
  return placed.sprite.discs.map((d) => {
    const [x, y] = place([d.x, d.y], placed);
    return { x, y, r: d.r * placed.scale };
  });
}

/** SVG of one placed thing without its shadow; `light` is the scene's, in radians. */
export function spriteSvg(placed: PlacedSprite, id: string, light: number): string {
  return `<g transform="${transformOf(placed)}">${placed.sprite.draw(id, light - placed.angle)}</g>`;
}

/**
 * Shadows of several things as three filtered layers at most (a blur costs per layer, not per thing): one soft one cast away from the
 * light, softer where things are high, and a narrow dark one where they touch the table. Needs filters `soft1` to `soft3`.
 */
export function shadowsSvg(things: readonly PlacedSprite[], light: number, strength: number): string {
  const cast = (soft: number): string[] =>
    things
      .filter((t) => softnessOf(t) === soft)
      .map((t) => `<g transform="${transformOf(away(t, light))}">${t.sprite.silhouette}</g>`);
  const touching = things.map((t) => `<g transform="${transformOf(t)}">${t.sprite.silhouette}</g>`);
  return (
    layer(cast(2), strength * 0.75, 2) +
    layer(cast(3), strength * 0.75, 3) +
    layer([...cast(1), ...touching], strength * 0.8, 1)
  );
}

function softnessOf({ sprite }: PlacedSprite): number {
  return sprite.height > 9 ? 3 : sprite.height > 4 ? 2 : 1;
}

function away(thing: PlacedSprite, light: number): Placement {
  const length = thing.sprite.height * thing.scale;
  return { ...thing, x: thing.x - Math.cos(light) * length, y: thing.y - Math.sin(light) * length };
}

function layer(shapes: readonly string[], opacity: number, filter: number): string {
  if (shapes.length === 0) return '';
  return `<g filter="url(#soft${filter})" opacity="${opacity.toFixed(2)}" fill="#120c06">${shapes.join('')}</g>`;
}

function transformOf({ x, y, angle, scale }: Placement): string {
  const degrees = ((angle * 180) / Math.PI).toFixed(2);
  return `translate(${x.toFixed(2)} ${y.toFixed(2)}) rotate(${degrees}) scale(${scale.toFixed(4)})`;
}

/** A linear gradient across the bounding box, its first colour towards the light. */
export function litGradient(id: string, light: number, stops: readonly [number, string][]): string {
  const [c, s] = [Math.cos(light) / 2, Math.sin(light) / 2];
  const at = `x1="${(0.5 + c).toFixed(3)}" y1="${(0.5 + s).toFixed(3)}" x2="${(0.5 - c).toFixed(3)}" y2="${(0.5 - s).toFixed(3)}"`;
  const list = stops.map(([offset, colour]) => `<stop offset="${offset}" stop-color="${colour}"/>`).join('');
  return `<linearGradient id="${id}" ${at}>${list}</linearGradient>`;
}

/** `hex` made lighter (amount above 0) or darker (below), up to 1. */
export function shade(hex: string, amount: number): string {
  const target = amount > 0 ? 255 : 0;
  const part = Math.abs(amount);
  const channels = [1, 3, 5].map((i) => {
    const v = Number.parseInt(hex.slice(i, i + 2), 16);
    return Math.round(v + (target - v) * part)
      .toString(16)
      .padStart(2, '0');
  });
  return `#${channels.join('')}`;
}
