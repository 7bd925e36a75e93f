// Settings of a run as a person writes them: `sampling=center`, `area-weight=sqrt`, `shortcuts=1-2-3`, checked against the settings there are.
import { StudioError } from '../../shared/errors.ts';
import { trainConfigSchema, type TrainConfig } from './config.ts';

type Settings = Partial<TrainConfig>;
type SettingName = keyof TrainConfig;

/** Names of all settings as they are written: with hyphens. `size` is width and height together. */
export const settingNames: readonly string[] = ['size', ...Object.keys(trainConfigSchema.shape).map(hyphened)].sort();

function hyphened(name: string): string {
  return name.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`);
}

const camel = (name: string): string => name.replace(/-([a-z])/g, (_, c: string) => c.toUpperCase());

/** The name of a setting, written either way. @throws argument-invalid listing the names there are */
function knownName(text: string): SettingName | 'size' {
  const name = camel(text.trim());
  if (name === 'size' || Object.hasOwn(trainConfigSchema.shape, name)) return name as SettingName | 'size';
  throw new StudioError(
    'argument-invalid',
    `There is no setting ${JSON.stringify(text.trim())}. Choose from ${settingNames.join(', ')}.`,
  );
}

/** What a text can mean, most literal first; the first that the setting takes is meant. */
function meanings(text: string): unknown[] {
  const number = text === '' ? NaN : Number(text);
  return [
    text,
    ...(Number.isFinite(number) ? [number] : []),
    ...(text === 'true' || text === 'false' ? [text === 'true'] : []),
    ...(text === 'none' ? [null] : []),
    ...(/^\d+(-\d+)*$/.test(text) ? [text.split('-').map(Number)] : []),
  ];
}

function valueOf(name: SettingName, text: string): unknown {
  const schema = trainConfigSchema.shape[name];
  const tried = meanings(text).map((value) => schema.safeParse(value));
  const fitting = tried.find((t) => t.success);
  if (fitting) return fitting.data;
  throw new StudioError(
    'argument-invalid',
    `The setting ${hyphened(name)} can't be ${JSON.stringify(text)}: ${tried.at(-1)!.error?.issues[0]?.message ?? 'no such value'}.`,
  );
}

/** One setting from its name and the text of its value. @throws argument-invalid naming both, and what is valid */
export function parseSetting(name: string, text: string): Settings {
  const known = knownName(name);
  const value = text.trim();
  if (known === 'size') return { width: valueOf('width', value) as number, height: valueOf('height', value) as number };
  return { [known]: valueOf(known, value) };
}

/** Splits `name=text` in two. @throws argument-invalid */
export function nameAndText(assignment: string): [string, string] {
  const at = assignment.indexOf('=');
  if (at > 0) return [assignment.slice(0, at), assignment.slice(at + 1)];
  throw new StudioError(
    'argument-invalid',
    `${JSON.stringify(assignment)} is no setting. Write it as name=value, for example sampling=center.`,
  );
}

/** Settings from `name=value` texts, later ones winning. @throws argument-invalid */
export const parseSettings = (assignments: readonly string[]): Settings =>
  Object.assign({}, ...assignments.map((a) => parseSetting(...nameAndText(a)))) as Settings;

/** A setting's name and value as they are written. */
export const writeSetting = (name: SettingName, value: TrainConfig[SettingName]): [string, string] => [
  hyphened(name),
  value === null ? 'none' : Array.isArray(value) ? value.join('-') : String(value),
];
