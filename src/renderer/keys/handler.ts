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
  /** Takes a key whose image isn't there yet (null: it means nothing now, but may then), to answer it by `again`. False: it is answered now. */
  later: (id: CommandId | null, again: () => void) => boolean;
}

/** A key that nothing else needs. */
interface Free {
  chord: string;
  inGallery: boolean;
}

/** Keys that a focused button, list or tab answers to itself. */
const ownKeys = new Set(['Space', 'Enter', 'Tab', 'Shift+Tab', 'Left', 'Right', 'Up', 'Down', 'Home', 'End']);

/** What takes all keys while it is open. */
const modal = '[role=dialog], [role=alertdialog], [role=menu]';

/** Listens to the window's keys; returns the function that ends it. */
export function listen(host: KeyHost): () => void {
  const held = new Map<string, CommandId>();
  const down = (event: KeyboardEvent): void => {
    const free = freeKey(event);
    if (!free || !host.chords().has(free.chord)) return;
    const id = commandOf(free, host);
    if (id !== null && (commands[id].hold || id === 'go.review')) {
      event.preventDefault();
      if (!event.repeat) {
        held.set(event.code, id);
        host.hold(id, true);
      }
    } else if (event.repeat && !(id !== null && commands[id].repeats)) {
      if (id !== null) event.preventDefault();
    } else if (host.later(id, () => answer(free, host)) || (id !== null && host.run(id))) event.preventDefault();
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

function freeKey(event: KeyboardEvent): Free | null {
  if (event.defaultPrevented || event.isComposing) return null;
  const chord = chordOf(event);
  const at = event.target instanceof Element ? event.target : document.body;
  if (chord === null || isTaken(at, chord)) return null;
  return { chord, inGallery: at.closest('[role=listbox]') !== null };
}

/** Answers a key that waited: what it does is told by the state it finds, unless a dialog or menu was opened over it. */
function answer(free: Free, host: KeyHost): void {
  const id = document.querySelector(modal) ? null : commandOf(free, host);
  if (id !== null) host.run(id);
}

function commandOf({ chord, inGallery }: Free, host: KeyHost): CommandId | null {
  const place = {
    scope: host.inLabel() ? ('label' as const) : ('global' as const),
    selection: host.selection() && !inGallery,
  };
  return commandFor(host.chords(), chord, place);
}

/** True where the focused element, or an open dialog or menu, needs the key itself. */
function isTaken(at: Element, chord: string): boolean {
  if (document.querySelector(modal)) return true;
  const modified = chord.startsWith('Ctrl+') || chord.startsWith('Alt+') || /^F\d/.test(chord);
  if (at.closest('input, textarea, [contenteditable]'))
    return !modified || /^Ctrl\+[ACVXZY]$/.test(chord) || chord.includes('Left') || chord.includes('Right');
  const onCanvas = at === document.body || at.getAttribute('role') === 'application';
  if (onCanvas) return false;
  if (at.closest('[role=listbox]')) return chord === 'Tab' || chord === 'Shift+Tab' || chord === 'Enter';
  return ownKeys.has(chord);
}
