// What is done with a whole project, and the loop from a folder to detections, walked in one window.
import type { Browser, Page } from '@playwright/test';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { startStandIn, type StandInHost } from '../../support/standInHost/host.ts';
import type { World } from '../../support/standInHost/handlers.ts';
import { launch, openPage } from '../../support/standInHost/page.ts';
import { busyWorld } from './worlds.ts';

const pages = inject('pages');
let browser: Browser;

beforeAll(async () => {
  browser = await launch();
});
afterAll(async () => {
  await browser.close();
});

describe('the project', () => {
  let host: StandInHost;
  let page: Page;
  let errors: string[];
  let world: World;
  beforeEach(async () => {
    world = busyWorld({ theme: 'light', language: 'en' });
    host = await startStandIn(world, pages);
    ({ page, errors } = await openPage(browser, host.url));
    await page.locator('.home .project').first().click();
    await page.waitForSelector('[role=application]');
  });
  afterEach(async () => {
    expect(errors).toEqual([]);
    await page.close();
    await host.close();
  });

  const menu = async (name: string): Promise<void> => {
    await page.locator('.topbar .project').click();
    await page.getByRole('menuitem', { name }).click();
  };
  const pickHome = async (): Promise<void> => {
    await page.getByText('home', { exact: true }).dblclick();
    await page.getByRole('button', { name: 'Choose', exact: true }).click();
  };

  it('is renamed', async () => {
    await menu('Rename…');
    await page.getByRole('textbox', { name: 'Name of the project' }).fill('Winter table');
    await page.keyboard.press('Enter');
    await expect.poll(() => page.locator('.topbar .project').innerText()).toBe('Winter table');
    expect(world.project.name).toBe('Winter table');
  });

  it('takes over another copy: conflicts are choices between two pictures, the rest goes by itself', async () => {
    await menu('Merge another copy…');
    await page.getByRole('button', { name: 'Choose folder…' }).click();
    await pickHome();
    await page.waitForSelector('text=12 boxes added');
    const merge = page.getByRole('button', { name: 'Merge', exact: true });
    expect(await merge.isDisabled()).toBe(true);
    expect(await page.locator('.conflict svg').count()).toBe(2);
    await page.getByRole('radio', { name: 'Theirs' }).click();
    await expect.poll(() => page.getByText('2 of 3', { exact: true }).count()).toBe(1);
    await page.waitForSelector('text=Deleted');
    await page.getByRole('button', { name: 'Both' }).click();
    await merge.click();
    await page.waitForSelector('text=Copy merged');
    const keys = world.merge.conflicts.map((c) => c.key);
    expect(world.merge.chosen).toEqual({ [keys[0]!]: 'theirs', [keys[1]!]: 'both', [keys[2]!]: 'both' });
  });

  it('is written in several formats at once, each in a folder of its own', async () => {
    await page.keyboard.press('Control+e');
    await page.getByRole('checkbox', { name: 'YOLO' }).click();
    await page.getByRole('button', { name: 'Choose folder…' }).click();
    await pickHome();
    await expect.poll(() => page.locator('.sum').count()).toBe(2);
    expect(world.exports).toEqual([
      { format: 'coco', to: '/home/ada/coco' },
      { format: 'yolo', to: '/home/ada/yolo' },
    ]);
  });

  it('shows several runs side by side', async () => {
    await page.keyboard.press('Alt+3');
    await page.getByRole('button', { name: 'Compare runs' }).click();
    await expect.poll(() => page.locator('.compare tbody tr').count()).toBe(3);
    await page.locator('aside li > button').first().click();
    await expect.poll(() => page.locator('.compare tbody tr').count()).toBe(2);
    expect(await page.locator('.compare tr.best').innerText()).toContain('Second afternoon');
    expect(await page.locator('.compare svg path').count()).toBe(4);
  });

  it('is measured: numbers per class, a confusion, and mistakes that open in Label', async () => {
    await page.keyboard.press('Alt+4');
    await page.getByRole('button', { name: 'Evaluate', exact: true }).last().click();
    await page.waitForSelector('.report');
    await expect.poll(() => page.locator('.report dl').innerText()).toContain('71.3 %');
    await page.locator('.report tbody button').nth(2).click();
    await expect.poll(() => page.getByRole('img', { name: /^Precision over recall\. pear/ }).count()).toBe(1);
    await page.getByRole('button', { name: /times apple not found/ }).click();
    await page.waitForSelector('.mistakes .segment[data-state=on] >> text=Missed');
    await expect.poll(() => page.locator('.mistakes .card').count(), { timeout: 8000 }).toBeGreaterThan(0);
    await page.locator('.mistakes .card').first().click();
    await page.waitForSelector('[role=application]');
    await page.keyboard.press('Alt+4');
    await page.waitForSelector('.report');
  });

  it('a run with a time limit tells how much of its time is gone', async () => {
    await page.keyboard.press('Alt+3');
    await page.locator('.advanced-trigger').click();
    await page.getByRole('textbox', { name: 'Stop after minutes' }).fill('5');
    await page.getByRole('button', { name: 'Start training' }).click();
    await page.waitForSelector('text=of 5 min');
    await expect.poll(() => page.locator('.run dl').innerText(), { timeout: 15_000 }).toMatch(/1 min \d+ s of 5 min/);
    const share = Number(await page.locator('.run > [role=progressbar]').getAttribute('aria-valuenow'));
    expect(share).toBeGreaterThan(15);
    await page.locator('.previews button').first().click();
    await page.getByRole('button', { name: 'Show this image' }).click();
    await page.waitForSelector('[role=application]');
  });
});

describe('the loop', () => {
  let host: StandInHost;
  let page: Page;
  let errors: string[];
  let world: World;
  beforeAll(async () => {
    world = busyWorld({ theme: 'dark', language: 'en' });
    host = await startStandIn(world, pages);
    ({ page, errors } = await openPage(browser, host.url));
  });
  afterAll(async () => {
    await page.close();
    await host.close();
  });

  it('folder to labels to run to detections to export, in one window', async () => {
    await page.locator('.card').nth(2).click();
    await page.waitForSelector('[role=application]');
    await page.keyboard.press('Alt+3');
    await page.getByRole('button', { name: 'Start training' }).click();
    await page.waitForSelector('text=What it sees');
    await expect.poll(() => world.work.runs[0]!.status, { timeout: 20_000 }).toBe('finished');
    await page.getByRole('button', { name: 'Use for suggestions' }).click();
    await page.keyboard.press('Alt+5');
    await page.getByRole('button', { name: 'Add folder' }).click();
    await page.getByText('home', { exact: true }).dblclick();
    await page.getByText('new-apples').click();
    await page.getByRole('button', { name: 'Choose', exact: true }).click();
    await page.getByRole('button', { name: 'Start', exact: true }).click();
    await expect
      .poll(() => world.work.jobs.find((j) => j.id !== 'job-1')?.status, { timeout: 20_000 })
      .toBe('finished');
    await page.getByRole('button', { name: /Save results/ }).click();
    await page.getByRole('button', { name: 'Choose folder…' }).click();
    await page.getByText('home', { exact: true }).dblclick();
    await page.getByRole('button', { name: 'Choose', exact: true }).click();
    await page.waitForSelector('text=61 files saved');
    expect(errors).toEqual([]);
  });

  it('language and theme change at once', async () => {
    await page.keyboard.press('Control+,');
    await page.getByRole('radio', { name: '简体中文' }).click();
    await page.waitForSelector('text=外观');
    await page.getByRole('radio', { name: '浅色' }).click();
    await expect.poll(() => page.evaluate(() => document.documentElement.dataset.theme)).toBe('light');
    expect(await page.evaluate(() => document.documentElement.lang)).toBe('zh-Hans');
  });
});
