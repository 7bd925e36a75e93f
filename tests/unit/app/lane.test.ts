// How thumbnails queue: a few at once, the newest first, the cancelled never.
import { expect, test } from 'vitest';
import { Lane } from '../../../src/app/worker/lane.ts';

const never = new AbortController().signal;
const later = () => new Promise<void>((resolve) => setTimeout(resolve, 1));

test('runs no more than its width at once, the newest first', async () => {
  const lane = new Lane(2);
  const order: number[] = [];
  let [running, most] = [0, 0];
  const job = (n: number) =>
    lane.run(never, async () => {
      order.push(n);
      most = Math.max(most, ++running);
      await later();
      running--;
      return n;
    });
  expect(await Promise.all([1, 2, 3, 4, 5].map(job))).toEqual([1, 2, 3, 4, 5]);
  expect(order.slice(0, 2)).toEqual([1, 2]);
  expect(order.slice(2)).toEqual([5, 4, 3]);
  expect(most).toBe(2);
});

test('what is cancelled while it waits is never begun, and a failure gives its room to the next', async () => {
  const lane = new Lane(1);
  const abort = new AbortController();
  let begun = 0;
  const first = lane.run(never, async () => {
    await later();
    throw new Error('unreadable');
  });
  const dropped = lane.run(abort.signal, () => Promise.resolve(begun++));
  abort.abort();
  await expect(first).rejects.toThrow('unreadable');
  await expect(dropped).rejects.toMatchObject({ code: 'cancelled' });
  expect(begun).toBe(0);
  expect(await lane.run(never, () => Promise.resolve('on'))).toBe('on');
});
