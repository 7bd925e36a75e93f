// A coin: copper, brass, silver or two metals, with a reeded edge, a raised rim and an emblem in relief.
import type { Rng } from '../../../shared/random.ts';
import { type Sprite, circlePoints, litGradient, shade } from '../sprite.ts';

const metals = ['#b66a3c', '#c8a14b', '#b4b8bc', '#8f6b45'];

/** Emblems within about 24 units of the centre. */
const emblems: readonly (() => string)[] = [star, leaf, crown, ship];

/** A coin 100 units across. */
export function coin(rng: Rng): Sprite {
  const metal = rng.pick(metals);
  const centre = rng.chance(0.25) ? rng.pick(metals.filter((m) => m !== metal)) : metal;
  const emblem = rng.pick(emblems)();
  const worn = rng.float(0.35, 0.9);
  return {
    draw: (id, light) => coinSvg(id, light, metal, centre, emblem, worn),
    silhouette: '<circle r="50"/>',
    outline: circlePoints(0, 0, 50),
    pad: 0,
    discs: [{ x: 0, y: 0, r: 52 }],
    height: 4,
  };
}

function coinSvg(id: string, light: number, metal: string, centre: string, emblem: string, worn: number): string {
  const metalStops = (c: string): [number, string][] => [
    [0, shade(c, 0.5)],
    [0.4, c],
    [0.6, shade(c, 0.15)],
    [1, shade(c, -0.4)],
  ];
  const [x, y] = [Math.cos(light) * 1.3, Math.sin(light) * 1.3];
  const relief = (dx: number, dy: number, colour: string, opacity: number): string =>
    `<g transform="translate(${dx.toFixed(2)} ${dy.toFixed(2)})" fill="${colour}" fill-opacity="${opacity.toFixed(2)}">${emblem}</g>`;
  return (
    `<defs>${litGradient(`${id}a`, light, metalStops(metal))}${litGradient(`${id}b`, light + Math.PI, metalStops(shade(centre, -0.05)))}</defs>` +
    `<circle r="50" fill="${shade(metal, -0.5)}"/><circle r="48.6" fill="none" stroke="${shade(metal, 0.1)}" stroke-width="2.8" stroke-dasharray="2 1.6"/>` +
    `<circle r="47" fill="url(#${id}a)"/><circle r="40.5" fill="url(#${id}b)"/>` +
    `<circle r="36.5" fill="none" stroke="${shade(centre, -0.35)}" stroke-opacity="0.7" stroke-width="1.8" stroke-dasharray="0.1 4.6" stroke-linecap="round"/>` +
    relief(-x, -y, shade(centre, -0.6), worn) +
    relief(x, y, shade(centre, 0.65), worn) +
    relief(0, 0, centre, 1)
  );
}

function star(): string {
  const points = Array.from({ length: 10 }, (_, i) => {
    const r = i % 2 === 0 ? 25 : 11;
    const a = (Math.PI * i) / 5 - Math.PI / 2;
    return `${(r * Math.cos(a)).toFixed(2)},${(r * Math.sin(a)).toFixed(2)}`;
  });
  return `<polygon points="${points.join(' ')}"/>`;
}

function leaf(): string {
  return (
    '<path d="M0 -25 C17 -15 17 10 0 22 C-17 10 -17 -15 0 -25Z"/><rect x="-1.4" y="16" width="2.8" height="11"/>' +
    '<path d="M19 -12 C28 -2 25 14 12 22 C12 10 12 0 19 -12Z"/><path d="M-19 -12 C-28 -2 -25 14 -12 22 C-12 10 -12 0 -19 -12Z"/>'
  );
}

function crown(): string {
  return '<path d="M-24 14 L-24 -12 L-12 2 L0 -22 L12 2 L24 -12 L24 14Z"/><rect x="-24" y="17" width="48" height="6"/><circle cy="-25" r="3"/>';
}

function ship(): string {
  return '<path d="M-24 10 H24 L15 22 H-15Z"/><path d="M-2 -25 V6 H-21 C-12 -2 -6 -12 -2 -25Z"/><path d="M3 -19 C9 -10 15 -1 20 6 H3Z"/>';
}
