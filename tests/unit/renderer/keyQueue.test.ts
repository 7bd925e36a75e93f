// Keys that wait for an image: their order, an image asked for by one of them, and forgetting.
import { describe, expect, it } from 'vitest';
import { KeyQueue } from '../../../src/renderer/keys/queue.ts';

/** Images that are opened by hand. */
function images() {
  let opening: Promise<void> | null = null;
  let settle = (): void => undefined;
  return {
    ask: () => {
      opening = new Promise((resolve) => (settle = resolve));
    },
    arrive: async () => {
      opening = null;
      settle();
      await new Promise((resolve) => setTimeout(resolve));
    },
    opening: () => opening,
  };
}

describe('keys that wait', () => {
  it('are answered in their order once the image is there', async () => {
    const { ask, arrive, opening } = images();
    const done: string[] = [];
    const queue = new KeyQueue(opening);
    ask();
    for (const key of ['a', 'b', 'c']) queue.put(() => done.push(key));
    await Promise.resolve();
    expect([done, queue.waits]).toEqual([[], true]);
    await arrive();
    expect([done, queue.waits]).toEqual([['a', 'b', 'c'], false]);
  });

  it('wait again behind one that asks for another image', async () => {
    const { ask, arrive, opening } = images();
    const done: string[] = [];
    const queue = new KeyQueue(opening);
    ask();
    queue.put(() => {
      done.push('next');
      ask();
    });
    queue.put(() => done.push('box'));
    await arrive();
    expect([done, queue.waits]).toEqual([['next'], true]);
    await arrive();
    expect(done).toEqual(['next', 'box']);
  });

  it('are forgotten, and one that comes later is not', async () => {
    const { ask, arrive, opening } = images();
    const done: string[] = [];
    const queue = new KeyQueue(opening);
    ask();
    queue.put(() => done.push('forgotten'));
    queue.clear();
    expect(queue.waits).toBe(false);
    await arrive();
    queue.put(() => done.push('later'));
    await arrive();
    expect(done).toEqual(['later']);
  });
});
