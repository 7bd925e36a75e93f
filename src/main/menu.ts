// The native menu, built from what the interface sends: its own commands, words and keys. Before it has sent any, only what a system expects.
import { Menu, type MenuItemConstructorOptions } from 'electron';
import type { z } from 'zod';
import type { menu } from '../shared/contract/system.ts';

/** One menu as the contract carries it. */
export type ContractMenu = z.infer<typeof menu>;

const keyNames: Record<string, string> = { Ctrl: 'CommandOrControl', Esc: 'Escape', '+': 'Plus' };

/**
 * Electron's accelerator of a chord such as `Ctrl+Shift+Z`; `undefined` for one that the menu can't show. Chords without Ctrl, Alt or a function
 * key are shown on no system's menu: a bare letter there would be taken from text fields on a Mac.
 */
export function acceleratorOf(chord: string): string | undefined {
  const parts =
    chord === '+' || chord.endsWith('++') ? [...chord.slice(0, -1).split('+').filter(Boolean), '+'] : chord.split('+');
  const key = parts.at(-1);
  if (key === undefined || key === '') return undefined;
  const bare = !parts.includes('Ctrl') && !parts.includes('Alt') && !/^F\d{1,2}$/.test(key);
  return bare ? undefined : parts.map((part) => keyNames[part] ?? part).join('+');
}

/** The template of the whole menu bar. `onCommand` hears which item was chosen. */
export function menuTemplate(
  menus: readonly ContractMenu[],
  mac: boolean,
  onCommand: (command: string) => void,
): MenuItemConstructorOptions[] {
  const own = menus.map(({ label, items }): MenuItemConstructorOptions => ({
    label,
    submenu: items.map((item) => itemTemplate(item, onCommand)),
  }));
  if (mac) return [{ role: 'appMenu' }, ...own, { role: 'windowMenu' }];
  return own.length > 0 ? own : [{ role: 'fileMenu' }, { role: 'editMenu' }, { role: 'windowMenu' }];
}

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
export function applyMenu(menus: readonly ContractMenu[], onCommand: (command: string) => void): void {
  Menu.setApplicationMenu(Menu.buildFromTemplate(menuTemplate(menus, process.platform === 'darwin', onCommand)));
}
