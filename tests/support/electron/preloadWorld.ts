// The isolated world of a preload script, in a real page: what a sandboxed preload finds as `require('electron')`, over a DevTools binding.

/** Name of the isolated world, as DevTools knows it. */
export const worldName = 'electron-preload';
/** Name of the binding by which that world speaks to the stand-in. */
export const bindingName = '__standIn';

/** What that world says: a message on a channel with ports, or something that came over one of them. */
export type FromWorld =
  { channel: string; args: unknown[]; ports: number[] } | { port: number; data: { text: string } | { bytes: string } };

/** The part of Electron's sandboxed modules that {@link preloadScript} offers, named as Electron's own types name it. */
export const preloadApi = {
  ipcRenderer: ['send', 'postMessage'],
  webUtils: ['getPathForFile'],
} as const satisfies {
  ipcRenderer: readonly (keyof Electron.IpcRenderer)[];
  webUtils: readonly (keyof Electron.WebUtils)[];
};

/** Script that runs a (CommonJS) preload as Electron's sandbox does: `electron` with the renderer's modules, nothing of Node. */
export function preloadScript(preload: string): string {
  return `(() => {
  const ports = new Map();
  let next = 1;
  const say = (message) => globalThis.${bindingName}(JSON.stringify(message));
  const toBase64 = (bytes) => btoa(Array.from(bytes, (b) => String.fromCharCode(b)).join(''));
  const fromBase64 = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  const encode = (data) => typeof data === 'string' ? { text: data } : { bytes: toBase64(new Uint8Array(data)) };
  globalThis.__fromMain = (id, data) => ports.get(id)?.postMessage('text' in data ? data.text : fromBase64(data.bytes));
  globalThis.__closePort = (id) => { ports.get(id)?.close(); ports.delete(id); };
  globalThis.__paths = {};
  const take = (port) => {
    const id = next++;
    ports.set(id, port);
    port.onmessage = (event) => say({ port: id, data: encode(event.data) });
    return id;
  };
  const electron = {
    ipcRenderer: {
      send: (channel, ...args) => say({ channel, args, ports: [] }),
      postMessage: (channel, message, transfer = []) => say({ channel, args: [message], ports: transfer.map(take) }),
    },
    webUtils: { getPathForFile: (file) => globalThis.__paths[file.name] ?? '' },
  };
  const require = (name) => {
    if (name === 'electron') return electron;
    throw new Error('A sandboxed preload script can not require ' + name);
  };
  const module = { exports: {} };
  (function (require, module, exports) {\n${preload}\n})(require, module, module.exports);
})();`;
}
