// Option values that several commands take, checked as they are read.
import { InvalidArgumentError, Option } from 'commander';
import { formatNames, providerNames, type FormatName } from '../app/tasks/names.ts';

/** A number from `low` to `high`, whole if asked for. */
export function numberIn(low: number, high: number, whole = false): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (
      text.trim() !== '' &&
      Number.isFinite(value) &&
      value >= low &&
      value <= high &&
      (!whole || Number.isInteger(value))
    )
      return value;
    throw new InvalidArgumentError(`It must be a ${whole ? 'whole ' : ''}number from ${low} to ${high}.`);
  };
}

/** A list separated by commas, each one of `valid`. */
export function listOf<T extends string>(valid: readonly T[]): (text: string) => T[] {
  return (text) => {
    const items = text.split(',').map((item) => item.trim());
    const wrong = items.find((item) => !valid.some((v) => v === item));
    if (wrong !== undefined)
      throw new InvalidArgumentError(`"${wrong}" is not possible; choose from ${valid.join(', ')}.`);
    return items as T[];
  };
}

/** How a dataset on disk is read. */
export interface DatasetOptions {
  format?: FormatName;
  images?: string;
  annotations?: string;
}

/** The options of {@link DatasetOptions}. */
export const datasetOptions = (): Option[] => [
  new Option('--format <format>', 'format of the annotations; found by itself when left out').choices([...formatNames]),
  new Option('--images <folder>', 'folder of the images, where it is not inside DATA'),
  new Option('--annotations <folder>', 'folder of the annotation files, likewise'),
];

/** --raw-csv, for commands that write CSV. */
export const rawCsvOption = (): Option =>
  new Option(
    '--raw-csv',
    'in CSV, leave names as they are that a spreadsheet would run as formulas (they begin with =, +, - or @)',
  );

/** --json, for every command. */
export const jsonOption = (): Option => new Option('--json', 'print results as JSON, for machines');

/** --provider, for commands that run a network. */
export const providerOption = (): Option =>
  new Option('--provider <name>', 'where to compute: auto takes a GPU that works and beats the CPU')
    .choices(['auto', ...providerNames])
    .default('cpu');
