// One picture of the sample: what lies where, under which light. Laying out is arithmetic; drawing comes after.
import { type Box, type Size, clip } from '../../shared/geometry.ts';
import type { Rng } from '../../shared/random.ts';
import { surfaceCount, tableSize } from './backgrounds.ts';
import { button, clip as paperClip, leaf, pencil, sheet, spoon } from './objects/clutter.ts';
import { coin } from './objects/coin.ts';
import { key } from './objects/key.ts';
import { mug } from './objects/mug.ts';
import { type PlacedSprite, type Sprite, boxOf, discsOf } from './sprite.ts';

/** Size of every sample picture. */
export const sceneSize: Size = { width: 640, height: 480 };

/** Class names of the sample, in the order of their ids. */
export const sampleClasses = ['coin', 'key', 'mug'] as const;

/** How each class is drawn, and its size in pixels per unit seen from the usual height. */
const makers: readonly { make: (rng: Rng) => Sprite; scale: readonly [number, number] }[] = [
  { make: coin, scale: [0.36, 0.7] },
  { make: key, scale: [0.85, 1.35] },
  { make: mug, scale: [1.1, 1.5] },
];

const clutter: readonly { make: (rng: Rng) => Sprite; scale: readonly [number, number] }[] = [
  { make: pencil, scale: [0.9, 1.3] },
  { make: button, scale: [0.3, 0.5] },
  { make: spoon, scale: [0.8, 1.1] },
  { make: paperClip, scale: [0.45, 0.65] },
  { make: leaf, scale: [0.6, 1.1] },
];

/** A labelled thing in a scene. */
export interface SceneObject extends PlacedSprite {
  classId: number;
}

/** Everything that is needed to draw one picture. */
export interface Scene {
  surface: number;
  /** Corner of the window cut from the table top, and whether it is mirrored. */
  window: { left: number; top: number; mirrored: boolean };
  /** Where light comes from, radians. */
  light: number;
  shadow: number;
  /** Brightness factor, and warmth from -1 (blue) to 1 (yellow). */
  exposure: number;
  warmth: number;
  /** Gaussian blur of the lens in pixels; 0 for none. */
  blur: number;
  /** Sensor noise, standard deviation in levels. */
  grain: number;
  sheets: PlacedSprite[];
  clutter: PlacedSprite[];
  objects: SceneObject[];
}

/** Lays out a scene. Labelled things never overlap one another or clutter, and lie wholly inside. */
export function layOutScene(rng: Rng): Scene {
  const camera = rng.float(0.75, 1.25);
  const placed: PlacedSprite[] = [];
  const objects: SceneObject[] = [];
  const wanted = rng.int(2, 7);
  for (let i = 0; i < wanted; i++) {
    // The first mug goes down before it gets crowded; after that small things are likelier, as on a real table.
    const classId = rng.pick(i < 2 ? [0, 1, 2, 2] : [0, 0, 0, 1, 1, 2]);
    const { make, scale } = makers[classId]!;
    const found = tryPlace(rng, make(rng), rng.float(...scale) * camera, placed, true);
    if (!found) continue;
    placed.push(found);
    objects.push({ ...found, classId });
  }
  return { ...conditions(rng), sheets: someSheets(rng, camera), clutter: someClutter(rng, camera, placed), objects };
}

function conditions(rng: Rng): Omit<Scene, 'sheets' | 'clutter' | 'objects'> {
  return {
    surface: rng.int(0, surfaceCount - 1),
    window: {
      left: rng.int(0, tableSize.width - sceneSize.width),
      top: rng.int(0, tableSize.height - sceneSize.height),
      mirrored: rng.chance(0.5),
    },
    light: rng.float(0, 2 * Math.PI),
    shadow: rng.float(0.45, 0.85),
    exposure: rng.float(0.72, 1.15),
    warmth: rng.float(-0.7, 1),
    blur: rng.chance(0.25) ? rng.float(0.5, 1.1) : 0,
    grain: rng.float(1, 6),
  };
}

function someSheets(rng: Rng, camera: number): PlacedSprite[] {
  return Array.from({ length: rng.chance(0.55) ? rng.int(1, 2) : 0 }, () => ({
    sprite: sheet(rng),
    x: rng.float(60, sceneSize.width - 60),
    y: rng.float(60, sceneSize.height - 60),
    angle: rng.float(0, 2 * Math.PI),
    scale: rng.float(0.7, 1.2) * camera,
  }));
}

function someClutter(rng: Rng, camera: number, placed: PlacedSprite[]): PlacedSprite[] {
  const out: PlacedSprite[] = [];
  for (let i = rng.int(1, 5); i > 0; i--) {
    const { make, scale } = rng.pick(clutter);
    const found = tryPlace(rng, make(rng), rng.float(...scale) * camera, [...placed, ...out], false);
    if (found) out.push(found);
  }
  return out;
}

/** Looks for a free place at random; null when the table is too full. */
function tryPlace(
  rng: Rng,
  sprite: Sprite,
  scale: number,
  others: readonly PlacedSprite[],
  inside: boolean,
): PlacedSprite | null {
  for (let attempt = 0; attempt < 60; attempt++) {
    const { width, height } = sceneSize;
    const found = { sprite, scale, x: rng.float(0, width), y: rng.float(0, height), angle: rng.float(0, 2 * Math.PI) };
    if (inside && !isInside(boxOf(found))) continue;
    if (others.every((other) => apart(found, other))) return found;
  }
  return null;
}

function isInside(box: Box): boolean {
  const margin = 3;
  return (
    box.x1 >= margin && box.y1 >= margin && box.x2 <= sceneSize.width - margin && box.y2 <= sceneSize.height - margin
  );
}

function apart(a: PlacedSprite, b: PlacedSprite): boolean {
  const others = discsOf(b);
  return discsOf(a).every((d) => others.every((o) => Math.hypot(d.x - o.x, d.y - o.y) > d.r + o.r));
}

/** The labels of a scene: the tight box of each labelled thing, in continuous pixels. */
export function sceneLabels(scene: Scene): { box: Box; classId: number }[] {
  return scene.objects.map((o) => ({ box: clip(boxOf(o), sceneSize), classId: o.classId }));
}
