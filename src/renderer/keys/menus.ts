// The native menu bar of the desktop window, made from the interface's own commands, words and keys.
import type { MessageKey } from '../i18n/en/index.ts';
import { commands, type CommandId } from './commands.ts';
import { keysOf, type KeyChanges } from './keymap.ts';

/** One menu as the contract's `system.setMenu` takes it. */
export interface NativeMenu {
  label: string;
  items: { command?: string; label?: string; keys?: string }[];
}

const layout: [MessageKey, (CommandId | null)[]][] = [
  ['menu.file', ['app.new', 'app.open', null, 'edit.checkpoint', 'edit.import', 'edit.export', null, 'app.settings']],
  [
    'menu.edit',
    [
      'edit.undo',
      'edit.redo',
      null,
      'edit.selectAll',
      'edit.copy',
      'edit.paste',
      'edit.duplicate',
      'edit.copyPrevious',
      'edit.delete',
    ],
  ],
  [
    'menu.view',
    [
      'app.home',
      'app.label',
      'app.train',
      'app.evaluate',
      'app.detect',
      'app.models',
      null,
      'view.fit',
      'view.actual',
      'view.zoomIn',
      'view.zoomOut',
      null,
      'view.heatmap',
    ],
  ],
  [
    'menu.label',
    [
      'draw.box',
      'draw.select',
      'draw.point',
      null,
      'go.next',
      'go.previous',
      'go.review',
      'go.skip',
      'go.nextOpen',
      null,
      'suggest.run',
      'suggest.accept',
      'suggest.acceptAll',
      'suggest.reject',
    ],
  ],
  ['menu.help', ['app.keys']],
];

/** The menus under a person's key changes, in the language of `t`. */
export function buildMenus(changes: KeyChanges, t: (key: MessageKey) => string): NativeMenu[] {
  return layout.map(([title, items]) => ({
    label: t(title),
    items: items.map((id) => {
      if (id === null) return {};
      const keys = (id in commands ? keysOf(id, changes) : [])[0];
      return { command: id, label: t(`command.${id}`), ...(keys === undefined ? {} : { keys }) };
    }),
  }));
}
