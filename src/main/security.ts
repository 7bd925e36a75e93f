// Electron's security checklist, one place. Numbers are those of https://www.electronjs.org/docs/latest/tutorial/security; each has a test:
// tests/unit/main/security.test.ts for what is decided here, tests/integration/desktop.test.ts in the running program, packaging.test.ts for the fuses.
//  1 only secure content: everything comes from our own scheme; no http(s) page is ever loaded: offline.ts      2 no Node in the page: windowOptions
//  3 context isolation: windowOptions                   4 sandbox: windowOptions                        5 permission requests refused: refusePermissions
//  6 webSecurity stays on: windowOptions                7 content security policy: app/media/assets.ts  8 no insecure content: windowOptions
//  9 no experimental features: none named              10 no Blink features: none named                11 <webview> refused: refuseWebviews
// 12 webview options: there are none (11)              13 navigation refused: keepToApp                14 new windows refused: keepToApp
// 15 openExternal: never called                        16 current Electron: package.json, fixed version 17 sender of every message: fromOurPage
// 18 no file:// pages: custom scheme, assets.ts        19 fuses: electron-builder.config.ts             20 no Electron API in the page: preload exposes nothing
// And beyond the list: what lies outside the archive is compared with its hashes at each start (unpacked.ts), Chromium has no way out (offline.ts).
import type { App, Session, WebContents, WebFrameMain, WebPreferences } from 'electron';

/** Our scheme and the origin of the interface. */
export const scheme = 'ttfnet';
/** Origin of the interface's pages. */
export const appOrigin = `${scheme}://app`;
/** The one page of the interface. */
export const appPage = `${appOrigin}/index.html?shell=desktop`;

/** Preferences of every window (2, 3, 4, 6, 8, 9, 10). */
export function safePreferences(preload: string): WebPreferences {
  return {
    preload,
    sandbox: true,
    contextIsolation: true,
    nodeIntegration: false,
    nodeIntegrationInWorker: false,
    nodeIntegrationInSubFrames: false,
    webSecurity: true,
    allowRunningInsecureContent: false,
    webviewTag: false,
    navigateOnDragDrop: false,
    spellcheck: false,
  };
}

/** Refuses every permission a page could ask for (5): the interface needs none. */
export function refusePermissions(session: Session): void {
  session.setPermissionRequestHandler((_contents, _permission, answer) => answer(false));
  session.setPermissionCheckHandler(() => false);
  session.setDevicePermissionHandler(() => false);
}

/** Keeps a window on our page (13) and opens no other (14); refuses `<webview>` (11). */
export function keepToApp(contents: WebContents): void {
  const refuse = (event: { preventDefault: () => void }, url: string) => {
    if (url !== appPage) event.preventDefault();
  };
  contents.on('will-navigate', (event) => refuse(event, event.url));
  contents.on('will-frame-navigate', (event) => refuse(event, event.url));
  contents.on('will-redirect', (event) => refuse(event, event.url));
  contents.on('will-attach-webview', (event) => event.preventDefault());
  contents.setWindowOpenHandler(() => ({ action: 'deny' }));
}

/** Applies {@link keepToApp} to every page that this program ever makes. */
export function guardContents(app: App): void {
  app.on('web-contents-created', (_event, contents) => keepToApp(contents));
}

/** True when a message comes from the top frame of one of our pages (17). */
export function fromOurPage(frame: WebFrameMain | null): boolean {
  return frame !== null && frame.parent === null && frame.url.startsWith(`${appOrigin}/`);
}
