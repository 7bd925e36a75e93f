// The stand-in's command line and session as far as they are about the network: nothing is done, all is noted for the tests.
import type { Network } from './desktop.ts';

const switches = new Map<string, string>();
const refused: string[] = [];
const settings: string[] = [];

/** Notes a setting. */
export const noteSetting = (setting: string): void => void settings.push(setting);

/** What was noted, and what the windows did. */
export const networkSeen = (windows: readonly string[]): Network => ({
  ...{ switches: Object.fromEntries(switches), refused },
  settings: [...settings, ...windows],
});

/** Electron's `app.commandLine`, over this process's own words; a switch that is set once the app is ready comes too late. */
export function commandLine(isReady: () => boolean): Electron.CommandLine {
  const isSwitch = (word: string, name: string) => word === `--${name}` || word.startsWith(`--${name}=`);
  const used: Pick<Electron.CommandLine, 'appendSwitch' | 'hasSwitch' | 'removeSwitch'> = {
    appendSwitch: (name, value = '') => {
      if (isReady()) throw new Error(`the switch ${name} comes too late: the app is ready`);
      switches.set(name, value);
    },
    hasSwitch: (name) => switches.has(name) || process.argv.some((word) => isSwitch(word, name)),
    removeSwitch: (name) => {
      switches.delete(name);
      process.argv = process.argv.filter((word) => !isSwitch(word, name));
    },
  };
  return used as unknown as Electron.CommandLine;
}

type Ask = (details: { url: string }, answer: (response: Electron.CallbackResponse) => void) => void;

/** Requests are asked about at once, so that a test can see the answers. */
function onBeforeRequest(ask: Ask): void {
  for (const url of ['ttfnet://app/index.html', 'https://example.com/', 'ws://127.0.0.1:1/', 'file:///etc/passwd'])
    ask({ url }, ({ cancel }) => cancel && refused.push(url));
}

/** The used part of Electron's `session.defaultSession` that is about the network. */
export const networkSession = {
  webRequest: { onBeforeRequest } as unknown as Electron.WebRequest,
  setSpellCheckerEnabled: (on: boolean) => noteSetting(`spelling ${on}`),
  setSpellCheckerDictionaryDownloadURL: (url: string) => noteSetting(`dictionaries ${url}`),
  setProxy: ({ mode }: Electron.ProxyConfig) => {
    noteSetting(`proxy ${mode ?? ''}`);
    return Promise.resolve();
  },
} satisfies Pick<
  Electron.Session,
  'webRequest' | 'setSpellCheckerEnabled' | 'setSpellCheckerDictionaryDownloadURL' | 'setProxy'
>;
