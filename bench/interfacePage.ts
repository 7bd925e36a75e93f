// What the parts of the interface's benchmark share: a line of the table, and a project open in a fresh page.
import type { Browser } from '@playwright/test';
import { Driver, startBrowser } from './interfaceDrive.ts';
import type { World, WorldProject } from './interfaceWorld.ts';
import { median } from './median.ts';

/** One line of the table. */
export interface Row {
  what: string;
  value: number;
  unit: string;
  /** What must be reached; null for what is only told. */
  budget: { most: number } | { least: number } | null;
  /** How many measurements the value stands for, and the worst of them. */
  n: number;
  worst: number;
}

/** Makes the rows of one subject. */
export type Part = (world: World) => Promise<Row[]>;

/** Settles after some milliseconds. */
export const rest = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

/** A row of milliseconds: their median, and the worst. */
export const ms = (what: string, values: readonly number[], most: number | null): Row => ({
  what,
  value: median(values),
  unit: 'ms',
  budget: most === null ? null : { most },
  n: values.length,
  worst: Math.max(...values),
});

/** Opens a project in a fresh page of a fresh browser over a fresh host, and closes everything afterwards. */
export async function withPage<T>(
  world: World,
  name: WorldProject,
  use: (driver: Driver, opened: number, browser: Browser) => Promise<T>,
): Promise<T> {
  const host = await world.serve(name);
  const { browser } = await startBrowser();
  try {
    const driver = await Driver.on(browser);
    const opened = await driver.open(host.url);
    const result = await use(driver, opened, browser);
    if (driver.errors.length > 0) throw new Error(`the page had errors: ${driver.errors.join('; ')}`);
    return result;
  } finally {
    await browser.close();
    await host.close();
  }
}
