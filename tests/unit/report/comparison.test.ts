// Comparing settings: means and bands over seeds, levels reached, and the verdict's arithmetic.
import { describe, expect, it } from 'vitest';
import { judge, meanCurve, reach, runCurve } from '../../../src/core/report/compare.ts';
import type { ComparedSetting } from '../../../src/core/report/compare.ts';
import { renderComparison } from '../../../src/core/report/comparison.ts';
import { comparisonData } from '../../../src/core/report/comparisonData.ts';

/** One run per list of AP50, evaluated after each epoch, `pace` minutes apart. */
const setting = (name: string, pace: number, ...runs: (number | null)[][]): ComparedSetting => ({
  name,
  runs: runs.map((values, seed) => ({
    seed,
    epochs: values.map((ap50, i) => ({ epoch: i + 1, minutes: (i + 1) * pace, ap: null, ap50 })),
  })),
});

const center = setting('center', 1, [0.1, 0.2, 0.3, 0.4, 0.5, 0.6], [0.1, 0.2, 0.3, 0.4, 0.5, 0.8]);
const gaussian = setting('gaussian', 2, [0.6, 0.8, 0.8], [0.6, 0.8, 0.8]);

describe('meanCurve', () => {
  it('takes mean and range over seeds at every epoch', () => {
    const { mean, band } = meanCurve(center, 'epoch');
    expect(mean.at(-1)![1]).toBeCloseTo(0.7, 12);
    expect(band.at(-1)).toEqual([6, 0.6, 0.8]);
    expect(mean).toHaveLength(6);
  });

  it('for minutes uses the time that all seeds share', () => {
    const mixed = { name: 'm', runs: [setting('', 1, [0, 1, 1]).runs[0]!, setting('', 1.5, [0, 1, 1]).runs[0]!] };
    const { mean } = meanCurve(mixed, 'minutes');
    expect(mean[0]![0]).toBe(1.5);
    expect(mean.at(-1)![0]).toBe(3);
    expect(mean[0]![1]).toBeCloseTo(0.25, 12); // halfway 0 to 1 in one run, 0 in the other
  });

  it('leaves out what was not evaluated', () => {
    expect(runCurve(setting('', 1, [null, 0.5]).runs[0]!, 'epoch')).toEqual([[2, 0.5]]);
    expect(meanCurve(setting('x', 1, [null]), 'epoch').mean).toEqual([]);
  });
});

describe('judge', () => {
  it('finds how many times fewer epochs the challenger needed', () => {
    // center's mean ends at 0.7 after 6 epochs; gaussian goes 0.6 to 0.8 between epochs 1 and 2, so reaches it at 1.5
    const v = judge(center, gaussian)!;
    expect(v.level).toBeCloseTo(0.7, 12);
    expect(v.baselineEpochs).toBeCloseTo(6, 9);
    expect(v.challengerEpochs).toBeCloseTo(1.5, 9);
    expect(v.sentence).toBe(
      'gaussian reaches center’s final AP50 (0.700, mean of 2 seeds) in 4.0 times fewer epochs: after 1.5 instead of 6.0.',
    );
  });

  it('credits a baseline that was there before its last epoch', () => {
    const early = setting('early', 1, [0.2, 0.7, 0.7, 0.7]);
    expect(judge(early, gaussian)!.ratio).toBeCloseTo(2 / 1.5, 9);
  });

  it('says so when the level is never reached, or later', () => {
    expect(judge(gaussian, center)!.sentence).toBe(
      'center does not reach gaussian’s final AP50 (0.800, mean of 2 seeds); its best is 0.700.',
    );
    const slow = setting('slow', 1, [0.1, 0.2, 0.8]);
    expect(judge(setting('fast', 1, [0.8, 0.8]), slow)!.sentence).toContain('3.0 times more epochs');
    expect(judge(setting('none', 1, [null]), slow)).toBeNull();
    expect(judge(setting('nothing', 1, [0, 0]), slow)).toBeNull();
  });

  it('reach interpolates between evaluations', () => {
    expect(
      reach(
        [
          [1, 0.2],
          [3, 0.6],
        ],
        0.4,
      ),
    ).toBeCloseTo(2, 12);
    expect(reach([[1, 0.2]], 0.1)).toBe(1);
    expect(reach([[1, 0.2]], 0.3)).toBeNull();
  });
});

describe('renderComparison', () => {
  const html = renderComparison({
    title: '<Compare>',
    shared: [{ name: 'data', value: 'bccd' }],
    settings: [gaussian, center, setting('<i>"q"', 1, [0.3, 0.5], [0.1, 0.2])],
    baseline: 'center',
    levels: [0.4, 0.75],
  });

  it('draws both charts and tells epochs, minutes and verdicts', () => {
    expect(html).toContain('id="by-epoch-t"');
    expect(html).toContain('id="by-minutes-t"');
    expect(html.match(/class="band"/g)).toHaveLength(6);
    expect(html).toContain('gaussian reaches center’s final AP50');
    expect(html).toContain('0.700 (0.600 to 0.800)');
    // center reaches 0.4 at epoch 4 in both runs; 0.75 in one of them, between 0.5 and 0.8 at 5.83
    expect(html).toMatch(/<th scope="row">center<\/th><td class="n">4\.0<\/td><td class="n">5\.8 · 1 of 2<\/td>/);
    expect(html).not.toMatch(/<i>"q"|<Compare>|NaN|Infinity/);
  });

  it('stands with nothing to compare', () => {
    const empty = renderComparison({ title: 't', shared: [], settings: [] });
    expect(empty).toContain('No values were recorded.');
    expect(empty).not.toMatch(/NaN|Infinity/);
  });
});

describe('comparisonData', () => {
  it('measures against the weakest unless told otherwise, and says what each level needed', () => {
    const data = comparisonData([gaussian, center, setting('none', 1)]);
    expect(data.baseline).toBe('center');
    expect(data.verdicts.map((v) => v.challenger)).toEqual(['gaussian']); // the one without results is left out
    expect(data.settings.map((s) => s.finalAp50)).toEqual([0.8, expect.closeTo(0.7, 12), null]);
    expect(data.settings[1]!.runs.map((r) => [r.finalAp50, r.bestAp50])).toEqual([
      [0.6, 0.6],
      [0.8, 0.8],
    ]);
    expect(data.settings[1]!.levels.find((l) => l.ap50 === 0.5)).toEqual({ ap50: 0.5, epochs: 5, minutes: 5 });
    expect(data.settings[0]!.levels.every((l) => l.epochs !== null)).toBe(true);
    expect(comparisonData([gaussian, center], 'gaussian').verdicts[0]!.ratio).toBeNull();
    expect(comparisonData([])).toEqual({ baseline: null, settings: [], verdicts: [] });
  });
});
