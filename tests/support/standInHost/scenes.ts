// Scenes for tests of the interface, the same every time.
import type { Scene } from './project.ts';

/** A small generator of numbers between 0 and 1, the same for the same seed. */
export function numbers(seed: number): () => number {
  let state = seed >>> 0 || 1;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Names of the classes of {@link scenes}. */
export const sceneClasses = ['apple', 'pear', 'leaf'] as const;

/** `count` scenes of about `perImage` boxes. */
export function scenes(count: number, perImage = 4, width = 1280, height = 960): Scene[] {
  return Array.from({ length: count }, (_, i) => ({
    path: `shelf/${String(i + 1).padStart(count > 9999 ? 6 : 4, '0')}.jpg`,
    width,
    height,
    objects: boxes(i + 1, perImage, width, height),
  }));
}

function boxes(seed: number, count: number, width: number, height: number): Scene['objects'] {
  const next = numbers(seed * 7919);
  const side = Math.min(0.24, 2.2 / Math.sqrt(Math.max(1, count * 4)));
  return Array.from({ length: count }, (_, i) => {
    const w = width * side * (0.5 + next() * 0.7);
    const h = height * side * (0.5 + next() * 0.7);
    const x = next() * (width - w);
    const y = next() * (height - h);
    return {
      className: sceneClasses[i % 3]!,
      box: { x1: Math.round(x), y1: Math.round(y), x2: Math.round(x + w), y2: Math.round(y + h) },
    };
  });
}
