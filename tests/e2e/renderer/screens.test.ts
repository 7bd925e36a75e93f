// Every screen: opens without an error, has no serious accessibility problem in either theme, and the whole loop can be walked.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Browser, Page } from '@playwright/test';
import type { AxeResults } from 'axe-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startStandIn, type StandInHost } from '../../support/standInHost/host.ts';
import { worldOf, type World } from '../../support/standInHost/handlers.ts';
import { buildPages, launch, openPage } from '../../support/standInHost/page.ts';
import { MemoryProject } from '../../support/standInHost/project.ts';
import { sceneClasses, scenes } from '../../support/standInHost/scenes.ts';
import { metricsAt } from '../../support/standInHost/work.ts';

let pages: Awaited<ReturnType<typeof buildPages>>;
let browser: Browser;
let axe: string;

beforeAll(async () => {
  pages = await buildPages();
  browser = await launch();
  axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
});
afterAll(async () => {
  await browser.close();
  await pages.remove();
});

function worldWithRun(theme: 'light' | 'dark', language: 'en' | 'zh'): World {
  const project = new MemoryProject('Shelf', '/home/ada/shelf', sceneClasses, scenes(40, 5));
  const recent = [
    {
      path: project.path,
      name: 'Shelf',
      images: 40,
      labelled: 12,
      boxes: 200,
      openedAt: Date.now() - 9e6,
      exists: true,
      cover: 'project-1/thumbnail/image-1',
    },
    {
      path: '/gone',
      name: 'Gone',
      images: 3,
      labelled: 0,
      boxes: 0,
      openedAt: Date.now() - 9e8,
      exists: false,
      cover: null,
    },
  ];
  const world = worldOf(project, { recent, folders: [{ name: 'new-apples', isProject: false, images: 24 }] });
  world.settings = { ...world.settings, theme, language };
  const config = { start: 'base', preset: 'quick' as const };
  world.work.runs = [
    {
      id: 'run-1',
      name: 'First',
      note: '',
      status: 'finished',
      config,
      createdAt: Date.now() - 8e6,
      epochs: 12,
      epochsDone: 12,
      secondsSpent: 170,
      bestAp: 0.61,
      model: 'run-model-1',
      error: null,
    },
  ];
  world.work.metrics.set(
    'run-1',
    Array.from({ length: 12 }, (_, i) => metricsAt(i + 1)),
  );
  return world;
}

/** Serious and critical findings of axe on what is shown, as readable lines. */
async function findings(page: Page): Promise<string[]> {
  await page.waitForTimeout(350); // colours in mid-animation would be judged
  await page.evaluate(axe);
  const result = await page.evaluate(() =>
    (globalThis as unknown as { axe: { run: () => Promise<AxeResults> } }).axe.run(),
  );
  return result.violations
    .filter((v) => v.impact === 'serious' || v.impact === 'critical')
    .flatMap((v) =>
      v.nodes
        .slice(0, 4)
        .map(
          (n) =>
            `${v.id}: ${n.html.slice(0, 160)} (${n.any[0]?.message ?? n.all[0]?.message ?? n.none[0]?.message ?? ''})`,
        ),
    );
}

/** Goes through all screens and dialogs; `look` is called on each. */
async function walk(page: Page, look: (name: string) => Promise<void>): Promise<void> {
  await page.waitForSelector('.home li:not(.ghost)');
  await look('home');
  await page.locator('.card').first().click();
  await page.getByText('home', { exact: true }).dblclick();
  await page.getByText('new-apples').click();
  await look('picker');
  await page.locator('.modal-footer .primary').click();
  await page.waitForSelector('.folder');
  await look('new project');
  await page.keyboard.press('Escape');
  await page.locator('.project').first().click();
  await page.waitForSelector('[role=application]');
  await page.waitForTimeout(300);
  await page.keyboard.press('Tab');
  await look('label');
  await page.keyboard.press('g');
  await page.keyboard.press('h');
  await look('label with help');
  await page.keyboard.press('h');
  await page.locator('#tab-history').click();
  await look('history');
  await page.locator('.gallery .head button').first().click();
  await look('filter');
  await page.keyboard.press('Escape');
  await page.locator('.classes .edit button').first().click({ force: true });
  await look('class');
  await page.keyboard.press('Escape');
  for (const [key, name] of [
    ['Control+s', 'checkpoint'],
    ['Control+e', 'export'],
    ['Control+i', 'import'],
    ['F1', 'keys'],
  ] as const) {
    await page.locator('[role=dialog]').waitFor({ state: 'detached' });
    await page.keyboard.press(key);
    await page.locator('[role=dialog]').waitFor();
    await look(name);
    await page.keyboard.press('Escape');
  }
  await page.locator('[role=dialog]').waitFor({ state: 'detached' });
  await page.keyboard.press('Alt+3');
  await page.waitForSelector('.preset');
  await page.locator('.advanced-trigger').click();
  await page.waitForTimeout(500);
  await look('new run');
  await page.locator('.train li button').first().click();
  await page.waitForSelector('.run');
  await look('run');
  await page.keyboard.press('Alt+4');
  await look('new job');
  await page.keyboard.press('Alt+5');
  await look('models');
  await page.keyboard.press('Control+,');
  await look('settings');
}

describe.each([
  ['light', 'en', 1440, 900],
  ['dark', 'zh', 1024, 700],
] as const)('all screens, %s, %s, %ix%i', (theme, language, width, height) => {
  it('show no serious accessibility problem, no script error, and nothing cut off at the side', async () => {
    const host = await startStandIn(worldWithRun(theme, language), pages.folder);
    const { page, errors } = await openPage(browser, host.url, { width, height });
    const bad: string[] = [];
    await walk(page, async (name) => {
      for (const finding of await findings(page)) bad.push(`${name}: ${finding}`);
      const cut = await page.evaluate(() =>
        [...document.querySelectorAll('.topbar, .toolbar, .bar, .head, header, .filter')]
          .filter((e) => e.scrollWidth > e.clientWidth + 1)
          .map((e) => e.className),
      );
      for (const what of cut) bad.push(`${name}: ${what} is cut off`);
    });
    await page.close();
    await host.close();
    expect(bad).toEqual([]);
    expect(errors).toEqual([]);
  });
});

describe('the loop', () => {
  let host: StandInHost;
  let page: Page;
  let errors: string[];
  let world: World;
  beforeAll(async () => {
    world = worldWithRun('dark', 'en');
    host = await startStandIn(world, pages.folder);
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
    await page.keyboard.press('Alt+4');
    await page.getByRole('button', { name: 'Add folder' }).click();
    await page.getByText('home', { exact: true }).dblclick();
    await page.getByText('new-apples').click();
    await page.getByRole('button', { name: 'Choose', exact: true }).click();
    await page.getByRole('button', { name: 'Start', exact: true }).click();
    await expect.poll(() => world.work.jobs[0]?.status, { timeout: 20_000 }).toBe('finished');
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
