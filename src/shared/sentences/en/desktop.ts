// English words of the desktop shell: its own dialogs and the parts of the native menu that don't come from the interface.

/** Sentences by key. */
export const desktop = {
  'desktop.quitText': 'It goes on where it was when you start the program again and resume it.',
  'desktop.keepRunning': 'Keep running',
  'desktop.quit': 'Quit',
  'desktop.crashed': 'The interface stopped several times in a row.',
  'desktop.crashedText': 'Your labels are safe: each was saved when it was made. ({reason})',
  'desktop.again': 'Try again',
  'desktop.noDebugging':
    '{switch} was given: whoever connects there could read and write all your files. Start the program without it.',
  'desktop.notStarted': 'TTFNet Studio could not start',
  'desktop.strangeFiles':
    'Files of the program are not as they were made: {files}. Install the program again, from where you trust.',
  'desktop.file': 'File',
  'desktop.edit': 'Edit',
  'desktop.window': 'Window',
  'desktop.about': 'About TTFNet Studio',
  'desktop.services': 'Services',
  'desktop.hide': 'Hide TTFNet Studio',
  'desktop.hideOthers': 'Hide Others',
  'desktop.unhide': 'Show All',
  'desktop.quitApp': 'Quit TTFNet Studio',
  'desktop.minimize': 'Minimize',
  'desktop.zoom': 'Zoom',
  'desktop.front': 'Bring All to Front',
  'desktop.close': 'Close Window',
} as const satisfies Record<string, string>;
