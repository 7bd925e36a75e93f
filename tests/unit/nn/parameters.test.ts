// Parameters by name: what is loaded, what starts fresh and how, what trains.
import { describe, expect, it } from 'vitest';
import { heOutStd, heStd, ParameterSet, type Initializer, type WeightMap } from '../../../src/core/nn/parameters.ts';

const zero: Initializer = { kind: 'constant', value: 0 };
const normal: Initializer = { kind: 'normal', std: 0.5 };
const weights: WeightMap = new Map([['a', { shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) }]]);

describe('loaded parameters', () => {
  it('come from the weights, as a copy', () => {
    const set = new ParameterSet(weights, 0);
    const { data } = set.get('a', [2, 2], zero);
    expect([...data]).toEqual([1, 2, 3, 4]);
    data[0] = 9;
    expect(weights.get('a')!.data[0]).toBe(1);
    expect(set.initialized).toEqual([]);
  });

  it('start fresh under another name or shape, and are listed', () => {
    const set = new ParameterSet(weights, 0);
    set.get('a', [4], normal);
    set.get('b', [2, 2], { kind: 'constant', value: 7 });
    expect(set.initialized).toEqual(['a', 'b']);
    expect(set.list().map((p) => p.name)).toEqual(['a', 'b']);
    expect([...set.list()[1]!.data]).toEqual([7, 7, 7, 7]);
  });

  it('are the same when asked for again, and never of two shapes', () => {
    const set = new ParameterSet(weights, 0);
    expect(set.get('a', [2, 2], zero)).toBe(set.get('a', [2, 2], normal));
    expect(() => set.get('a', [4], zero)).toThrow('parameter a is [2,2], asked for as [4]');
  });
});

describe('fresh values', () => {
  const fresh = (seed: number | null, init: Initializer, name = 'w', before: string[] = []): Float32Array => {
    const set = new ParameterSet(new Map(), seed);
    for (const other of before) set.get(other, [3], normal);
    return set.get(name, [100, 100], init).data;
  };

  it('depend on seed and name alone', () => {
    expect(fresh(1, normal)).toEqual(fresh(1, normal, 'w', ['x', 'y']));
    expect(fresh(1, normal)).not.toEqual(fresh(2, normal));
    expect(fresh(1, normal)).not.toEqual(fresh(1, normal, 'v'));
    expect(fresh(null, normal).every((v) => v === 0)).toBe(true);
  });

  it('have the spread that was asked for', () => {
    const spread = (data: Float32Array): number => Math.sqrt(data.reduce((sum, v) => sum + v * v, 0) / data.length);
    const mean = (data: Float32Array): number => data.reduce((sum, v) => sum + v, 0) / data.length;
    expect(spread(fresh(3, normal))).toBeCloseTo(0.5, 1);
    expect(mean(fresh(3, normal))).toBeCloseTo(0, 1);
    const uniform = fresh(3, { kind: 'uniform', bound: 0.3 });
    expect(uniform.every((v) => Math.abs(v) <= 0.3)).toBe(true);
    expect(spread(uniform)).toBeCloseTo(0.3 / Math.sqrt(3), 2);
    expect([heStd([8, 2, 3, 3]), heOutStd(8, 3)]).toEqual([Math.sqrt(2 / 18), Math.sqrt(2 / 72)]);
  });
});

it('trains what is neither frozen nor fixed', () => {
  const set = new ParameterSet(new Map(), 0, (name) => name.startsWith('stem.'));
  const trains = (name: string, fixed = false): boolean => set.get(name, [1], zero, fixed).trainable;
  expect([trains('stem.w'), trains('head.w'), trains('head.running_mean', true)]).toEqual([false, true, false]);
});
