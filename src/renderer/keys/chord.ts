// Key chords as text ("Ctrl+Shift+Z", "Left", "?"): from keyboard events, normalised, and as shown to people. Ctrl means Command on a Mac.

/** The part of a keyboard event that a chord is made of. */
export interface KeyPress {
  key: string;
  code: string;
  ctrlKey: boolean;
  metaKey: boolean;
  shiftKey: boolean;
  altKey: boolean;
}

const names: Record<string, string> = {
  ' ': 'Space',
  ArrowLeft: 'Left',
  ArrowRight: 'Right',
  ArrowUp: 'Up',
  ArrowDown: 'Down',
  Escape: 'Esc',
};

const modifiers = new Set([
  'Control',
  'Shift',
  'Alt',
  'Meta',
  'AltGraph',
  'CapsLock',
  'Dead',
  'Process',
  'Unidentified',
]);

/** The chord of a key press, or null for a modifier alone. Letters and digits go by the key's place, so that other layouts and Shift keep them. */
export function chordOf(press: KeyPress): string | null {
  if (modifiers.has(press.key)) return null;
  const name = keyName(press);
  const parts = [press.ctrlKey || press.metaKey ? 'Ctrl' : '', press.altKey ? 'Alt' : ''];
  // Shift is part of a sign such as "?": it is named only where the name doesn't already say it.
  if (press.shiftKey && (name.length > 1 || /[A-Z0-9]/.test(name))) parts.push('Shift');
  return [...parts.filter(Boolean), name].join('+');
}

function keyName(press: KeyPress): string {
  const digit = /^(?:Digit|Numpad)(\d)$/.exec(press.code)?.[1];
  if (digit !== undefined && (press.ctrlKey || press.metaKey || !press.shiftKey)) return digit;
  if (/^[a-z]$/i.test(press.key)) return press.key.toUpperCase();
  const letter = /^Key([A-Z])$/.exec(press.code)?.[1];
  if (letter && !/^[\x20-\x7e]$/.test(press.key)) return letter;
  return names[press.key] ?? (press.key.length === 1 ? press.key.toUpperCase() : press.key);
}

/** The chord as people read it on this system: signs on a Mac, words joined by a thin plus elsewhere. */
export function shownChord(chord: string, mac: boolean): string[] {
  const signs: Record<string, string> = {
    Left: '←',
    Right: '→',
    Up: '↑',
    Down: '↓',
    ...(mac
      ? { Ctrl: '⌘', Shift: '⇧', Alt: '⌥', Enter: '↵', Backspace: '⌫', Delete: '⌦' }
      : { Delete: 'Del', Backspace: 'Backspace' }),
  };
  return splitChord(chord).map((part) => signs[part] ?? part);
}

/** The parts of a chord; a plus sign itself may be the last. */
export function splitChord(chord: string): string[] {
  if (chord === '+') return ['+'];
  if (chord.endsWith('++')) return [...chord.slice(0, -2).split('+'), '+'];
  return chord.split('+');
}
