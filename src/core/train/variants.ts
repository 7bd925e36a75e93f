// What a comparison compares: settings of a run under names, from the texts that a person writes.
import { StudioError } from '../../shared/errors.ts';
import type { TrainConfig } from './config.ts';
import { nameAndText, parseSetting, parseSettings } from './settingText.ts';

/** A way to train, under a name. */
export interface Variant {
  name: string;
  /** What it has otherwise than the others. */
  settings: Partial<TrainConfig>;
}

/** Settings that all runs of a comparison share: comparing them would compare budgets or luck. */
const sharedOnly: readonly (keyof TrainConfig)[] = ['seed', 'epochs', 'minutes', 'evaluateEvery', 'patience'];

/** Settings whose values say by themselves what they set. */
const selfExplaining: readonly string[] = ['sampling', 'kernel', 'optimizer', 'start'];

/**
 * The variants of a comparison.
 * @param named texts like `sqrt area:area-weight=sqrt,alpha=0.6`; without a name before the colon they are called as they are written
 * @param varied texts like `sampling=gaussian,center`: one variant per value; several texts give every combination
 * @throws argument-invalid for a setting or value that is none, one that all runs must share, a name given twice, or less than two variants
 */
export function parseVariants(named: readonly string[], varied: readonly string[]): Variant[] {
  const variants = [...named.map(namedVariant), ...(varied.length > 0 ? combinations(varied) : [])];
  if (variants.length < 2)
    throw new StudioError(
      'argument-invalid',
      `A comparison needs two settings or more, not ${variants.length}. Give --vary sampling=gaussian,center, or --setting twice.`,
    );
  for (const { settings } of variants) mustVary(settings);
  const twice = variants.find(({ name }, i) => variants.findIndex((v) => v.name === name) !== i);
  if (twice)
    throw new StudioError(
      'argument-invalid',
      `Two settings are called ${JSON.stringify(twice.name)}. Give them different names: --setting "first:${twice.name}".`,
    );
  return variants;
}

function namedVariant(text: string): Variant {
  const match = /^([^=:]*):(.*)$/s.exec(text);
  const assignments = match ? match[2]! : text;
  const name = (match ? match[1]! : text).trim();
  if (name === '')
    throw new StudioError('argument-invalid', `${JSON.stringify(text)} has no name before the colon. Give it one.`);
  const parts = assignments.split(',').map((a) => a.trim());
  return { name, settings: parseSettings(parts.filter((a) => a !== '')) };
}

/** Every combination of the varied settings' values, the first setting varying slowest. */
function combinations(varied: readonly string[]): Variant[] {
  return varied
    .map(alternatives)
    .reduce((before, next) =>
      before.flatMap((a) =>
        next.map((b) => ({ name: `${a.name}, ${b.name}`, settings: { ...a.settings, ...b.settings } })),
      ),
    );
}

function alternatives(text: string): Variant[] {
  const [setting, values] = nameAndText(text);
  return values.split(',').map((part) => {
    const value = part.trim();
    const name = selfExplaining.includes(setting.trim()) ? value : `${setting.trim().replace(/-/g, ' ')} ${value}`;
    return { name, settings: parseSetting(setting, value) };
  });
}

function mustVary(settings: Partial<TrainConfig>): void {
  const wrong = sharedOnly.find((name) => name in settings);
  if (wrong)
    throw new StudioError(
      'argument-invalid',
      `All runs of a comparison share ${wrong}: it can't be compared. Give it once, for all (--seeds, --epochs, --minutes, --eval-every).`,
    );
}
