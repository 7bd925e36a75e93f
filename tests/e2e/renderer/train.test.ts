// Train by hand: which images are watched, what the estimate says and follows, the samples of the augmentation, and all that is done with a run.
import type { Browser, Page } from '@playwright/test';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { startStandIn, type StandInHost } from '../../support/standInHost/host.ts';
import type { World } from '../../support/standInHost/handlers.ts';
import { settled } from '../../support/settled.ts';
import { launch, openPage } from '../../support/standInHost/page.ts';
import { sceneClasses, scenes } from '../../support/standInHost/scenes.ts';
import { busyWorld } from './worlds.ts';

const pages = inject('pages');
let browser: Browser;
let host: StandInHost;
let page: Page;
let errors: string[];
let world: World;
const slow = { timeout: 15_000 };

beforeAll(async () => {
  browser = await launch();
});
afterAll(async () => {
  await browser.close();
});
beforeEach(async () => {
  world = busyWorld({ theme: 'light', language: 'en' }, { classes: sceneClasses, scenes: scenes(60, 5) });
  host = await startStandIn(world, pages);
  ({ page, errors } = await openPage(browser, host.url));
  await page.locator('.home .project').first().click();
  await page.waitForSelector('[role=application]');
  await page.keyboard.press('Alt+3');
  await page.waitForSelector('.preset');
});
afterEach(async () => {
  expect(errors).toEqual([]);
  await page.close();
  await host.close();
});

/** Long after what is asked for when typing has stopped would have been asked for. */
const afterTyping = async (): Promise<void> => {
  await page.clock.fastForward(2000);
  await settled(page);
};
const button = (name: string) => page.getByRole('button', { name, exact: true });
const options = () => page.getByRole('listbox', { name: 'Images to watch' }).getByRole('option');
const shown = (): Promise<(string | null)[]> =>
  page.locator('.strip img').evaluateAll((list) => list.map((e) => e.getAttribute('alt')));
const pathOf = (id: string): string => world.project.images.get(id)!.path;
const candidates = (): string[] =>
  world.project.order.filter((id) => {
    const { split, status } = world.project.images.get(id)!;
    return split === 'val' && ['labelled', 'reviewed'].includes(status);
  });
const status = () => page.getByRole('dialog').getByRole('status').innerText();

describe('watched images', () => {
  it('are chosen with the mouse, up to six, and the run repaints them', async () => {
    const val = candidates();
    expect(val.length).toBeGreaterThan(7);
    await expect.poll(shown).toEqual(val.slice(0, 4).map(pathOf));
    await button('Choose images…').click();
    await expect.poll(() => options().count()).toBe(val.length);
    expect(await status()).toBe('4 of 6 chosen');
    await options().nth(0).click(); // off
    for (const i of [4, 5, 6]) await options().nth(i).click();
    expect(await status()).toBe('6 of 6 chosen');
    await options().nth(7).click();
    expect(await status()).toContain('6 are the most');
    expect(await options().nth(7).getAttribute('aria-selected')).toBe('false');
    await button('Watch these').click();
    const wanted = [1, 2, 3, 4, 5, 6].map((i) => val[i]!);
    await expect.poll(shown).toEqual(wanted.map(pathOf));
    expect(world.work.watched.get('')).toEqual(wanted);
    await page.waitForSelector('text=Chosen by you.');
    await button('Start training').click();
    await expect.poll(() => page.locator('.previews button').count(), slow).toBe(6);
    const name = pathOf(wanted[0]!).split('/').at(-1)!;
    await page.getByRole('button', { name: `Enlarge ${name}` }).click();
    await page.getByRole('dialog', { name }).waitFor();
    await page.keyboard.press('Escape');
  });

  it('are chosen with the keyboard alone, and left to the program again', async () => {
    const val = candidates();
    await button('Choose images…').focus();
    await page.keyboard.press('Enter');
    await expect.poll(() => options().count()).toBe(val.length);
    await page.keyboard.press('Tab'); // from the search to the list
    await page.keyboard.press('Space');
    await expect.poll(status).toBe('3 of 6 chosen');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute('data-index'))).not.toBe('0');
    const at = Number(await page.evaluate(() => document.activeElement?.getAttribute('data-index')));
    await page.keyboard.press('Enter');
    await page.keyboard.press('End');
    await expect
      .poll(() => page.evaluate(() => document.activeElement?.getAttribute('data-index')))
      .toBe(String(val.length - 1));
    await page.keyboard.press('Home');
    await page.keyboard.press('ArrowLeft'); // there is none: it stays
    await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute('data-index'))).toBe('0');
    for (let i = 0; i < 3; i++) await page.keyboard.press('Tab'); // past "Choose for me" and "Cancel"
    await page.keyboard.press('Enter');
    const wanted = [...val.slice(1, 4), val[at]!];
    await expect.poll(() => world.work.watched.get('')).toEqual(wanted);
    await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toContain('Choose images');
    await page.keyboard.press('Enter');
    await options().first().waitFor();
    await button('Choose for me').focus();
    await page.keyboard.press('Enter');
    await expect.poll(shown).toEqual(val.slice(0, 4).map(pathOf));
    expect(world.work.watched.has('')).toBe(false);
  });

  it('are found by name, and Cancel leaves everything as it was', async () => {
    const val = candidates();
    await button('Choose images…').click();
    const name = pathOf(val[5]!).split('/').at(-1)!;
    await page.getByRole('dialog').getByRole('textbox', { name: 'Search' }).fill(name);
    await expect.poll(() => options().count()).toBe(1);
    await options().first().click();
    expect(await status()).toBe('5 of 6 chosen');
    await page.getByRole('dialog').getByRole('textbox', { name: 'Search' }).fill('nothing like it');
    await page.waitForSelector('text=No such image');
    await button('Cancel').click();
    expect(await shown()).toEqual(val.slice(0, 4).map(pathOf));
    expect(world.work.watched.size).toBe(0);
  });

  it('are changed while a run goes on; one whose file is gone says so', async () => {
    const val = candidates();
    await button('Start training').click();
    await expect.poll(() => page.locator('.previews button').count(), slow).toBe(4);
    await button('Choose images…').click();
    for (const i of [0, 1, 7]) await options().nth(i).click();
    await button('Watch these').click();
    const wanted = [2, 3, 7].map((i) => val[i]!);
    const names = () =>
      page.locator('.previews li > span').evaluateAll((list) => list.map((e) => e.getAttribute('title')));
    await expect.poll(names).toEqual(wanted.map(pathOf));
    expect(world.work.runs[0]!.status).toBe('running');
    const gone = wanted[1]!;
    world.project.images.set(gone, { ...world.project.images.get(gone)!, missing: true });
    await expect.poll(() => page.locator('.previews .gone').count(), slow).toBe(1);
    expect(await page.locator('.previews li').nth(1).innerText()).toContain('Not there any more');
    await expect.poll(() => world.work.runs[0]!.status, slow).toBe('finished');
    await expect.poll(() => button('Choose images…').count()).toBe(0);
  });
});

describe('the estimate', () => {
  const times = () => page.locator('.preset .time').allInnerTexts();

  it('says what each preset takes, on what that is based, and follows the settings', async () => {
    await expect.poll(times, slow).toEqual(['about 3 min', 'about 18 min', 'about 56 min']);
    await page.waitForSelector('text=4.20 images/s on CPU, measured on this machine 3 hours ago');
    await page.waitForSelector('text=for 19 training and 5 validation images');
    await page.locator('.advanced-trigger').click();
    await page.locator('button[aria-label^="Input size"]').click();
    await page.getByRole('option', { name: '256' }).click();
    await expect.poll(times, slow).toEqual(['about 40 s', 'about 5 min', 'about 14 min']);
    await page.getByRole('textbox', { name: 'Epochs', exact: true }).fill('24');
    await expect.poll(times, slow).toEqual(['about 1 min 30 s', 'about 3 min', 'about 3 min']);
    expect(world.work.asked.estimates.at(-1)).toMatchObject({ settings: { inputSize: 256, epochs: 24 }, again: false });
    const before = world.work.asked.estimates.length;
    await page.clock.install();
    await page.getByRole('textbox', { name: 'Learning rate' }).fill('0.001'); // costs no time
    await afterTyping();
    expect(world.work.asked.estimates).toHaveLength(before);
    await button('Measure again').click();
    await expect.poll(() => world.work.asked.estimates.at(-1)?.again).toBe(true);
    await page.waitForSelector('text=measured on this machine now');
  });

  it('waits while a run goes on, and is made after it', async () => {
    await button('Start training').click();
    await page.waitForSelector('.run');
    await button('New run').click();
    await page.waitForSelector('text=The speed is measured when no run is going on.');
    expect(await times()).toEqual(['—', '—', '—']);
    world.work.runs = world.work.runs.map((run, i) => (i === 0 ? { ...run, status: 'finished' } : run));
    for (const tell of world.project.listeners) tell({ type: 'runs', revision: 2 });
    await expect.poll(times, slow).toEqual(['about 3 min', 'about 18 min', 'about 56 min']);
  });
});

describe('samples', () => {
  it('follow augmentation, preset and input size, with and without heatmap, others at a click', async () => {
    await page.locator('.advanced-trigger').click();
    await expect.poll(() => page.locator('.samples img').count(), slow).toBe(4);
    const last = () => world.work.asked.samples.at(-1);
    expect(last()).toMatchObject({ settings: { preset: 'quick' }, heat: true, count: 4 });
    const first = await page.locator('.samples img').first().getAttribute('src');
    await page.locator('button[aria-label^="Augmentation"]').click();
    await page.getByRole('option', { name: 'Strong (SSD)' }).click();
    await expect.poll(() => last()?.settings.augment).toBe('ssd');
    await expect.poll(() => page.locator('.samples img').first().getAttribute('src')).not.toBe(first);
    await page.locator('button[aria-label^="Input size"]').click();
    await page.getByRole('option', { name: '320' }).click();
    await expect.poll(() => last()?.settings.inputSize).toBe(320);
    await page.getByRole('radio', { name: /^Thorough/ }).click();
    await expect.poll(() => last()?.settings.preset).toBe('thorough');
    const { seed } = last()!;
    await button('Other samples').click();
    await expect.poll(() => last()?.seed).toBe(seed + 1);
    await page.getByRole('switch', { name: 'Heatmap target' }).focus();
    await page.keyboard.press('Space');
    await expect.poll(() => last()?.heat).toBe(false);
    await expect.poll(() => page.locator('.samples').getAttribute('aria-busy')).toBe('false');
    for (const image of await page.locator('.samples img').all())
      await expect.poll(() => image.evaluate((e) => (e as HTMLImageElement).naturalWidth), slow).toBeGreaterThan(0);
    const asked = world.work.asked.samples.length;
    await page.locator('.advanced-trigger').click();
    await page.clock.install();
    await page.getByRole('radio', { name: /^Quick/ }).click();
    await afterTyping();
    expect(world.work.asked.samples).toHaveLength(asked); // closed: nobody looks
  });

  it('choosing an augmentation is part of the run', async () => {
    await page.locator('.advanced-trigger').click();
    await page.locator('button[aria-label^="Augmentation"]').click();
    await page.getByRole('option', { name: 'None' }).click();
    await button('Start training').click();
    await page.waitForSelector('.run');
    expect(world.work.runs[0]!.config).toMatchObject({ preset: 'quick', augment: 'none' });
  });
});

describe('a run', () => {
  const run = () => world.work.runs[0]!;

  it('is paused, goes on, is stopped with its best, suggests, and is deleted after a question', async () => {
    await button('Start training').click();
    await page.waitForSelector('.previews button');
    await button('Pause').click();
    await expect.poll(() => run().status).toBe('paused');
    for (const tell of world.project.listeners) tell({ type: 'runs', revision: 2 });
    await button('Resume').click();
    await expect.poll(() => run().status).toBe('running');
    await button('Stop and keep best').click();
    await expect.poll(() => run().status).toBe('stopped');
    for (const tell of world.project.listeners) tell({ type: 'runs', revision: 3 });
    await button('Use for suggestions').click();
    await page.locator('.run header').getByText('Current').waitFor();
    const runs = world.work.runs.length;
    await button('Delete run').click();
    await page.keyboard.press('Escape');
    expect(world.work.runs).toHaveLength(runs);
    await button('Delete run').click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete run' }).click();
    await expect.poll(() => world.work.runs.length).toBe(runs - 1);
    await page.waitForSelector('.preset'); // back at a new run
  });

  it('begins at its top, wherever the one before was scrolled to', async () => {
    await page.setViewportSize({ width: 1024, height: 500 });
    const detail = page.locator('.list-detail > main');
    const top = (): Promise<number> => detail.evaluate((e) => e.scrollTop);
    await page.locator('aside li > button').nth(1).click();
    await page.locator('.previews').waitFor();
    await detail.evaluate((e) => e.scrollTo(0, e.scrollHeight));
    expect(await top()).toBeGreaterThan(20);
    await page.locator('aside li > button').nth(2).click();
    await expect.poll(top).toBe(0);
  });

  it('that was interrupted by a crash says so and goes on where it was', async () => {
    world.work.runs = world.work.runs.map((r, i) => (i === 2 ? { ...r, status: 'interrupted', epochsDone: 5 } : r));
    for (const tell of world.project.listeners) tell({ type: 'runs', revision: 2 });
    await page.locator('aside li > button').nth(2).click();
    await page.locator('.run header').getByText('Interrupted').waitFor();
    const resume = button('Resume');
    await resume.focus();
    await page.keyboard.press('Enter');
    await expect.poll(() => world.work.runs[2]!.status).toBe('running');
    await expect.poll(() => world.work.runs[2]!.epochsDone, slow).toBeGreaterThan(5);
    await expect.poll(() => page.locator('.run dl').innerText(), slow).toMatch(/[6-9] \/ 12|1\d \/ 12/);
    expect(await button('Choose images…').isVisible()).toBe(true);
  });

  it('gets a name and a note, by keyboard, that are there when it is opened again', async () => {
    await page.locator('aside li > button').nth(1).click();
    // The form of a new run, there until this one is open, has a field of that name too.
    const name = page.locator('.run').getByRole('textbox', { name: 'Name (optional)' });
    await name.fill('Lamp on the left');
    await page.keyboard.press('Tab');
    const note = page.getByRole('textbox', { name: 'Add a note' });
    await note.fill('Second lens.\nMorning light.');
    await note.blur();
    const saved = () => world.work.runs[1]!;
    await expect.poll(() => saved().note).toBe('Second lens.\nMorning light.');
    expect(saved().name).toBe('Lamp on the left');
    await name.fill('   '); // no name: the old one stays
    await name.blur();
    await expect.poll(() => name.inputValue()).toBe('Lamp on the left');
    await page.locator('aside li > button').nth(2).click();
    await expect.poll(() => note.inputValue()).toBe('');
    await page.locator('aside li > button').nth(1).click();
    await expect.poll(() => note.inputValue()).toBe('Second lens.\nMorning light.');
    expect(await page.locator('aside li > button').nth(1).innerText()).toContain('Lamp on the left');
  });

  it('is exported as a model file', async () => {
    await page.locator('aside li > button').nth(1).click();
    await button('Export “Second afternoon”').click();
    await page.getByRole('radio', { name: 'Heatmap and distances' }).click();
    await button('Export').click();
    await page.getByText('home', { exact: true }).dblclick();
    await page
      .getByRole('dialog')
      .last()
      .getByRole('button', { name: /^(Choose|Save)$/ })
      .click();
    await page.waitForSelector('text=Model exported');
    expect(world.work.exported).toEqual([expect.stringMatching(/^run-model-1 heads .*Second-afternoon\.onnx$/)]);
  });
});
