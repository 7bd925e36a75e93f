// What a keyboard and a screen reader meet: the order and the names of what Tab reaches, panes, contrast themes and reduced motion.
import type { Browser, Page } from '@playwright/test';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { startStandIn, type StandInHost } from '../../support/standInHost/host.ts';
import { settled } from '../../support/settled.ts';
import { launch, openPage } from '../../support/standInHost/page.ts';
import { busyWorld } from './worlds.ts';

const pages = inject('pages');
let browser: Browser;
let host: StandInHost;
let page: Page;

beforeAll(async () => {
  browser = await launch();
});
afterAll(async () => {
  await browser.close();
});
beforeEach(async () => {
  host = await startStandIn(busyWorld({ theme: 'light', language: 'en' }), pages);
  ({ page } = await openPage(browser, host.url));
  await page.waitForSelector('.home li:not(.ghost)');
});
afterEach(async () => {
  await page.close();
  await host.close();
});

/** Role and name of what has the focus, as the browser tells a screen reader. */
async function focused(): Promise<string> {
  return page.evaluate(() => {
    const e = document.activeElement;
    if (!(e instanceof HTMLElement) || e === document.body) return 'nothing';
    const role = e.getAttribute('role') ?? (e.tagName === 'INPUT' ? 'textbox' : e.tagName.toLowerCase());
    const name = e.getAttribute('aria-label') ?? e.innerText.replace(/\s+/g, ' ').trim();
    return `${role} ${name}`;
  });
}

/**
 * Presses Tab until the focus leaves the page or stays (the canvas keeps Tab to itself), or `most` times; returns what was met. What comes while
 * it walks would be missed, such as the jobs of a list that it has passed: everything has to be there before.
 */
async function walk(most = 80): Promise<string[]> {
  await settled(page);
  const met: string[] = [];
  for (let i = 0; i < most; i++) {
    await page.keyboard.press('Tab');
    const now = await focused();
    if (now === 'nothing' || now === met.at(-1)) break;
    met.push(now);
  }
  return met;
}

/** Every stop has a role and a name, and `expected` come in this order with others in between. */
function inOrder(met: readonly string[], expected: readonly (string | RegExp)[]): void {
  for (const stop of met) expect(stop.split(' ').slice(1).join(' '), stop).not.toBe('');
  let at = 0;
  for (const want of expected) {
    const found = met.findIndex((m, i) => i >= at && (typeof want === 'string' ? m === want : want.test(m)));
    expect(found, `${String(want)} after ${met[at - 1] ?? 'the start'} in:\n${met.join('\n')}`).toBeGreaterThanOrEqual(
      0,
    );
    at = found + 1;
  }
}

const bar = [
  'button Home',
  'button Kitchen table',
  'button Label',
  'button Train',
  'button Evaluate',
  'button Detect',
  'button Models',
  'button Keyboard shortcuts',
  'button Settings',
];
const openProject = async (): Promise<void> => {
  await page.locator('.home .project').first().click();
  await page.waitForSelector('[role=application]');
};
/** Everything that Tab reaches, from the first control of the window on. */
async function walkAll(): Promise<string[]> {
  await page.locator('.topbar button').first().focus();
  return [await focused(), ...(await walk())];
}

describe('Tab', () => {
  it('Home: bar, the three starts, recent projects', async () => {
    inOrder(await walk(), [
      'button Home',
      'button Settings',
      /^button New project/,
      /^button Open project/,
      /^button Try the sample/,
      /^button Kitchen table/,
      /^button Take “Kitchen table” off/,
      /^button Orchard/,
    ]);
  });

  it('Label: F6 goes from pane to pane, Tab through the gallery’s tools, the toolbar, classes, objects and review', async () => {
    await openProject();
    await page.locator('.gallery input').focus();
    const met = [await focused(), ...(await walk())];
    inOrder(met, [
      'textbox Search',
      'button Filter',
      'button Sort',
      'listbox Images',
      'button Draw a box',
      'button Select and move',
      'button Click-to-box',
      'button Suggest',
      /^button (Heatmap|Show heatmap)/,
      'button Brightness and contrast',
      'button Fit image',
      /^application Canvas: /,
    ]);
    await page.keyboard.press('F6');
    inOrder(
      [await focused(), ...(await walk())],
      [
        /^button apple/,
        'button Edit “apple”',
        'textbox Add a class',
        /^tab Objects/,
        'tab History',
        /^button (apple|pear|leaf) \d+ × \d+/,
        /^combobox Status: /,
        /^combobox Part: /,
        /^button Reviewed, next/,
      ],
    );
  });

  it('Train: runs, start point, presets, readiness, advanced settings, start', async () => {
    await openProject();
    await page.keyboard.press('Alt+3');
    await page.waitForSelector('.preset');
    inOrder(await walkAll(), [
      ...bar,
      'button Compare runs',
      'button New run',
      /^button More mugs/,
      /^combobox Start from: /,
      'textbox Name (optional)',
      /^radio Quick/,
      'button Advanced',
      'button Start training',
    ]);
  });

  it('Detect: jobs, folders, model, threshold, start; then the results', async () => {
    await openProject();
    await page.keyboard.press('Alt+5');
    await page.waitForSelector('.new');
    inOrder(await walkAll(), [
      ...bar,
      'button New job',
      /^button kitchen 162/,
      'button Add folder',
      'button Add files',
      'switch With subfolders',
      /^combobox Model: /,
      'slider Threshold',
      'textbox Only files like',
    ]);
    await page.locator('aside li > button').first().click();
    await page.waitForSelector('.job');
    inOrder(await walk(), ['button Save results…', 'button Delete job', /^combobox Class: /, /^option IMG_2210/]);
  });
});

describe('dialogs', () => {
  const inLabel = async (key: string): Promise<void> => {
    await openProject();
    await page.waitForSelector('.objects[aria-busy=false] li');
    await page.locator('[role=application]').focus();
    await page.keyboard.press(key);
    await page.locator('[role=dialog]').waitFor();
  };
  const soon = (what: string | RegExp) => expect.poll(focused, { timeout: 8000 }).toMatch(what);

  it('begin at their first control, keep Tab inside and give the focus back', async () => {
    await inLabel('Control+e');
    await soon('checkbox COCO');
    for (let i = 0; i < 20; i++) {
      await page.keyboard.press('Tab');
      expect(await page.evaluate(() => document.activeElement?.closest('[role=dialog]') !== null)).toBe(true);
    }
    await page.keyboard.press('Escape');
    await page.locator('[role=dialog]').waitFor({ state: 'detached' });
    await soon(/^application /);
  });

  it('a step that takes the focused control away passes the focus on', async () => {
    await inLabel('Control+i');
    await page.keyboard.press('Escape');
    await page.locator('.classes .acts button').first().focus();
    await page.keyboard.press('Enter');
    await soon('textbox Name');
    await page.getByRole('button', { name: 'Merge…' }).focus();
    await page.keyboard.press('Enter');
    await soon(/^combobox Into|^button Into/);
    await page.getByRole('button', { name: 'Back' }).focus();
    await page.keyboard.press('Enter');
    await soon('textbox Name');
    await page.getByRole('button', { name: 'Delete…' }).focus();
    await page.keyboard.press('Enter');
    await soon('button Back');
    await page.keyboard.press('Escape');
    await soon('button Edit “apple”');
  });

  it('folders are walked by arrows, and a new project begins at its name', async () => {
    await page.locator('.card').first().focus();
    await page.keyboard.press('Enter');
    await soon(/^button home/);
    await page.keyboard.press('ArrowRight');
    await soon(/^button new-apples/);
    await page.keyboard.press('ArrowDown');
    await soon(/^button kitchen-table/);
    await page.keyboard.press('ArrowLeft');
    await soon(/^button home/);
    await page.keyboard.press('ArrowRight');
    await soon(/^button new-apples/);
    await page.keyboard.press('Enter');
    await page.locator('.modal-footer .primary').focus();
    await page.keyboard.press('Enter');
    await soon('textbox Name');
    await page.keyboard.press('Escape');
    await soon(/^button New project/);
  });

  it('a large result turns by arrows, past files that could not be read', async () => {
    await openProject();
    await page.keyboard.press('Alt+5');
    await page.locator('aside li > button').first().click();
    await page.locator('.job [role=option]').nth(7).click();
    const title = () => page.locator('[role=dialog] .modal-title').innerText();
    for (const [key, name] of [
      ['ArrowRight', 'IMG_2218.jpg'],
      ['ArrowRight', 'IMG_2220.jpg'], // the tenth file failed
      ['ArrowLeft', 'IMG_2218.jpg'],
    ] as const) {
      await page.keyboard.press(key);
      await expect.poll(title).toBe(name);
    }
    const tip = page.locator('.tip'); // of the button that has the focus
    await tip.waitFor();
    const seen = (e: Element): boolean => {
      const { x, y, width, height } = e.getBoundingClientRect();
      e.setAttribute('style', 'pointer-events: auto');
      return e.contains(document.elementFromPoint(x + width / 2, y + height / 2));
    };
    expect(await tip.evaluate(seen), 'the tooltip stands above the dialog').toBe(true);
    await page.keyboard.press('Escape'); // once: the tooltip doesn't take it for itself
    await page.locator('[role=dialog]').waitFor({ state: 'detached', timeout: 2000 });
  });

  it('menus take arrows, and Escape gives the focus back to what opened them', async () => {
    await openProject();
    await page.locator('.topbar .project').focus();
    await page.keyboard.press('Enter');
    await soon(/^menuitem Rename/);
    await page.keyboard.press('ArrowDown');
    await soon(/^menuitem Look for new images/);
    await page.keyboard.press('End');
    await soon(/^menuitem Close project/);
    await page.keyboard.press('Escape');
    await soon('button Kitchen table');
  });
});

describe('what the system asks for', () => {
  it('contrast themes: what is chosen has an outline, not only a background', async () => {
    await page.emulateMedia({ forcedColors: 'active' });
    await openProject();
    const outline = (what: string): Promise<string> =>
      page
        .locator(what)
        .first()
        .evaluate((e) => getComputedStyle(e).outlineStyle);
    for (const what of [
      '.toolbar .active',
      '.gallery [aria-selected=true]',
      '.classes .current',
      'nav [aria-current=page]',
    ])
      expect(await outline(what), what).toBe('solid');
    await page.keyboard.press('Alt+5');
    await page.waitForSelector('.slider');
    expect(await outline('.slider .track')).toBe('solid');
  });

  it('reduced motion: nothing moves', async () => {
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await page.locator('.card').first().click();
    const longest = await page
      .locator('.modal')
      .evaluate((e) => Number.parseFloat(getComputedStyle(e).animationDuration));
    expect(longest).toBeLessThan(0.001);
  });
});
