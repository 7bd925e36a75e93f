// The window's transport and nothing else: hands the page a port to the program when it asks, and tells the program where dropped files lie.
// Sandboxed and isolated: nothing of Node or Electron is exposed to the page. (Electron checklist: context isolation, no raw IPC in the page.)
import { ipcRenderer, webUtils } from 'electron';
import { portAnswer, portRequest } from '../shared/client/wire.ts';
import { channels } from './channels.ts';

window.addEventListener('message', (event) => {
  if (event.source !== window || event.origin !== window.origin) return; // only this page itself, no frame and no opener
  const [request, word] = String(event.data).split(' ');
  if (request !== portRequest || word === undefined) return;
  const { port1, port2 } = new MessageChannel();
  ipcRenderer.postMessage(channels.connect, null, [port2]);
  window.postMessage(`${portAnswer} ${word}`, window.origin, [port1]);
});

window.addEventListener('dragover', (event) => event.preventDefault());
window.addEventListener('drop', (event) => {
  event.preventDefault(); // a dropped file would otherwise replace the page
  const paths = Array.from(event.dataTransfer?.files ?? [], (file) => webUtils.getPathForFile(file)).filter(Boolean);
  if (paths.length > 0) ipcRenderer.send(channels.dropped, paths);
});
