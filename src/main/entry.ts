// Where Electron begins: nothing of the program is loaded before what lies outside its archive is seen to be as it was packed.
import { app, dialog } from 'electron';
import { said } from '../shared/said.ts';
import { strangeFiles } from './unpacked.ts';
import { wordsIn } from './words.ts';

const strange = app.isPackaged ? strangeFiles(app.getAppPath()) : [];
if (strange.length === 0) await import('./main.ts');
else {
  const { say, word } = wordsIn('system', app.getLocale());
  dialog.showErrorBox(word('desktop.notStarted'), say(said('desktop.strangeFiles', { files: strange.join(', ') })));
  app.exit(1);
}
