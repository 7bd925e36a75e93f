// What the window's shell gives to the handlers: the system's dialogs, file manager, menu, recent documents.
import { app, dialog, shell, type OpenDialogOptions } from 'electron';
import type { PickOptions, Shell } from '../app/host/shell.ts';
import { applyMenu } from './menu.ts';
import type { Windows } from './windows.ts';
import type { Words } from './words.ts';

/** Makes the shell. `onCommand` hears menu items; `words` are those of the language of now. */
export function desktopShell(windows: Windows, onCommand: (command: string) => void, words: () => Words): Shell {
  return {
    kind: 'desktop',
    locale: app.getLocale(),
    pick: (options, connection) => pick(options, windows.of(connection)),
    reveal: (file) => shell.showItemInFolder(file),
    newWindow: () => void windows.open(),
    setMenu: (menus) => applyMenu(menus, onCommand, words()),
    opened: (folder) => app.addRecentDocument(folder),
  };
}

async function pick(options: PickOptions, window: Electron.BrowserWindow | null): Promise<string[] | null> {
  const { title, suggestedName } = options;
  const filters = options.extensions ? [{ name: options.extensions.join(', '), extensions: options.extensions }] : [];
  if (options.kind === 'save') {
    const save = { title, filters, ...(suggestedName === undefined ? {} : { defaultPath: suggestedName }) };
    const { canceled, filePath } = await (window ? dialog.showSaveDialog(window, save) : dialog.showSaveDialog(save));
    return canceled ? null : [filePath];
  }
  const open: OpenDialogOptions = {
    title,
    filters,
    properties: options.kind === 'folder' ? ['openDirectory', 'createDirectory'] : ['openFile', 'multiSelections'],
  };
  const { canceled, filePaths } = await (window ? dialog.showOpenDialog(window, open) : dialog.showOpenDialog(open));
  return canceled ? null : filePaths;
}
