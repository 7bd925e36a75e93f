import { describe, expect, it } from 'vitest';
import { area, clip, iou } from '../../src/shared/geometry.ts';

describe('geometry', () => {
  it('measures overlap in continuous coordinates', () => {
    expect(iou({ x1: 0, y1: 0, x2: 10, y2: 10 }, { x1: 5, y1: 0, x2: 15, y2: 10 })).toBeCloseTo(1 / 3, 12);
  });
  it('gives empty and inverted boxes no area and no overlap', () => {
    const empty = { x1: 5, y1: 5, x2: 5, y2: 9 };
    expect(area(empty)).toBe(0);
    expect(area({ x1: 9, y1: 9, x2: 1, y2: 1 })).toBe(0);
    expect(iou(empty, empty)).toBe(0);
  });
  it('clips to the image', () => {
    expect(clip({ x1: -3, y1: 2, x2: 40, y2: 50 }, { width: 32, height: 24 })).toEqual({
      x1: 0,
      y1: 2,
      x2: 32,
      y2: 24,
    });
  });
});
