// Things that are not labelled: some look a little like those that are (a button like a coin, a spoon like a key), some just lie around.
import type { Rng } from '../../../shared/random.ts';
import { type Sprite, litGradient, shade } from '../sprite.ts';

const bright = ['#c8452f', '#2d6a8e', '#4c8c5a', '#e0a526', '#6d4b86', '#d77a8d', '#30343b', '#efe6d4'];

/** Clutter needs no outline: it has no box. */
const unlabelled = { outline: [], pad: 0 } as const;

/** A pencil about 200 units long. */
export function pencil(rng: Rng): Sprite {
  const paint = rng.pick(bright);
  const body = '<path d="M-95 -6 H70 L95 0 L70 6 H-95Z"/>';
  return {
    ...unlabelled,
    silhouette: body,
    discs: [-80, -48, -16, 16, 48, 80].map((x) => ({ x, y: 0, r: 16 })),
    height: 5,
    draw: (id) =>
      `<defs><linearGradient id="${id}p" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="${shade(paint, 0.4)}"/><stop offset="0.34" stop-color="${shade(paint, 0.3)}"/>` +
      `<stop offset="0.35" stop-color="${paint}"/><stop offset="0.66" stop-color="${paint}"/><stop offset="0.67" stop-color="${shade(paint, -0.35)}"/><stop offset="1" stop-color="${shade(paint, -0.4)}"/></linearGradient></defs>` +
      `<rect x="-72" y="-6" width="142" height="12" fill="url(#${id}p)"/><path d="M70 -6 L95 0 L70 6 Q66 3 70 2 Q66 0 70 -2 Q66 -3 70 -6Z" fill="#e3c08f"/><path d="M88 -1.7 L95 0 L88 1.7Z" fill="#2a2a2c"/>` +
      `<rect x="-82" y="-6" width="11" height="12" fill="#b9b4a8"/><path d="M-79 -6 V6 M-75.5 -6 V6" stroke="#7d786c" stroke-width="1.2"/><path d="M-82 -6 H-91 Q-95 -6 -95 -2 V2 Q-95 6 -91 6 H-82Z" fill="#d98a92"/>`,
  };
}

/** A sewing button with four holes, 100 units across. */
export function button(rng: Rng): Sprite {
  const colour = rng.pick(bright);
  const holes = [
    [-10, -10],
    [10, -10],
    [-10, 10],
    [10, 10],
  ];
  return {
    ...unlabelled,
    silhouette: '<circle r="50"/>',
    discs: [{ x: 0, y: 0, r: 52 }],
    height: 4,
    draw: (id, light) =>
      `<defs>${litGradient(`${id}o`, light, [
        [0, shade(colour, 0.3)],
        [1, shade(colour, -0.35)],
      ])}${litGradient(`${id}n`, light, [
        [0, shade(colour, -0.3)],
        [1, shade(colour, 0.2)],
      ])}</defs>` +
      `<circle r="50" fill="url(#${id}o)"/><circle r="36" fill="url(#${id}n)"/><circle r="34" fill="${colour}"/>` +
      holes.map(([x, y]) => `<circle cx="${x!}" cy="${y!}" r="5.5" fill="${shade(colour, -0.75)}"/>`).join(''),
  };
}

/** A spoon about 190 units long, in steel or wood. */
export function spoon(rng: Rng): Sprite {
  const material = rng.pick(['#c3c7cb', '#b98a58']);
  const body =
    '<ellipse cx="-62" cy="0" rx="34" ry="22"/><path d="M-32 -4 C10 -2 60 -6 92 -8 Q100 0 92 8 C60 6 10 2 -32 4Z"/>';
  return {
    ...unlabelled,
    silhouette: body,
    discs: [-72, -48, -16, 16, 48, 80].map((x, i) => ({ x, y: 0, r: i < 2 ? 27 : 16 })),
    height: 5,
    draw: (id, light) =>
      `<defs>${litGradient(`${id}s`, light, [
        [0, shade(material, 0.5)],
        [0.5, material],
        [1, shade(material, -0.35)],
      ])}` +
      `${litGradient(`${id}t`, light, [
        [0, shade(material, -0.4)],
        [1, shade(material, 0.45)],
      ])}</defs><g fill="url(#${id}s)">${body}</g><ellipse cx="-62" cy="0" rx="29" ry="17.5" fill="url(#${id}t)"/>`,
  };
}

/** A paper clip, 90 units long. */
export function clip(rng: Rng): Sprite {
  const colour = rng.pick(['#b8bdc3', '#c8452f', '#2d6a8e', '#d9a032']);
  const wire = 'M-30 8 H28 A12 12 0 0 0 28 -16 H-32 A16 16 0 0 0 -32 16 H34';
  const path = (stroke: string, width: number): string =>
    `<path d="${wire}" fill="none" stroke="${stroke}" stroke-width="${width}" stroke-linecap="round"/>`;
  return {
    ...unlabelled,
    silhouette: path('#120c06', 4.5),
    discs: [-25, 5, 28].map((x) => ({ x, y: 0, r: 26 })),
    height: 2,
    draw: () => path(shade(colour, -0.35), 4.5) + path(colour, 3) + path(shade(colour, 0.6), 0.9),
  };
}

/** A fallen leaf, about 110 units long. */
export function leaf(rng: Rng): Sprite {
  const colour = rng.pick(['#6f8f3c', '#a8702a', '#8f3f2a', '#4f7a4a']);
  const blade = '<path d="M-50 0 C-30 -34 20 -34 52 0 C20 34 -30 34 -50 0Z"/>';
  const veins = [-25, -5, 15, 32]
    .map((x) => `M${x} 0 L${x + 14} ${-18 + Math.abs(x) / 4} M${x} 0 L${x + 14} ${18 - Math.abs(x) / 4}`)
    .join(' ');
  return {
    ...unlabelled,
    silhouette: blade,
    discs: [-28, 0, 28].map((x) => ({ x, y: 0, r: 29 })),
    height: 3,
    draw: (id, light) =>
      `<defs>${litGradient(`${id}l`, light, [
        [0, shade(colour, 0.3)],
        [1, shade(colour, -0.3)],
      ])}</defs><g fill="url(#${id}l)">${blade}</g>` +
      `<path d="M-64 2 Q-50 0 -46 0 H46 ${veins}" fill="none" stroke="${shade(colour, -0.35)}" stroke-width="1.6" stroke-opacity="0.8"/>`,
  };
}

/** A sheet that things may lie on: a note, a napkin or a page with lines, about 200 units. */
export function sheet(rng: Rng): Sprite {
  const colour = rng.pick(['#f3e27a', '#f2efe6', '#f2b8b0', '#bfe0d2', '#e9e4d4']);
  const lines = rng.chance(0.5);
  const ruled = Array.from({ length: 7 }, (_, i) => `M-84 ${-66 + i * 22} H84`).join(' ');
  return {
    ...unlabelled,
    silhouette: '<rect x="-100" y="-95" width="200" height="190" rx="2"/>',
    discs: [],
    height: 2,
    draw: (id, light) =>
      `<defs>${litGradient(`${id}h`, light, [
        [0, shade(colour, 0.25)],
        [1, shade(colour, -0.12)],
      ])}</defs><rect x="-100" y="-95" width="200" height="190" rx="2" fill="url(#${id}h)"/>` +
      (lines ? `<path d="${ruled}" stroke="#6d87a8" stroke-opacity="0.45" stroke-width="1.2"/>` : ''),
  };
}
