// The advanced settings as typed by a person: what is empty comes from the preset, what isn't a number in range is named.
import type { TrainingConfig } from '../../../shared/contract/index.ts';

/** Texts of the form; `preset` or empty leaves a setting to the preset. */
export interface Advanced {
  epochs: string;
  minutes: string;
  inputSize: string;
  batch: string;
  optimizer: string;
  augment: string;
  learningRate: string;
  frozenStages: string;
  seed: string;
  patience: string;
}

type NumberField = Exclude<keyof Advanced, 'optimizer' | 'augment'>;

/** How training pictures can be changed, from nothing to everything. */
export const augments = ['none', 'flip', 'light', 'standard', 'ssd'] as const;

const rules: Record<NumberField, { min: number; max: number; whole: boolean }> = {
  epochs: { min: 1, max: 10_000, whole: true },
  minutes: { min: 0.1, max: 100_000, whole: false },
  inputSize: { min: 128, max: 2048, whole: true },
  batch: { min: 1, max: 256, whole: true },
  learningRate: { min: 1e-7, max: 1, whole: false },
  frozenStages: { min: 0, max: 8, whole: true },
  seed: { min: 0, max: 0xffffffff, whole: true },
  patience: { min: 0, max: 1000, whole: true },
};

/** The settings given, and the fields that aren't valid. */
export function advancedOf(form: Advanced): { config: Partial<TrainingConfig>; wrong: Set<keyof Advanced> } {
  const config: Partial<TrainingConfig> = {};
  const wrong = new Set<keyof Advanced>();
  for (const field of Object.keys(rules) as NumberField[]) {
    const text = form[field].trim().replace(',', '.');
    if (text === '' || text === 'preset') continue;
    const { min, max, whole } = rules[field];
    const value = Number(text);
    if (Number.isFinite(value) && value >= min && value <= max && (!whole || Number.isInteger(value)))
      config[field] = value;
    else wrong.add(field);
  }
  if (form.optimizer === 'sgd' || form.optimizer === 'adamw') config.optimizer = form.optimizer;
  config.augment = augments.find((name) => name === form.augment);
  if (config.augment === undefined) delete config.augment;
  return { config, wrong };
}
