// What a comparison compares, from texts: names, combinations, every kind of value, and what is refused with what sentence.
import { describe, expect, it } from 'vitest';
import { makeConfig } from '../../../src/core/train/config.ts';
import { parseSettings, settingNames, writeSetting } from '../../../src/core/train/settingText.ts';
import { parseVariants } from '../../../src/core/train/variants.ts';

describe('parseSettings', () => {
  it('reads words, numbers, booleans, lists and none, in either spelling', () => {
    const texts = ['area-weight=none', 'learningRate=4e-3', 'zero-init-residual=false', 'shortcuts=1-2-3', 'beta= 0.7'];
    expect(parseSettings([...texts, 'clip-norm=none', 'size=320', 'size-head=per-class'])).toEqual({
      areaWeight: 'none',
      learningRate: 4e-3,
      zeroInitResidual: false,
      shortcuts: [1, 2, 3],
      beta: 0.7,
      clipNorm: null,
      width: 320,
      height: 320,
      sizeHead: 'per-class',
    });
  });

  it('knows every setting of a run by the name that it writes', () => {
    const config = makeConfig({ epochs: 3, shortcuts: [0, 0, 0] });
    for (const key of Object.keys(config) as (keyof typeof config)[]) {
      const [name, text] = writeSetting(key, config[key]);
      expect(settingNames).toContain(name);
      expect(parseSettings([`${name}=${text}`])).toEqual({ [key]: config[key] });
    }
  });

  it.each([
    ['samplin=center', /no setting "samplin"\. Choose from .*sampling/],
    ['sampling=middle', /sampling can't be "middle".*"gaussian"/],
    ['alpha=2', /alpha can't be "2"/],
    ['alpha=', /alpha can't be ""/],
    ['batch=2.5', /batch can't be "2.5"/],
    ['sampling', /"sampling" is no setting.*name=value/],
    ['__proto__=1', /no setting "__proto__"/],
  ])('refuses %s', (text, message) => {
    expect(() => parseSettings([text])).toThrow(message);
  });
});

describe('parseVariants', () => {
  it('makes a variant of every value', () => {
    expect(parseVariants([], ['sampling=gaussian, center-region,center'])).toEqual([
      { name: 'gaussian', settings: { sampling: 'gaussian' } },
      { name: 'center-region', settings: { sampling: 'center-region' } },
      { name: 'center', settings: { sampling: 'center' } },
    ]);
  });

  it('makes every combination of several', () => {
    const variants = parseVariants([], ['sampling=gaussian,center', 'area-weight=log,none']);
    expect(variants.map(({ name }) => name)).toEqual([
      'gaussian, area weight log',
      'gaussian, area weight none',
      'center, area weight log',
      'center, area weight none',
    ]);
    expect(variants[3]!.settings).toEqual({ sampling: 'center', areaWeight: 'none' });
  });

  it('takes named settings, a name being anything before the first colon', () => {
    expect(parseVariants(['as it is:', 'sgd, steps:optimizer=sgd,schedule=step', 'alpha=0.3'], [])).toEqual([
      { name: 'as it is', settings: {} },
      { name: 'sgd, steps', settings: { optimizer: 'sgd', schedule: 'step' } },
      { name: 'alpha=0.3', settings: { alpha: 0.3 } },
    ]);
  });

  it.each([
    [[], [], /two settings or more, not 0/],
    [[], ['sampling=center'], /two settings or more, not 1/],
    [[], ['epochs=1,2'], /share epochs/],
    [['a:seed=1', 'b:seed=2'], [], /share seed/],
    [['a:', 'a:alpha=0.3'], [], /Two settings are called "a"/],
    [[], ['sampling=center,center'], /Two settings are called "center"/],
    [[':alpha=0.3', 'b:'], [], /no name before the colon/],
  ])('refuses %j %j', (named, varied, message) => {
    expect(() => parseVariants(named, varied)).toThrow(message);
  });
});
