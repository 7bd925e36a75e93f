// A mug from above: ceramic rim, handle, and coffee, milk coffee, tea or nothing inside.
import type { Rng } from '../../../shared/random.ts';
import { type Point, type Sprite, circlePoints, litGradient, shade } from '../sprite.ts';

const glazes = ['#f4f1ea', '#2f6f73', '#b8412f', '#d9a032', '#2c3e63', '#7d9b76', '#e6b8a2', '#3a3a3c'];
const drinks: readonly [string, string][] = [
  ['#3b2114', '#1c0e07'],
  ['#b98a5e', '#8a5f3a'],
  ['#a8601f', '#6e3510'],
];
const handleWidth = 13;

/** Control points of the handle's curve. */
const handle: readonly [Point, Point, Point, Point] = [
  [42, -19],
  [92, -24],
  [92, 24],
  [42, 19],
];

/** A mug 100 units across without its handle. */
export function mug(rng: Rng): Sprite {
  const glaze = rng.pick(glazes);
  const inside = rng.chance(0.6) ? '#efeae0' : shade(glaze, 0.15);
  const drink = rng.chance(0.9) ? rng.pick(drinks) : null;
  const art = drink === drinks[1] && rng.chance(0.6);
  const [a, b, c, d] = handle;
  const curve = `M${a.join(' ')} C${[b, c, d].map((p) => p.join(' ')).join(' ')}`;
  return {
    draw: (id, light) =>
      `<defs>${gradients(id, light, glaze, inside, drink)}</defs>${handleSvg(id, curve, glaze)}${bodySvg(id, light, drink !== null, art)}`,
    silhouette: `<circle r="50"/><path d="${curve}" fill="none" stroke="#120c06" stroke-width="${handleWidth}"/>`,
    outline: [...circlePoints(0, 0, 50), ...handleEdge()],
    pad: 0,
    discs: [
      { x: 0, y: 0, r: 51 },
      { x: 66, y: 0, r: 22 },
    ],
    height: 15,
  };
}

function gradients(
  id: string,
  light: number,
  glaze: string,
  inside: string,
  drink: readonly [string, string] | null,
): string {
  const [near, far] = drink ?? [shade(inside, -0.12), shade(inside, -0.3)];
  return (
    litGradient(`${id}g`, light, [
      [0, shade(glaze, 0.35)],
      [0.5, glaze],
      [1, shade(glaze, -0.4)],
    ]) +
    litGradient(`${id}i`, light, [
      [0, shade(inside, -0.55)],
      [0.55, shade(inside, -0.2)],
      [1, inside],
    ]) +
    litGradient(`${id}s`, light, [
      [0, '#ffffff'],
      [1, shade(glaze, -0.2)],
    ]) +
    `<radialGradient id="${id}d" cx="0.5" cy="0.5" r="0.55"><stop offset="0" stop-color="${near}"/>` +
    `<stop offset="0.8" stop-color="${shade(near, -0.1)}"/><stop offset="1" stop-color="${far}"/></radialGradient>`
  );
}

function handleSvg(id: string, curve: string, glaze: string): string {
  return (
    `<path d="${curve}" fill="none" stroke="${shade(glaze, -0.25)}" stroke-width="${handleWidth}"/>` +
    `<path d="${curve}" fill="none" stroke="url(#${id}g)" stroke-width="${handleWidth - 3}"/>` +
    `<path d="${curve}" fill="none" stroke="#ffffff" stroke-opacity="0.35" stroke-width="2.5"/>`
  );
}

function bodySvg(id: string, light: number, filled: boolean, art: boolean): string {
  const [x, y] = [Math.cos(light), Math.sin(light)];
  const shine = `<ellipse cx="${(x * 20).toFixed(1)}" cy="${(y * 20).toFixed(1)}" rx="12" ry="7" fill="#ffffff" fill-opacity="0.18"/>`;
  const foam =
    '<path d="M0 22 C-30 2 -20 -24 -4 -14 L0 -8 L4 -14 C20 -24 30 2 0 22Z" fill="#f3e3cb" fill-opacity="0.9"/>' +
    '<path d="M0 12 C-16 0 -11 -13 -3 -7 L0 -3 L3 -7 C11 -13 16 0 0 12Z" fill="#c39a6b" fill-opacity="0.75"/>';
  return (
    `<circle r="50" fill="url(#${id}g)"/><circle r="47.5" fill="none" stroke="url(#${id}s)" stroke-opacity="0.6" stroke-width="2.5"/>` +
    `<circle r="44.5" fill="url(#${id}i)"/>` +
    `<circle cx="${(-x * 1.6).toFixed(2)}" cy="${(-y * 1.6).toFixed(2)}" r="${filled ? 41 : 34}" fill="url(#${id}d)"/>` +
    (art ? foam : '') +
    (filled ? shine : '')
  );
}

/** Points along both sides of the handle's stroke. */
function handleEdge(): Point[] {
  return Array.from({ length: 121 }, (_, i) => i / 120).flatMap((t) => {
    const at = bezier(t);
    const [ax, ay] = bezier(t - 1e-4);
    const [bx, by] = bezier(t + 1e-4);
    const length = Math.hypot(bx - ax, by - ay);
    const [nx, ny] = [((ay - by) / length) * (handleWidth / 2), ((bx - ax) / length) * (handleWidth / 2)];
    return [
      [at[0] + nx, at[1] + ny],
      [at[0] - nx, at[1] - ny],
    ] as Point[];
  });
}

function bezier(t: number): Point {
  const weights = [(1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t ** 2 * (1 - t), t ** 3];
  const sum = (axis: 0 | 1): number => handle.reduce((total, p, i) => total + p[axis] * weights[i]!, 0);
  return [sum(0), sum(1)];
}
