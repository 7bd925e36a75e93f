// A key: a bow (round, clover or square) with a hole, a collar, a shaft and teeth drawn at random, in brass, steel or old iron.
import type { Rng } from '../../../shared/random.ts';
import { type Point, type Sprite, circlePoints, litGradient, shade } from '../sprite.ts';

const metals = ['#c9a24a', '#b9bec4', '#8a7a66', '#a9763f', '#d6d2c4'];
const line = 1.2;

interface Part {
  path: string;
  points: Point[];
}

/** A key about 130 units long, its bow on the left. */
export function key(rng: Rng): Sprite {
  const metal = rng.pick(metals);
  const bow = rng.pick([roundBow, cloverBow, squareBow])();
  const blade = rng.chance(0.5) ? toothedShaft(rng) : jaggedBlade(rng);
  const paths = `<path d="${bow.path}" fill-rule="evenodd"/><path d="${blade.path}"/>`;
  return {
    draw: (id, light) => keySvg(id, light, metal, bow.path, blade.path),
    silhouette: paths,
    outline: [...bow.points, ...blade.points],
    pad: line / 2,
    discs: [-40, -10, 20, 50].map((x, i) => ({ x, y: 0, r: i === 0 ? 30 : 20 })),
    height: 4,
  };
}

function keySvg(id: string, light: number, metal: string, bow: string, blade: string): string {
  const gradient = litGradient(`${id}m`, light, [
    [0, shade(metal, 0.55)],
    [0.35, metal],
    [0.55, shade(metal, 0.3)],
    [1, shade(metal, -0.45)],
  ]);
  const edge = `stroke="${shade(metal, -0.55)}" stroke-width="${line}" stroke-linejoin="round"`;
  return (
    `<defs>${gradient}</defs><g fill="url(#${id}m)" ${edge}><path d="${blade}"/><path d="${bow}" fill-rule="evenodd"/></g>` +
    `<path d="M-12 -1 H52" stroke="${shade(metal, -0.5)}" stroke-width="1.6" stroke-opacity="0.7"/>` +
    `<path d="M-12 0.6 H52" stroke="#ffffff" stroke-width="1" stroke-opacity="0.5"/>`
  );
}

const disc = (x: number, y: number, r: number): string =>
  `M${x - r} ${y} a${r} ${r} 0 1 0 ${2 * r} 0 a${r} ${r} 0 1 0 ${-2 * r} 0Z`;

function roundBow(): Part {
  return { path: disc(-40, 0, 26) + disc(-44, 0, 12), points: circlePoints(-40, 0, 26) };
}

/** Three lobes around a middle; one path, so that only the holes are cut out. */
function cloverBow(): Part {
  const lobes = [
    [-18, -32, -50, -32, -46, -13],
    [-74, -22, -74, 22, -46, 13],
    [-50, 32, -18, 32, -22, 9],
  ] as const;
  const path = `M-22 -9 ${lobes.map((c) => `C${c.join(' ')}`).join(' ')}Z`;
  return { path: path + disc(-42, 0, 8), points: sampleCubics([-22, -9], lobes) };
}

function squareBow(): Part {
  const path = 'M-60 -24 H-24 Q-16 -24 -16 -16 V16 Q-16 24 -24 24 H-60 Q-68 24 -68 16 V-16 Q-68 -24 -60 -24Z';
  return {
    path: path + disc(-56, 0, 6.5),
    points: [
      [-60, -24],
      [-24, -24],
      [-60, 24],
      [-24, 24],
    ].flatMap(([x, y]) => circlePoints(x!, y! > 0 ? 16 : -16, 8).map(([px, py]): Point => [px, py])),
  };
}

/** An old key: a round shaft with a collar and two to four teeth on one side. */
function toothedShaft(rng: Rng): Part {
  const teeth = rng.int(2, 4);
  const points: Point[] = [
    [-26, -5],
    [-15, -5],
    [-15, -9],
    [-9, -9],
    [-9, -5],
    [64, -5],
    [64, 5],
  ];
  for (let i = 0; i < teeth; i++) {
    const right = 62 - i * 10;
    const depth = rng.float(11, 19);
    points.push([right, 5], [right, depth], [right - 6, depth], [right - 6, 5]);
  }
  points.push([-9, 5], [-9, 9], [-15, 9], [-15, 5], [-26, 5]);
  return polygon(points);
}

/** A modern key: a wide blade cut in notches on one side, with a pointed end. */
function jaggedBlade(rng: Rng): Part {
  const points: Point[] = [
    [-26, -8],
    [60, -8],
    [68, -2],
  ];
  for (let x = 60; x > 0; x -= 10) points.push([x, rng.float(1, 8)], [x - 5, rng.float(4, 10)]);
  points.push([-4, 9], [-26, 9]);
  return polygon(points);
}

function polygon(points: Point[]): Part {
  return { path: `M${points.map(([x, y]) => `${x.toFixed(2)} ${y.toFixed(2)}`).join(' L')}Z`, points };
}

function sampleCubics(
  start: Point,
  curves: readonly (readonly [number, number, number, number, number, number])[],
): Point[] {
  let [x, y] = start;
  return curves.flatMap(([ax, ay, bx, by, ex, ey]) => {
    const [sx, sy] = [x, y];
    [x, y] = [ex, ey];
    return Array.from({ length: 61 }, (_, i): Point => {
      const t = i / 60;
      const w = [(1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t ** 3] as const;
      return [sx * w[0] + ax * w[1] + bx * w[2] + ex * w[3], sy * w[0] + ay * w[1] + by * w[2] + ey * w[3]];
    });
  });
}
