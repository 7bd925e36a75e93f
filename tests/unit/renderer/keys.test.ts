// Keys: chords from events on several layouts, the map with a person's changes, conflicts, and a factory map without any.
import { describe, expect, it } from 'vitest';
import { chordOf, shownChord, splitChord, type KeyPress } from '../../../src/renderer/keys/chord.ts';
import { commandIds, commands } from '../../../src/renderer/keys/commands.ts';
import { chordTable, commandFor, conflictsOf, keysOf, withKeys } from '../../../src/renderer/keys/keymap.ts';

const press = (key: string, code = '', more: Partial<KeyPress> = {}): KeyPress => ({
  key,
  code,
  ctrlKey: false,
  metaKey: false,
  shiftKey: false,
  altKey: false,
  ...more,
});

describe('chords', () => {
  it.each([
    [press('d', 'KeyD'), 'D'],
    [press('D', 'KeyD', { shiftKey: true }), 'Shift+D'],
    [press('z', 'KeyZ', { ctrlKey: true }), 'Ctrl+Z'],
    [press('z', 'KeyZ', { metaKey: true, shiftKey: true }), 'Ctrl+Shift+Z'],
    [press('?', 'Slash', { shiftKey: true }), '?'],
    [press(' ', 'Space'), 'Space'],
    [press('ArrowLeft', 'ArrowLeft', { shiftKey: true }), 'Shift+Left'],
    [press('&', 'Digit1'), '1'],
    [press('1', 'Numpad1'), '1'],
    [press('0', 'Digit0', { ctrlKey: true }), 'Ctrl+0'],
    [press('ц', 'KeyW'), 'W'],
    [press('Tab', 'Tab', { shiftKey: true }), 'Shift+Tab'],
    [press(',', 'Comma', { ctrlKey: true }), 'Ctrl+,'],
    [press('+', 'Equal', { shiftKey: true }), '+'],
  ])('%j', (event, chord) => expect(chordOf(event)).toBe(chord));

  it('a modifier alone is no chord', () => expect(chordOf(press('Shift', 'ShiftLeft', { shiftKey: true }))).toBeNull());
  it('shows signs on a Mac', () => {
    expect(shownChord('Ctrl+Shift+Z', true)).toEqual(['⌘', '⇧', 'Z']);
    expect(shownChord('Ctrl+Shift+Left', false)).toEqual(['Ctrl', 'Shift', '←']);
  });
  it('splits a plus sign off', () => expect([splitChord('+'), splitChord('Ctrl++')]).toEqual([['+'], ['Ctrl', '+']]));
});

describe('key map', () => {
  it('has no conflict from the factory', () => {
    for (const id of commandIds) for (const chord of commands[id].keys) expect(conflictsOf(id, chord, {})).toEqual([]);
  });

  it('arrows nudge with a selection and turn pages without', () => {
    const table = chordTable({});
    expect(commandFor(table, 'Right', { scope: 'label', selection: true })).toBe('edit.nudgeRight');
    expect(commandFor(table, 'Right', { scope: 'label', selection: false })).toBe('go.nextArrow');
    expect(commandFor(table, 'Right', { scope: 'global', selection: false })).toBeNull();
  });

  it('works everywhere for global commands', () => {
    expect(commandFor(chordTable({}), '?', { scope: 'label', selection: true })).toBe('app.keys');
  });

  it('takes changed keys and gives up the old ones', () => {
    const changes = withKeys({}, 'draw.box', ['B']);
    const place = { scope: 'label', selection: false } as const;
    expect(commandFor(chordTable(changes), 'B', place)).toBe('draw.box');
    expect(commandFor(chordTable(changes), 'W', place)).toBeNull();
    expect(withKeys(changes, 'draw.box', ['W', 'R'])).toEqual({});
  });

  it('names the commands that a new key would fight with', () => {
    expect(conflictsOf('draw.box', 'D', {})).toEqual(['go.next']);
    expect(conflictsOf('draw.box', 'Right', {})).toEqual(['go.nextArrow', 'edit.nudgeRight']);
    expect(conflictsOf('go.nextArrow', 'Right', {})).toEqual([]);
    expect(conflictsOf('draw.box', 'F1', {})).toEqual(['app.keys']);
  });

  it('an emptied command has no key', () => expect(keysOf('go.skip', { 'go.skip': [] })).toEqual([]));

  it('offers every key that product.md promises', () => {
    const place = { scope: 'label', selection: false } as const;
    const table = chordTable({});
    for (const chord of [
      'D',
      'A',
      'W',
      'R',
      '1',
      '0',
      'Ctrl+Z',
      'Ctrl+Shift+Z',
      'Ctrl+Y',
      'Ctrl+C',
      'Ctrl+V',
      'Tab',
      'Ctrl+0',
      'Ctrl+1',
      'Space',
      'T',
      'Esc',
      'Enter',
      'F1',
      '?',
      'H',
      'P',
      'E',
      'Shift+E',
      'X',
      'Ctrl+S',
    ])
      expect(commandFor(table, chord, place), chord).not.toBeNull();
    for (const chord of ['Delete', 'Backspace', 'Ctrl+D', 'Shift+Left', 'Ctrl+Left'])
      expect(commandFor(table, chord, { ...place, selection: true }), chord).not.toBeNull();
  });
});
