// The seeded source: reproducible, restorable from JSON, forks that don't depend on what was drawn, fair enough.
import { describe, expect, it } from 'vitest';
import { Rng } from '../../../src/shared/random.ts';

const take = (rng: Rng, n = 20): number[] => Array.from({ length: n }, () => rng.next());

describe('Rng', () => {
  it('repeats for a seed and differs between seeds', () => {
    expect(take(Rng.seeded(7))).toEqual(take(Rng.seeded(7)));
    const firsts = new Set(Array.from({ length: 2000 }, (_, i) => Rng.seeded(i).next()));
    expect(firsts.size).toBe(2000);
    expect(take(Rng.seeded('a'))).not.toEqual(take(Rng.seeded('b')));
  });
  it('gives these numbers on every machine and in every version, as saved runs rely on them', () => {
    const rng = Rng.seeded(1);
    expect([rng.int(0, 1e6), rng.int(0, 1e6), rng.fork('x').int(0, 1e6)]).toMatchInlineSnapshot(`
      [
        333862,
        492371,
        843411,
      ]
    `);
  });
  it('continues exactly from its state through JSON', () => {
    const rng = Rng.seeded(3);
    take(rng, 5);
    rng.gaussian();
    rng.int(0, 9);
    const saved = JSON.stringify(rng.state());
    const expected = [...take(rng), rng.gaussian(), rng.int(0, 1000), rng.fork('k').next()];
    const back = Rng.restore(JSON.parse(saved) as ReturnType<Rng['state']>);
    expect([...take(back), back.gaussian(), back.int(0, 1000), back.fork('k').next()]).toEqual(expected);
    expect(() => Rng.restore({ origin: [1], current: [1, 2, 3, 4] })).toThrow('random state');
  });
  it('forks by seed and key, not by position', () => {
    const rng = Rng.seeded(3);
    const before = take(rng.fork('epoch 2'));
    take(rng);
    expect(take(rng.fork('epoch 2'))).toEqual(before);
    expect(take(rng.fork('epoch 3'))).not.toEqual(before);
    expect(take(Rng.seeded(4).fork('epoch 2'))).not.toEqual(before);
    const firsts = new Set(Array.from({ length: 5000 }, (_, i) => rng.fork(i).next()));
    expect(firsts.size).toBe(5000);
  });
  it('is uniform and normal within what chance allows', () => {
    const rng = Rng.seeded(11);
    const n = 20_000;
    const uniform = take(rng, n);
    expect(uniform.reduce((a, b) => a + b) / n).toBeCloseTo(0.5, 1.7);
    const normal = Array.from({ length: n }, () => rng.gaussian(2, 3));
    const mean = normal.reduce((a, b) => a + b) / n;
    expect(Math.abs(mean - 2)).toBeLessThan(0.1);
    expect(Math.abs(Math.sqrt(normal.reduce((a, b) => a + (b - mean) ** 2, 0) / n) - 3)).toBeLessThan(0.1);
    const faces = Array.from({ length: 6000 }, () => rng.int(1, 6));
    for (let f = 1; f <= 6; f++) expect(Math.abs(faces.filter((v) => v === f).length - 1000)).toBeLessThan(150);
    expect(Math.abs(Array.from({ length: n }, () => rng.chance(0.2)).filter(Boolean).length / n - 0.2)).toBeLessThan(
      0.02,
    );
    const firstOfForks = Array.from({ length: 4000 }, (_, i) => rng.fork(i).next());
    expect(Math.abs(firstOfForks.reduce((a, b) => a + b) / 4000 - 0.5)).toBeLessThan(0.03);
  });
  it('shuffles into a permutation and picks from the list', () => {
    const rng = Rng.seeded(1);
    const items = Array.from({ length: 50 }, (_, i) => i);
    const shuffled = rng.shuffle(items);
    expect(shuffled).not.toEqual(items);
    expect([...shuffled].sort((a, b) => a - b)).toEqual(items);
    expect(items).toContain(rng.pick(items));
  });
});
