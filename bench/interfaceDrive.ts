// A page of the interface in Chromium for the benchmark: opened with the probe, driven by real input events over the DevTools protocol.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Browser, CDPSession, Page } from '@playwright/test';
import ts from 'typescript';
import { launch } from '../tests/support/standInHost/page.ts';

const size = { width: 1440, height: 900 };

/** The probe (bench/page/probe.ts) as a script for the page. */
function probeScript(): string {
  const source = readFileSync(path.join(import.meta.dirname, 'page', 'probe.ts'), 'utf8');
  return ts.transpileModule(source, { compilerOptions: { target: ts.ScriptTarget.ES2022 } }).outputText;
}

/** A page with the probe in it. */
export class Driver {
  readonly page: Page;
  readonly cdp: CDPSession;
  readonly errors: string[] = [];

  private constructor(page: Page, cdp: CDPSession) {
    this.page = page;
    this.cdp = cdp;
    page.on('pageerror', (error) => this.errors.push(error.message));
  }

  /** A new page with nothing cached, not yet sent anywhere. */
  static async on(browser: Browser): Promise<Driver> {
    const page = await (await browser.newContext({ viewport: size })).newPage();
    await page.addInitScript(probeScript());
    return new Driver(page, await page.context().newCDPSession(page));
  }

  /** Goes to an address and waits until the project is usable. Returns the milliseconds since the page began to load. */
  async open(url: string): Promise<number> {
    await this.page.goto(url, { waitUntil: 'commit' });
    return this.ask<number>('usable()');
  }

  /** Calls the probe: `turned()`. */
  ask<T>(call: string): Promise<T> {
    return this.page.evaluate<T>(`probe.${call}`);
  }

  /** Place of the canvas's share (0 to 1) in page pixels. */
  async at(x: number, y: number): Promise<{ x: number; y: number }> {
    const box = (await this.page.locator('[role=application]').boundingBox())!;
    return { x: box.x + box.width * x, y: box.y + box.height * y };
  }

  /** Moves the mouse along `path` (time in ms -> place) at 125 events a second, as a mouse does, not waiting for the page. */
  async sweep(
    milliseconds: number,
    buttons: number,
    placeAt: (time: number) => { x: number; y: number },
  ): Promise<void> {
    const sent: Promise<unknown>[] = [];
    const start = performance.now();
    for (let now = 0; now < milliseconds; now = performance.now() - start) {
      const button = buttons === 1 ? 'left' : 'none';
      sent.push(this.cdp.send('Input.dispatchMouseEvent', { type: 'mouseMoved', button, buttons, ...placeAt(now) }));
      await new Promise((resolve) => setTimeout(resolve, 8));
    }
    await Promise.all(sent);
  }

  /** Turns the wheel over a place, one notch each `every` milliseconds. */
  async wheel(milliseconds: number, every: number, deltaY: number, at: { x: number; y: number }): Promise<void> {
    const start = performance.now();
    while (performance.now() - start < milliseconds) {
      void this.cdp
        .send('Input.dispatchMouseEvent', { type: 'mouseWheel', deltaX: 0, deltaY, ...at })
        .catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, every));
    }
  }

  /** Bytes in use after a forced collection: objects of the page, and everything its process holds (decoded pictures are outside the heap). */
  async memory(): Promise<{ heap: number; nodes: number; listeners: number }> {
    for (let i = 0; i < 3; i++) await this.cdp.send('HeapProfiler.collectGarbage');
    const { usedSize } = await this.cdp.send('Runtime.getHeapUsage');
    const { nodes, jsEventListeners } = await this.cdp.send('Memory.getDOMCounters');
    return { heap: usedSize, nodes, listeners: jsEventListeners };
  }

  close(): Promise<void> {
    return this.page.context().close();
  }
}

/** Starts Chromium, and the milliseconds that it took. */
export async function startBrowser(): Promise<{ browser: Browser; startMs: number }> {
  const start = performance.now();
  const browser = await launch();
  return { browser, startMs: performance.now() - start };
}

/** Resident bytes of the processes of Chromium that run pages. */
export async function rendererBytes(browser: Browser): Promise<number> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  return processInfo.filter(({ type }) => type === 'renderer').reduce((sum, { id }) => sum + residentBytes(id), 0);
}

function residentBytes(pid: number): number {
  try {
    const found = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${String(pid)}/status`, 'utf8'));
    return Number(found?.[1] ?? 0) * 1024;
  } catch {
    return 0; // not Linux, or ended meanwhile
  }
}
