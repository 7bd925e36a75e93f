// The native menu, built from what the interface sends: its own commands, words and keys. Before it has sent any, only what a system expects.
import { Menu, type MenuItemConstructorOptions } from 'electron';
import type { z } from 'zod';
import type { menu } from '../shared/contract/system.ts';
import type { Words } from './words.ts';

/** One menu as the contract carries it. */
export type ContractMenu = z.infer<typeof menu>;

const keyNames: Record<string, string> = { Ctrl: 'CommandOrControl', Esc: 'Escape', '+': 'Plus' };
const modifiers = new Set(['Ctrl', 'Alt', 'Shift']);
/** Keys that Electron knows, as the interface writes them. */
const key =
  /^([A-Z0-9]|[!-/:-@[-`{-~]|F([1-9]|1\d|2[0-4])|Left|Right|Up|Down|Home|End|PageUp|PageDown|Space|Tab|Enter|Esc|Backspace|Delete|Insert)$/;

/**
 * Electron's accelerator of a chord such as `Ctrl+Shift+Z`; `undefined` for one that the menu can't show, or that is no
 * chord at all: the page's text goes no further than here. Chords without Ctrl, Alt or a function
 * key are shown on no system's menu: a bare letter there would be taken from text fields on a Mac.
 */
export function acceleratorOf(chord: string): string | undefined {
  const parts =
    chord === '+' || chord.endsWith('++') ? [...chord.slice(0, -1).split('+').filter(Boolean), '+'] : chord.split('+');
  const [last, ...before] = parts.toReversed();
  if (last === undefined || !key.test(last) || !before.every((part) => modifiers.has(part))) return undefined;
  const bare = !before.includes('Ctrl') && !before.includes('Alt') && !/^F\d{1,2}$/.test(last);
  return bare ? undefined : parts.map((part) => keyNames[part] ?? part).join('+');
}

/** The template of the whole menu bar. `onCommand` hears which item was chosen. */
export function menuTemplate(
  menus: readonly ContractMenu[],
  mac: boolean,
  onCommand: (command: string) => void,
  { word }: Words,
): MenuItemConstructorOptions[] {
  const own = menus.map(({ label, items }): MenuItemConstructorOptions => ({
    label,
    submenu: items.map((item) => itemTemplate(item, onCommand)),
  }));
  if (mac) return [appMenu(word), ...own, windowMenu(word)];
  if (own.length > 0) return own;
  return [
    { role: 'fileMenu', label: word('desktop.file') },
    { role: 'editMenu', label: word('desktop.edit') },
    { role: 'windowMenu', label: word('desktop.window') },
  ];
}

const separator: MenuItemConstructorOptions = { type: 'separator' };

/** What a Mac expects under the program's name; Electron's own menu is in English whatever the language. */
const appMenu = (word: Words['word']): MenuItemConstructorOptions => ({
  role: 'appMenu',
  submenu: [
    { role: 'about', label: word('desktop.about') },
    separator,
    { role: 'services', label: word('desktop.services') },
    separator,
    { role: 'hide', label: word('desktop.hide') },
    { role: 'hideOthers', label: word('desktop.hideOthers') },
    { role: 'unhide', label: word('desktop.unhide') },
    separator,
    { role: 'quit', label: word('desktop.quitApp') },
  ],
});

const windowMenu = (word: Words['word']): MenuItemConstructorOptions => ({
  role: 'windowMenu',
  label: word('desktop.window'),
  submenu: [
    { role: 'minimize', label: word('desktop.minimize') },
    { role: 'zoom', label: word('desktop.zoom') },
    { role: 'close', label: word('desktop.close') },
    separator,
    { role: 'front', label: word('desktop.front') },
  ],
});

function itemTemplate(
  item: ContractMenu['items'][number],
  onCommand: (command: string) => void,
): MenuItemConstructorOptions {
  const { command } = item;
  if (command === undefined) return { type: 'separator' };
  const accelerator = item.keys === undefined ? undefined : acceleratorOf(item.keys);
  return {
    id: command,
    label: item.label ?? command,
    enabled: item.enabled ?? true,
    ...(accelerator === undefined ? {} : { accelerator }),
    registerAccelerator: false, // the interface handles its keys itself, remapped ones too; the menu only shows them
    click: () => onCommand(command),
  };
}

/** Puts the menu bar up. */
export function applyMenu(menus: readonly ContractMenu[], onCommand: (command: string) => void, words: Words): void {
  const template = menuTemplate(menus, process.platform === 'darwin', onCommand, words);
  Menu.setApplicationMenu(Menu.buildFromTemplate(template));
}
