// The key map: factory keys with a person's changes laid over them, what a chord runs, and which commands fight over one.
import { commandIds, commands, type CommandId, type Scope, type When } from './commands.ts';

/** A person's changes: command -> the keys that replace its factory ones (an empty list takes them away). */
export type KeyChanges = Partial<Record<CommandId, readonly string[]>>;

/** Where the person is, as far as keys go. */
export interface KeyPlace {
  scope: Scope;
  selection: boolean;
}

/** The keys of a command under `changes`. */
export function keysOf(id: CommandId, changes: KeyChanges): readonly string[] {
  return changes[id] ?? commands[id].keys;
}

/** Commands by chord, in the order of the key sheet. */
export function chordTable(changes: KeyChanges): Map<string, CommandId[]> {
  const table = new Map<string, CommandId[]>();
  for (const id of commandIds)
    for (const chord of keysOf(id, changes)) table.set(chord, [...(table.get(chord) ?? []), id]);
  return table;
}

/** The command that `chord` runs at `place`: the view's own keys before those that work everywhere. */
export function commandFor(table: ReadonlyMap<string, CommandId[]>, chord: string, place: KeyPlace): CommandId | null {
  const fits = (table.get(chord) ?? []).filter((id) => {
    const { scope, when } = commands[id];
    return (
      (scope === 'global' || scope === place.scope) && (when === 'always' || (when === 'selection') === place.selection)
    );
  });
  return fits.find((id) => commands[id].scope !== 'global') ?? fits[0] ?? null;
}

const exclude = (a: When, b: When): boolean => a !== b && a !== 'always' && b !== 'always';

/** Commands that would answer to `chord` at the same place and moment as `id` does. */
export function conflictsOf(id: CommandId, chord: string, changes: KeyChanges): CommandId[] {
  return (chordTable(changes).get(chord) ?? []).filter((other) => {
    if (other === id || exclude(commands[other].when, commands[id].when)) return false;
    const scopes = [commands[other].scope, commands[id].scope];
    return scopes.includes('global') || scopes[0] === scopes[1];
  });
}

/** The changes after giving `id` the keys `keys`; factory keys are no change. */
export function withKeys(changes: KeyChanges, id: CommandId, keys: readonly string[]): Record<string, string[]> {
  const factory = commands[id].keys;
  const same = factory.length === keys.length && factory.every((k, i) => k === keys[i]);
  const others = Object.entries(changes).filter(([other]) => other !== id);
  return Object.fromEntries([...others, ...(same ? [] : [[id, keys] as const])].map(([k, v]) => [k, [...v]]));
}
