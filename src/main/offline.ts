// Keeps Chromium off the network: the window shows nothing but its own scheme, so every service that Chromium would run beside it is off, and what
// asks for an address all the same gets none. docs/privacy.md says how anyone can check.
import type { App, CommandLine, Session, WebContents } from 'electron';
import { appOrigin } from './security.ts';

/** Chromium's switches against its own services; they count only before the app is ready. */
export const quietSwitches: Readonly<Record<string, string>> = {
  'disable-background-networking': '',
  'disable-component-update': '',
  'disable-domain-reliability': '',
  'dns-prefetch-disable': '',
  'no-pings': '',
  'no-proxy-server': '', // without it a proxy's address is looked for in the local network
  'force-webrtc-ip-handling-policy': 'disable_non_proxied_udp',
  'host-resolver-rules': 'MAP * ~NOTFOUND', // no name leads anywhere, whoever asks
};

/** Switches that let another program on this machine into this one, whose page may read and write a person's files. */
const debugSwitches = ['remote-debugging-port', 'remote-debugging-pipe', 'inspect', 'inspect-brk', 'inspect-port'];

/** Sets {@link quietSwitches}; what a person gave for one of them on the command line no longer counts. */
export function quieten(commandLine: CommandLine): void {
  for (const [name, value] of Object.entries(quietSwitches)) {
    commandLine.removeSwitch(name);
    commandLine.appendSwitch(name, value);
  }
}

/** Takes the debugging switches off the command line, before anything has listened to them; answers those that were there. */
export function withoutDebugging(commandLine: CommandLine): string[] {
  const found = debugSwitches.filter((name) => commandLine.hasSwitch(name));
  for (const name of found) commandLine.removeSwitch(name);
  return found;
}

/** Whether a request stays inside the program: our scheme, or what a page made itself. */
export const staysInside = (url: string): boolean =>
  url.startsWith(`${appOrigin}/`) || url.startsWith(`blob:${appOrigin}/`) || url.startsWith('data:');

/** Cancels every request that would leave the program, looks for no proxy, and has no dictionary for a spelling checker that is off. */
export async function keepOffline(app: App, session: Session): Promise<void> {
  session.webRequest.onBeforeRequest(({ url }, answer) => answer({ cancel: !staysInside(url) }));
  session.setSpellCheckerEnabled(false);
  session.setSpellCheckerDictionaryDownloadURL(`${appOrigin}/no-dictionaries/`);
  app.configureHostResolver({ secureDnsMode: 'off' });
  await session.setProxy({ mode: 'direct' });
}

/** Lets no page find out or use an address of this machine by WebRTC. */
export function hideAddresses(contents: WebContents): void {
  contents.setWebRTCIPHandlingPolicy('disable_non_proxied_udp');
}
