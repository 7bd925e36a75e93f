// Words of the Evaluate view that come from keys of the contract.
import type { EvaluationHead } from '../../../shared/contract/index.ts';
import { percent } from '../../i18n/format.ts';
import { t } from '../../i18n/i18n.svelte.ts';

/** The part of the dataset a report is about. */
export const partName = (split: EvaluationHead['split']): string =>
  split === null ? t('evaluate.allParts') : t(`split.${split}`);

/** A measure of 0 to 1 as a percentage; a dash where there is nothing to measure. */
export const measure = (value: number | null): string => (value === null ? '—' : percent(value, 1));
