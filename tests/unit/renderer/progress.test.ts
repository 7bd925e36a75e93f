// How far runs are, which part of a picture is shown, and the next image to review in a long list.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cropOf } from '../../../src/renderer/components/crop.ts';
import { nextOpen, openStatuses } from '../../../src/renderer/state/review.ts';
import { budgetOf, epochsText, roughly } from '../../../src/renderer/views/train/progress.ts';
import type { ImageStatus, StudioClient } from '../../../src/shared/contract/index.ts';

const run = (more: object) => ({
  ...{ epochs: 40, epochsDone: 12, secondsSpent: 300, config: { start: 'base', preset: 'quick' as const } },
  ...more,
});
const limited = run({ config: { start: 'base', preset: 'quick' as const, minutes: 10 } });
const step = { share: 0.6, epochs: 22, secondsSpent: 360, secondsBudget: 600 };

it('an estimate is as round as it is unsure', () => {
  expect([3, 47, 119, 174, 1090, 3360, 9000].map(roughly)).toEqual([10, 50, 120, 180, 1080, 3360, 9000]);
  expect(roughly(3725)).toBe(3600);
});

describe('budget of a run', () => {
  it('is of its epochs, or of its time where that is the limit', () => {
    expect(budgetOf(run({}), null)).toEqual({ share: 0.3, spent: 300, seconds: null });
    expect(budgetOf(limited, null)).toEqual({ share: 0.5, spent: 300, seconds: 600 });
    expect(budgetOf(run({ epochs: 0 }), null).share).toBeNull();
  });
  it('is what a live run told last', () => {
    expect(budgetOf(limited, step)).toEqual({ share: 0.6, spent: 360, seconds: 600 });
  });
  it('says epochs, marked as a guess while time is the limit', () => {
    expect(epochsText(run({}))).toBe('12 / 40');
    expect(epochsText(run({ epochs: 0 }))).toBe('12');
    expect(epochsText(limited, step)).toBe('12 / ~22');
  });
});

it('a crop lies in the image, holds its boxes, and is the whole image without any', () => {
  const image = { width: 640, height: 480 };
  expect(cropOf([], image)).toEqual({ x1: 0, y1: 0, x2: 640, y2: 480 });
  const side = (max: number) => fc.tuple(fc.integer({ min: 0, max }), fc.integer({ min: 0, max }));
  fc.assert(
    fc.property(side(640), side(480), ([a, b], [c, d]) => {
      const box = { x1: Math.min(a, b), y1: Math.min(c, d), x2: Math.max(a, b), y2: Math.max(c, d) };
      const crop = cropOf([box], image);
      expect(crop.x1).toBeGreaterThanOrEqual(0);
      expect(crop.y1).toBeGreaterThanOrEqual(0);
      expect(crop.x2).toBeLessThanOrEqual(640);
      expect(crop.y2).toBeLessThanOrEqual(480);
      expect(crop.x1 <= box.x1 && crop.x2 >= box.x2 && crop.y1 <= box.y1 && crop.y2 >= box.y2).toBe(true);
    }),
  );
});

describe('the next image to review', () => {
  const statuses = fc.array(fc.constantFrom<ImageStatus>('new', 'labelled', 'reviewed', 'skipped'), {
    minLength: 1,
    maxLength: 40,
  });

  /** A client whose project is a list of statuses; counts its calls. */
  function clientOf(list: ImageStatus[]): { client: StudioClient; calls: () => number } {
    let calls = 0;
    const all = list.map((status, i) => ({ id: String(i), status }));
    const images = {
      list: ({ filter, offset }: { filter: { statuses?: ImageStatus[] }; offset: number }) => {
        calls++;
        const found = all.filter((i) => filter.statuses?.includes(i.status) ?? true);
        return Promise.resolve({ total: found.length, items: found.slice(offset, offset + 1) });
      },
      locate: ({ image }: { image: string }) => Promise.resolve({ index: Number(image) }),
    };
    return { client: { images } as unknown as StudioClient, calls: () => calls };
  }
  const place = (index: number) => ({
    project: 'p',
    filter: {},
    sort: { by: 'name' as const, descending: false },
    index,
  });

  it('is the first open one after the place, going round', () =>
    fc.assert(
      fc.asyncProperty(statuses, fc.nat(), async (list, n) => {
        const index = n % list.length;
        const open = list.flatMap((s, i) => (openStatuses.includes(s) ? [i] : []));
        const wanted = open.find((i) => i > index) ?? open[0];
        expect(await nextOpen(clientOf(list).client, place(index))).toBe(wanted === undefined ? null : String(wanted));
      }),
    ));

  it('costs a few questions in a list of 100,000', async () => {
    const { client, calls } = clientOf(Array.from({ length: 100_000 }, (_, i) => (i % 3 === 0 ? 'new' : 'reviewed')));
    expect(await nextOpen(client, place(50_000))).toBe('50001');
    expect(calls()).toBeLessThan(25);
  });
});
