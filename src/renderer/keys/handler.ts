// Key presses of the window turned into commands, respecting text fields, controls and open dialogs.
import { chordOf } from './chord.ts';
import { commands, type CommandId } from './commands.ts';
import { commandFor } from './keymap.ts';

/** What the handler asks and tells. */
export interface KeyHost {
  chords: () => ReadonlyMap<string, CommandId[]>;
  inLabel: () => boolean;
  selection: () => boolean;
  /** Runs a command; false when it doesn't apply now, so that the key keeps its own meaning. */
  run: (id: CommandId) => boolean;
  /** A command that lasts as long as its key is down. */
  hold: (id: CommandId, down: boolean) => void;
}

/** Keys that a focused button, list or tab answers to itself. */
const ownKeys = new Set(['Space', 'Enter', 'Tab', 'Shift+Tab', 'Left', 'Right', 'Up', 'Down', 'Home', 'End']);

/** Listens to the window's keys; returns the function that ends it. */
export function listen(host: KeyHost): () => void {
  const held = new Map<string, CommandId>();
  const down = (event: KeyboardEvent): void => {
    const id = commandOf(event, host);
    if (id === null) return;
    if (commands[id].hold || id === 'go.review') {
      event.preventDefault();
      if (!event.repeat) {
        held.set(event.code, id);
        host.hold(id, true);
      }
    } else if (!event.repeat || commands[id].repeats) {
      if (host.run(id)) event.preventDefault();
    } else event.preventDefault();
  };
  const up = (event: KeyboardEvent): void => {
    const id = held.get(event.code);
    if (id === undefined) return;
    held.delete(event.code);
    host.hold(id, false);
  };
  const blur = (): void => {
    // Whatever is held is let go without its effect: nobody knows when the key came up.
    for (const id of held.values()) if (id !== 'go.review') host.hold(id, false);
    held.clear();
  };
  window.addEventListener('keydown', down);
  window.addEventListener('keyup', up);
  window.addEventListener('blur', blur);
  return () => {
    window.removeEventListener('keydown', down);
    window.removeEventListener('keyup', up);
    window.removeEventListener('blur', blur);
  };
}

function commandOf(event: KeyboardEvent, host: KeyHost): CommandId | null {
  if (event.defaultPrevented || event.isComposing) return null;
  const chord = chordOf(event);
  const at = event.target instanceof Element ? event.target : document.body;
  if (chord === null || isTaken(at, chord)) return null;
  const inGallery = at.closest('[role=listbox]') !== null;
  const place = {
    scope: host.inLabel() ? ('label' as const) : ('global' as const),
    selection: host.selection() && !inGallery,
  };
  return commandFor(host.chords(), chord, place);
}

/** True where the focused element, or an open dialog or menu, needs the key itself. */
function isTaken(at: Element, chord: string): boolean {
  if (document.querySelector('[role=dialog], [role=alertdialog], [role=menu]')) return true;
  const modified = chord.startsWith('Ctrl+') || chord.startsWith('Alt+') || /^F\d/.test(chord);
  if (at.closest('input, textarea, [contenteditable]'))
    return !modified || /^Ctrl\+[ACVXZY]$/.test(chord) || chord.includes('Left') || chord.includes('Right');
  const onCanvas = at === document.body || at.getAttribute('role') === 'application';
  if (onCanvas) return false;
  if (at.closest('[role=listbox]')) return chord === 'Tab' || chord === 'Shift+Tab' || chord === 'Enter';
  return ownKeys.has(chord);
}
