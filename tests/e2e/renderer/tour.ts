// The tour: every screen and state of the interface in one walk, for the tests of accessibility and for pictures.
import type { Browser, Page } from '@playwright/test';
import { startStandIn, type PictureFile, type StandInHost } from '../../support/standInHost/host.ts';
import { said } from '../../../src/shared/said.ts';
import type { World } from '../../support/standInHost/handlers.ts';
import { gate } from '../../support/gate.ts';
import { settled } from '../../support/settled.ts';
import { openPage } from '../../support/standInHost/page.ts';
import { busyWorld, drawnContent, emptyWorld, type Content, type Look } from './worlds.ts';

/** What a leg of the tour has at hand. `stop` is called at each screen or state, with its name. */
export interface Leg {
  page: Page;
  world: World;
  host: StandInHost;
  stop: (name: string) => Promise<void>;
}

/** How and where a tour is made. */
export interface TourOptions {
  browser: Browser;
  pages: string;
  look: Look;
  size: { width: number; height: number };
  content?: () => Content;
  fileOf?: PictureFile;
  /** Without motion: each state is there at once. */
  still?: boolean;
  /** Only the legs of these names; all when left out. */
  only?: readonly string[];
  onStop: (name: string, page: Page) => Promise<void>;
}

const press = async (page: Page, ...keys: string[]): Promise<void> => {
  for (const key of keys) await page.keyboard.press(key);
};
const noDialog = (page: Page) => page.locator('[role=dialog], [role=alertdialog]').waitFor({ state: 'detached' });
const dialog = (page: Page) => page.locator('[role=dialog], [role=alertdialog]').last().waitFor();
const escape = async (page: Page): Promise<void> => {
  await page.keyboard.press('Escape');
  await noDialog(page);
};

async function openFirst(page: Page): Promise<void> {
  await page.locator('.home .project').first().click();
  await page.waitForSelector('[role=application]');
  await page.waitForFunction(() => document.querySelectorAll('.loading').length === 0);
}

async function start({ page, stop }: Leg): Promise<void> {
  await page.waitForSelector('.home li:not(.ghost)');
  await stop('home');
  await page.locator('.card').first().click();
  await stop('picker-roots');
  await page.getByText('home', { exact: true }).dblclick();
  await page.getByText('new-apples').click();
  await stop('picker');
  await page.locator('.modal-footer .primary').click();
  await page.waitForSelector('.folder');
  await stop('new-project');
  await page.locator('.found-item').last().click();
  await stop('new-project-classes');
  await escape(page);
}

async function nothing({ page, world, stop }: Leg): Promise<void> {
  await page.waitForSelector('.home .none');
  await stop('home-empty');
  await page.locator('.card').nth(2).click();
  await page.waitForSelector('.gallery');
  await stop('label-no-images');
  await press(page, 'Alt+3');
  await page.waitForSelector('.issue');
  await stop('train-not-ready');
  await press(page, 'Alt+4');
  await stop('evaluate-none');
  await press(page, 'Alt+5');
  await stop('detect-no-jobs');
  world.recent = [];
}

async function label({ page, world, stop }: Leg): Promise<void> {
  await openFirst(page);
  await stop('label');
  await press(page, 'Tab', 'Tab');
  await stop('label-selected');
  await press(page, 'g');
  await page.waitForSelector('.bars .bar');
  await stop('label-suggestions');
  await press(page, 'h');
  await page.waitForSelector('.bar >> text=/88/');
  await stop('label-heatmap');
  await press(page, 'h');
  await press(page, 'e', 'ArrowRight');
  await page.locator('#tab-history').click();
  await page.waitForSelector('.history li');
  await stop('history');
  await page.locator('.history li button').nth(1).click();
  await page.waitForSelector('.past');
  await stop('history-past');
  await page.locator('#tab-objects').click();
  await press(page, 'c');
  await stop('label-click-to-box');
  await press(page, 'w');
  await page.locator('.gallery .head button').first().click();
  await stop('filter');
  await press(page, 'Escape');
  await page.locator('.gallery input').fill('nothing like it');
  await page.waitForSelector('.gallery .empty');
  await stop('filter-none');
  await page.locator('.gallery .empty button').click();
  await page.locator('.toolbar [aria-haspopup=dialog]').click();
  await stop('brightness');
  await press(page, 'Escape');
  await page.locator('.topbar .project').click();
  await stop('project-menu');
  await press(page, 'Escape');
  world.editDelay = 0;
}

async function labelDialogs({ page, stop }: Leg): Promise<void> {
  await openFirst(page);
  for (const [at, name] of [
    [null, 'class'],
    [2, 'class-merge'],
    [3, 'class-delete'],
  ] as const) {
    await page.locator('.classes .acts button').first().click({ force: true });
    await dialog(page);
    if (at !== null) await page.locator('[role=dialog] .more button').nth(at).click();
    await stop(name);
    await escape(page);
  }
  for (const [key, name] of [
    ['Control+s', 'checkpoint'],
    ['Control+e', 'export'],
    ['Control+i', 'import'],
    ['F1', 'keys'],
  ] as const) {
    await page.locator('[role=application]').focus();
    await press(page, key);
    await dialog(page);
    await stop(name);
    if (name === 'keys') {
      await page.locator('[role=dialog] li button').first().click();
      await page.locator('.listen').press('p');
      await stop('keys-change');
      await press(page, 'Escape');
      await page.locator('.listen').waitFor({ state: 'detached' });
    }
    await page.keyboard.press('Escape');
    await noDialog(page);
  }
  for (const [item, name] of [
    [0, 'rename'],
    [4, 'merge'],
    [5, 'splits'],
    [6, 'duplicates'],
  ] as const) {
    await page.locator('.topbar .project').click();
    await page.locator('[role=menuitem]').nth(item).click();
    await dialog(page);
    if (name === 'duplicates') await page.waitForSelector('[role=dialog] ul');
    await stop(name);
    await escape(page);
  }
}

async function reports({ page, stop }: Leg): Promise<void> {
  await openFirst(page);
  await press(page, 'Control+i');
  await page.locator('[role=dialog] .row button').first().click();
  await page.getByText('home', { exact: true }).dblclick();
  await page.locator('.modal-footer .primary').last().click();
  await page.waitForSelector('[role=dialog] .form');
  await stop('import-chosen');
  await page.locator('.modal-footer .primary').click();
  await page.waitForSelector('.sum');
  await stop('import-report');
  await escape(page);
}

async function merge({ page, stop }: Leg): Promise<void> {
  await openFirst(page);
  await page.locator('.topbar .project').click();
  await page.locator('[role=menuitem]').nth(4).click();
  await page.locator('[role=dialog] .row button').first().click();
  await page.getByText('home', { exact: true }).dblclick();
  await page.locator('.modal-footer .primary').last().click();
  await page.waitForSelector('.conflict svg');
  await stop('merge-conflict');
  await page.locator('.conflict-side').nth(1).click();
  await page.locator('.rest button').first().click();
  await stop('merge-decided');
}

async function trouble({ page, world, host, stop }: Leg): Promise<void> {
  const pictures = gate();
  world.pictureGate = pictures.closed;
  await page.locator('.home .project').first().click();
  await page.waitForSelector('[role=application]');
  await stop('label-loading');
  pictures.open();
  const [, second] = world.project.order;
  world.project.images.set(second!, { ...world.project.images.get(second!)!, missing: true });
  await press(page, 'd');
  await page.waitForSelector('.over');
  await stop('label-image-missing');
  await press(page, 'd');
  host.crash();
  await page.waitForSelector('.lost');
  await stop('connection-lost');
  host.revive();
  await page.locator('.lost').waitFor({ state: 'detached' });
}

/** The newest run stands still while it is looked at: on a slow machine it would be over before the tour goes on. */
function hold({ work }: World, still: boolean): void {
  const [newest, ...others] = work.runs;
  if (newest) work.runs = [{ ...newest, status: still ? 'paused' : 'running' }, ...others];
}

async function train({ page, world, stop }: Leg): Promise<void> {
  world.work.ready = [
    {
      severity: 'warning',
      code: 'class-few',
      said: said('ready.classFew', { name: 'leaf', count: 4, least: 20 }),
      classId: 'class-3',
      message: 'The class "leaf" has 4 boxes. From 20 on it is learnt better.',
    },
  ];
  const measured = gate();
  world.estimateGate = measured.closed;
  await openFirst(page);
  await press(page, 'Alt+3');
  await page.waitForSelector('.basis [role=progressbar]');
  await stop('train-measuring');
  measured.open();
  await page.waitForSelector('.basis .reason');
  await stop('train-new');
  await page.locator('.strip button').click();
  await page.waitForSelector('[role=dialog] [role=option]');
  await page.locator('[role=dialog] [role=option]').nth(4).click();
  await stop('train-watch');
  await escape(page);
  await page.locator('.advanced-trigger').click();
  await page.waitForSelector('.samples img');
  await page.locator('.advanced input').first().fill('many');
  await page.locator('.samples').scrollIntoViewIfNeeded();
  await stop('train-advanced');
  await page.locator('.advanced input').first().fill('');
  const runs = page.locator('aside li > button');
  for (const [i, name] of ['run-failed', 'run-stopped'].entries()) {
    await runs.nth(i).click();
    await page.waitForSelector('.run');
    await stop(name);
  }
  await page.locator('aside .head button').first().click();
  await page.waitForSelector('.compare table');
  await stop('runs-compared');
  await page.locator('aside .head button').last().click();
  await page.locator('.go .button').click();
  await page.waitForSelector('.previews .plain');
  hold(world, true);
  await stop('run-begun');
  hold(world, false);
  await page.waitForSelector('.previews button');
  hold(world, true);
  await stop('run-live');
  const gone = world.project.order.filter((id) => world.project.images.get(id)?.split === 'val')[1]!;
  world.project.images.set(gone, { ...world.project.images.get(gone)!, missing: true });
  hold(world, false);
  await page.waitForSelector('.previews .gone');
  await page.locator('.previews').evaluate((e) => e.closest('section')?.scrollIntoView());
  await stop('run-image-gone');
}

async function evaluate({ page, stop }: Leg): Promise<void> {
  await openFirst(page);
  await press(page, 'Alt+4');
  await page.waitForSelector('.new');
  await page.locator('.new .segment').last().click();
  await stop('evaluate-new');
  await page.locator('.new .button.primary').click();
  await stop('evaluate-running');
  await page.waitForSelector('.mistakes .card');
  await stop('evaluate-report');
  await page.locator('.report').evaluate((e) => e.parentElement?.scrollTo(0, 1e6));
  await stop('evaluate-mistakes');
  await page.locator('.mistakes .segment').last().click();
  await stop('evaluate-labels');
}

async function detect({ page, stop }: Leg): Promise<void> {
  await openFirst(page);
  await press(page, 'Alt+5');
  await page.waitForSelector('.new');
  await stop('detect-new');
  await page.locator('aside li > button').first().click();
  await page.waitForSelector('.job');
  await stop('detect-results');
  await page.locator('.job [role=option]').first().click();
  await dialog(page);
  await stop('detect-picture');
  await escape(page);
  await page.locator('.job header .primary').click();
  await dialog(page);
  await stop('detect-save');
  await escape(page);
  await page.locator('.job .segment').nth(2).click();
  await stop('detect-failed');
  await page.locator('aside .head button').first().click();
  await page.locator('.add button').first().click();
  await page.getByText('home', { exact: true }).dblclick();
  await page.locator('.modal-footer .primary').click();
  await noDialog(page);
  await page.locator('.go .button').click();
  await page.waitForSelector('.progress');
  await stop('detect-running');
}

async function rest({ page, stop }: Leg): Promise<void> {
  await openFirst(page);
  await press(page, 'Alt+6');
  await page.waitForSelector('.models li');
  await stop('models');
  await page.locator('.models li button').first().click();
  await dialog(page);
  await stop('models-export');
  await escape(page);
  await press(page, 'Control+,');
  await page.waitForSelector('.settings');
  await stop('settings');
}

const legs: { walk: (leg: Leg) => Promise<void>; empty?: boolean }[] = [
  { walk: start },
  { walk: nothing, empty: true },
  { walk: label },
  { walk: labelDialogs },
  { walk: reports },
  { walk: merge },
  { walk: trouble },
  { walk: train },
  { walk: evaluate },
  { walk: detect },
  { walk: rest },
];

/** Walks every leg in a page of its own; returns the errors of the pages. */
export async function tour(options: TourOptions): Promise<string[]> {
  const { browser, pages, look, size, content = drawnContent, fileOf, still = false, only } = options;
  const errors: string[] = [];
  for (const { walk, empty } of legs) {
    if (only && !only.includes(walk.name)) continue;
    const world = empty ? emptyWorld(look) : busyWorld(look, content());
    const host = await startStandIn(world, pages, fileOf);
    const opened = await openPage(browser, host.url, size);
    if (still) await opened.page.emulateMedia({ reducedMotion: 'reduce' });
    const stop = async (name: string) => {
      await settled(opened.page);
      await options.onStop(name, opened.page);
    };
    try {
      await walk({ page: opened.page, world, host, stop });
    } finally {
      // The leg in trouble asks for a picture that isn't there.
      errors.push(...opened.errors.filter((error) => walk !== trouble || !error.includes('404')));
      await opened.page.close();
      await host.close();
    }
  }
  return errors;
}
