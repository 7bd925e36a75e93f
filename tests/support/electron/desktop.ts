// The built desktop program for tests: in the stand-in with real Chromium, its window as a Playwright page.
import { fork, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import { chromium, type Browser, type Page } from '@playwright/test';
import type { Ask, State } from './standIn.ts';

const root = path.resolve(import.meta.dirname, '../../..');

/** How to start it. */
export interface DesktopOptions {
  /** Folder for settings, the recent list and the window's bounds. */
  dataFolder: string;
  /** Further command-line words, such as a project's folder. */
  args?: readonly string[];
  env?: NodeJS.ProcessEnv;
}

/** A running desktop program. */
export interface Desktop {
  process: ChildProcess;
  browser: Browser;
  /** The newest window. */
  page(): Promise<Page>;
  ask(message: Ask): Promise<unknown>;
  state(): Promise<State>;
  /** What the program wrote to its error stream. */
  output(): string;
  /** Ends it the orderly way (closes the window) and waits. */
  quit(): Promise<void>;
  /** Ends it as a power cut would. */
  kill(): Promise<void>;
}

/** Starts the built main process (`npm run build` first). */
export async function launchDesktop({ dataFolder, args = [], env = {} }: DesktopOptions): Promise<Desktop> {
  const child = fork(path.join(root, 'out/main/main.js'), [...args], {
    cwd: root,
    execArgv: ['--import', 'tsx', '--import', path.join(root, 'tests/support/electron/register.ts')],
    env: { ...process.env, ...env, TTFNET_STUDIO_DATA: dataFolder },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (data: Buffer) => (text += data.toString()));
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const ask = asker(child, exited, () => text);
  const state = () => ask({ ask: 'state' }) as Promise<State>;
  const browser = await chromium.connectOverCDP((await state()).endpoint);
  return {
    process: child,
    browser,
    ask,
    state,
    page: () => newestPage(browser),
    output: () => text,
    quit: async () => {
      await ask({ ask: 'close' }).catch(() => undefined); // it may be gone before it answers
      await exited;
    },
    kill: async () => {
      child.kill('SIGKILL');
      await browser.close().catch(() => undefined);
      await exited;
    },
  };
}

function asker(child: ChildProcess, exited: Promise<void>, output: () => string) {
  let number = 0;
  return (message: Ask): Promise<unknown> => {
    const mine = ++number;
    const answered = new Promise((resolve, reject) => {
      const hear = (raw: unknown) => {
        const answer = raw as { number: number; value?: unknown; error?: string };
        if (answer.number !== mine) return;
        child.off('message', hear);
        if (answer.error === undefined) resolve(answer.value);
        else reject(new Error(answer.error));
      };
      child.on('message', hear);
      child.send({ ...message, number: mine }, (error) => error && reject(error));
    });
    const gone = exited.then(() => {
      throw new Error(`The program ended: ${output()}`);
    });
    return Promise.race([answered, gone]);
  };
}

async function newestPage(browser: Browser): Promise<Page> {
  for (let tries = 0; tries < 200; tries++) {
    const pages = browser.contexts().flatMap((context) => context.pages());
    const ours = pages.findLast((page) => page.url().includes('shell=desktop'));
    if (ours) {
      await ours.locator('button').first().waitFor({ timeout: 30_000 }); // its scripts have run, it speaks with the program
      return ours;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('The program opened no window.');
}
