// The built desktop program in the stand-in for Electron, its window as a Playwright page of real Chromium.
import { fork, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import { chromium, type Browser, type Page } from '@playwright/test';
import { patience, usable, type Ask, type Desktop, type DesktopOptions } from './desktop.ts';
import type { StandInState } from './standIn.ts';

const root = path.resolve(import.meta.dirname, '../../..');

/** Starts it. */
export async function launchStandIn({ dataFolder, args = [], env = {} }: DesktopOptions): Promise<Desktop> {
  const child = fork(path.join(root, 'out/main/main.js'), [...args], {
    cwd: root,
    execArgv: ['--import', 'tsx', '--import', path.join(root, 'tests/support/electron/register.ts')],
    env: { ...process.env, ...env, TTFNET_STUDIO_DATA: dataFolder },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (data: Buffer) => (text += data.toString()));
  const asker = new Asker(child, () => text);
  const state = () => asker.ask({ ask: 'state' }) as Promise<StandInState>;
  const browser = await chromium.connectOverCDP((await state()).endpoint, { timeout: patience });
  const end = async () => {
    await asker.exited;
    await browser.close().catch(() => undefined);
  };
  return {
    pid: child.pid!,
    ask: (message) => asker.ask(message),
    state,
    permissions: async () => (await state()).permissions,
    page: () => newestPage(browser),
    output: () => text,
    quit: async () => {
      await asker.ask({ ask: 'close' }).catch(() => undefined); // it may be gone before it answers
      await end();
    },
    kill: async () => {
      child.kill('SIGKILL');
      await closeChromium(browser); // Electron's windows die with it; the stand-in's are another program's
      await end();
    },
  };
}

/** Ends the browser itself; closing Playwright's end only says goodbye to it. */
async function closeChromium(browser: Browser): Promise<void> {
  const session = await browser.newBrowserCDPSession();
  await session.send('Browser.close').catch(() => undefined); // it may be gone before it answers
}

interface Pending {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/** Questions to the stand-in over the process's own IPC; those that run when it ends fail with what it wrote. */
class Asker {
  readonly exited: Promise<void>;
  readonly #child: ChildProcess;
  readonly #output: () => string;
  readonly #pending = new Map<number, Pending>();
  #number = 0;
  #gone = false;

  constructor(child: ChildProcess, output: () => string) {
    this.#child = child;
    this.#output = output;
    child.on('message', (raw) => this.#hear(raw as { number: number; value?: unknown; error?: string }));
    this.exited = ended(child).then(() => this.#end());
  }

  ask(message: Ask): Promise<unknown> {
    const number = ++this.#number;
    return new Promise((resolve, reject) => {
      if (this.#gone) {
        reject(this.#ended());
        return;
      }
      this.#pending.set(number, { resolve, reject });
      this.#child.send({ ...message, number }, () => undefined); // not sent means gone, which #end tells
    });
  }

  #hear({ number, value, error }: { number: number; value?: unknown; error?: string }): void {
    const pending = this.#pending.get(number);
    this.#pending.delete(number);
    if (error === undefined) pending?.resolve(value);
    else pending?.reject(new Error(error));
  }

  #end(): void {
    this.#gone = true;
    for (const pending of this.#pending.values()) pending.reject(this.#ended());
    this.#pending.clear();
  }

  #ended = () => new Error(`The program ended: ${this.#output()}`);
}

/** Settles when a process has ended and its output is read; children of its own may keep that open, so not for long after its end. */
function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once('close', () => resolve());
    child.once('exit', () => setTimeout(resolve, 2000));
  });
}

async function newestPage(browser: Browser): Promise<Page> {
  for (const end = Date.now() + patience; Date.now() < end;) {
    const pages = browser.contexts().flatMap((context) => context.pages());
    const ours = pages.findLast((page) => page.url().includes('shell=desktop'));
    if (ours) return usable(ours);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('The program opened no window.');
}
