// prefetch: order, bound, errors with their item, cancelling and leaving early without anything left running.
import { describe, expect, it } from 'vitest';
import { prefetch } from '../../../src/core/image/prefetch.ts';
import { gate } from '../../support/gate.ts';

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const numbers = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

describe('prefetch', () => {
  it('keeps the order whatever finishes first, and never prepares more than asked', async () => {
    let running = 0;
    let most = 0;
    const out: [number, number][] = [];
    const prepare = async (i: number): Promise<number> => {
      most = Math.max(most, ++running);
      await wait((i * 7) % 5);
      running--;
      return i * 10;
    };
    for await (const r of prefetch(numbers(30), prepare, { ahead: 4 })) {
      if (r.ok) out.push([r.item, r.value]);
      expect(r.index).toBe(r.item);
    }
    expect(out).toEqual(numbers(30).map((i) => [i, i * 10]));
    expect(most).toBe(4);
  });
  it('prepares while the caller works', async () => {
    const ready = numbers(3).map(gate);
    const used: number[] = [];
    const prepare = (i: number): Promise<void> => {
      ready[i]!.open();
      return Promise.resolve();
    };
    for await (const { item } of prefetch(numbers(3), prepare, { ahead: 2 })) {
      await ready[Math.min(item + 1, 2)]!.closed; // never, if the next one waited for this one's use
      used.push(item);
    }
    expect(used).toEqual([0, 1, 2]);
  });
  it('doesn’t start what the caller is far from', async () => {
    let started = 0;
    const it = prefetch(numbers(100), () => Promise.resolve(++started), { ahead: 3 });
    await it.next();
    await new Promise((resolve) => setImmediate(resolve)); // everything that can go on has gone on
    expect(started).toBe(3);
    await it.return();
  });
  it('hands an error over with its item and goes on', async () => {
    const seen: string[] = [];
    const prepare = async (i: number): Promise<number> => {
      await wait(1);
      if (i === 1) throw new Error('bad');
      return i;
    };
    for await (const r of prefetch(numbers(3), prepare, { ahead: 3 }))
      seen.push(r.ok ? `ok ${r.item}` : `${String(r.error)} ${r.item}`);
    expect(seen).toEqual(['ok 0', 'Error: bad 1', 'ok 2']);
  });
  it('takes async sources and passes on their failure', async () => {
    async function* source(): AsyncGenerator<number> {
      yield 1;
      await wait(1);
      throw new Error('source broke');
    }
    const seen: number[] = [];
    const all = async (): Promise<void> => {
      for await (const r of prefetch(source(), (i) => Promise.resolve(i), { ahead: 1 })) seen.push(r.item);
    };
    await expect(all()).rejects.toThrow('source broke');
    expect(seen).toEqual([1]);
  });
  it('cancels: aborts what is in preparation, waits for it, closes the source', async () => {
    const controller = new AbortController();
    let running = 0;
    let closed = false;
    function* source(): Generator<number> {
      try {
        yield* numbers(1000);
      } finally {
        closed = true;
      }
    }
    const prepare = async (i: number, signal: AbortSignal): Promise<number> => {
      running++;
      try {
        for (let k = 0; k < 5 && !(signal.aborted && i > 5); k++) await wait(1);
        return i;
      } finally {
        running--;
      }
    };
    const seen: number[] = [];
    const all = async (): Promise<void> => {
      for await (const r of prefetch(source(), prepare, { ahead: 4, signal: controller.signal })) {
        seen.push(r.item);
        if (r.item === 5) controller.abort();
      }
    };
    await expect(all()).rejects.toMatchObject({ code: 'cancelled' });
    expect(seen).toEqual(numbers(6));
    expect([running, closed]).toEqual([0, true]);
    const late = prefetch([1], (i) => Promise.resolve(i), { ahead: 1, signal: controller.signal });
    await expect(late.next()).rejects.toMatchObject({ code: 'cancelled' });
  });
  it('ends cleanly when the caller leaves early', async () => {
    let running = 0;
    for await (const r of prefetch(
      numbers(50),
      async (i, signal) => {
        running++;
        for (let k = 0; k < 5 && !signal.aborted; k++) await wait(1);
        running--;
        return i;
      },
      { ahead: 5 },
    ))
      if (r.item === 3) break;
    expect(running).toBe(0);
  });
  it('refuses a bound below 1', async () => {
    await expect(prefetch([1], (i) => Promise.resolve(i), { ahead: 0 }).next()).rejects.toMatchObject({
      code: 'argument-invalid',
    });
  });
});
