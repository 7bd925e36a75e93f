// The built desktop program for tests, as one interface with two implementations: a stand-in for Electron over real Chromium, and Electron itself.
import type { Page } from '@playwright/test';
import { noBrowser } from '../browser.ts';
import { launchReal } from './realDesktop.ts';
import { launchStandIn } from './standInDesktop.ts';

/** How to start it. */
export interface DesktopOptions {
  /** Folder for settings, the recent list and the window's bounds. */
  dataFolder: string;
  /** Further command-line words, such as a project's folder. */
  args?: readonly string[];
  /** Added to this process's environment; what is `undefined` in it is taken away. */
  env?: NodeJS.ProcessEnv;
}

/** What a test may ask of the program from outside the page. */
export type Ask =
  | { ask: 'state' }
  | { ask: 'menu'; command: string }
  | { ask: 'drop'; paths: string[] }
  | { ask: 'answer'; kind: 'open' | 'save' | 'message'; value: unknown }
  | { ask: 'crashPage' }
  | { ask: 'killChildren' }
  | { ask: 'openWindowFromPage'; url: string }
  | { ask: 'close' };

/** An item of the native menu. */
export interface MenuEntry {
  id?: string;
  label?: string;
  accelerator?: string;
  /** False when the item only shows its keys. */
  registerAccelerator?: boolean;
  submenu?: MenuEntry[];
}

/** What the program did against Chromium's own ways out. */
export interface Network {
  switches: Record<string, string>;
  /** Requests that it cancels, of some that it is asked about. */
  refused: string[];
  settings: string[];
}

/** What is seen of the program from outside the page. */
export interface State {
  /** The stand-in's alone. */
  network?: Network;
  preferences: Record<string, unknown>[];
  bounds: { width?: number; height?: number; x?: number; y?: number; maximized: boolean }[];
  /** Addresses of refused navigations and windows. */
  denied: string[];
  /** How often the windows' pages have finished loading. */
  loads: number;
  menu: MenuEntry[];
  revealed: string[];
  recent: string[];
  asked: { kind: string; options: unknown }[];
  /** Child processes under way. */
  children: number;
}

/** A running desktop program. */
export interface Desktop {
  /** Process id of the main process. */
  pid: number;
  /** The newest window, speaking with the program. */
  page(): Promise<Page>;
  ask(message: Ask): Promise<unknown>;
  state(): Promise<State>;
  /** Answers to permissions that a page could ask for: true is granted. */
  permissions(): Promise<boolean[]>;
  /** What the program wrote to its output and error streams. */
  output(): string;
  /** Ends it the orderly way (closes the window) and waits. */
  quit(): Promise<void>;
  /** Ends it as a power cut would. */
  kill(): Promise<void>;
}

/** Name of the implementation that the environment asks for. Error: a name that isn't one. */
export function implementation(env: NodeJS.ProcessEnv = process.env): 'stand-in' | 'electron' {
  const name = env['TTFNET_DESKTOP'] ?? 'stand-in';
  if (name === 'stand-in' || name === 'electron') return name;
  throw new Error(`TTFNET_DESKTOP is "${name}"; it can be "stand-in" (the default) or "electron".`);
}

/** Why the window can't be shown here; null where it can. Electron says so itself. */
export const noWindow = (): string | null => (implementation() === 'electron' ? null : noBrowser());

/** Starts the built main process (`npm run build` first). Rejects with "The program ended: ..." when it ends before it has a window. */
export function launchDesktop(options: DesktopOptions): Promise<Desktop> {
  return implementation() === 'electron' ? launchReal(options) : launchStandIn(options);
}

/** A page of the interface whose scripts have run: it speaks with the program. */
export async function usable(page: Page): Promise<Page> {
  await page.locator('button').first().waitFor({ timeout: patience });
  return page;
}

/** Milliseconds that a window may take on a machine that is busy with other things. */
export const patience = 120_000;
