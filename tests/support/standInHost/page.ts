// Builds the interface once and opens it in Chromium, for tests of the interface.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { chromium, type Browser, type Page } from '@playwright/test';
import { build } from 'vite';
import { browserFile } from '../browser.ts';
import { watchRequests } from '../settled.ts';

const renderer = path.resolve(import.meta.dirname, '../../../src/renderer');

/** Builds the interface into a folder of its own; returns the folder and how to remove it. */
export async function buildPages(): Promise<{ folder: string; remove: () => Promise<void> }> {
  const folder = await mkdtemp(path.join(tmpdir(), 'studio-pages-'));
  await build({
    configFile: false,
    root: renderer,
    plugins: [svelte({ configFile: false })],
    logLevel: 'error',
    build: { outDir: folder, emptyOutDir: true, modulePreload: { polyfill: false }, chunkSizeWarningLimit: 4000 },
  });
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}

/** The browser of this machine. Rejects where there is none. */
export async function launch(): Promise<Browser> {
  return chromium.launch({ args: ['--no-sandbox'], executablePath: browserFile() });
}

/** Opens a page of some size; errors of the page fail the test that asks for them. */
export async function openPage(
  browser: Browser,
  url: string,
  size = { width: 1440, height: 900 },
): Promise<{ page: Page; errors: string[] }> {
  const page = await browser.newPage({ viewport: size });
  const errors: string[] = [];
  watchRequests(page);
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().includes('WebSocket')) errors.push(message.text());
  });
  await page.goto(url);
  return { page, errors };
}
