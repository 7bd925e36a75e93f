// The whole loop in one window, on the built interface over the real program: folder, project, labels, training, suggestions, detection, export.
// The default form takes 20 images of the sample and a few small epochs; TTFNET_LONG=1 the whole sample and the quick preset as it is.
import { existsSync } from 'node:fs';
import { mkdtemp, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Browser, Page } from '@playwright/test';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generateSample } from '../../src/core/sample/generate.ts';
import { startProgram, type ServedProgram } from '../support/servedProgram.ts';
import { launch, openPage } from '../support/standInHost/page.ts';

const out = path.resolve(import.meta.dirname, '../../out');
const built = existsSync(path.join(out, 'renderer/index.html')) && existsSync(path.join(out, 'main/worker.js'));
const long = process.env['TTFNET_LONG'] === '1';
const form = long ? { images: 60, unlabelled: 12, epochs: null } : { images: 20, unlabelled: 4, epochs: '16' };
const poll = { timeout: 30_000 };

interface Thing {
  name: string;
  corners: [number, number, number, number];
}

describe.skipIf(!built)('the whole loop (needs npm run build)', () => {
  let home: string;
  let browser: Browser;
  let program: ServedProgram;
  let page: Page;
  let errors: string[];
  /** What really is on the images that the project gets without labels. */
  const truth = new Map<string, Thing[]>();

  beforeAll(async () => {
    home = await mkdtemp(path.join(tmpdir(), 'studio-loop-'));
    await generateSample(path.join(home, 'things'), { count: form.images });
    await generateSample(path.join(home, 'made'), { count: 6, seed: 99 });
    await mkdir(path.join(home, 'results'));
    const annotations = path.join(home, 'things', 'Annotations');
    for (const file of (await readdir(annotations)).sort().slice(-form.unlabelled)) {
      truth.set(file.replace('.xml', ''), thingsOf(await readFile(path.join(annotations, file), 'utf8')));
      await rm(path.join(annotations, file));
    }
    await rm(path.join(home, 'things', 'ImageSets'), { recursive: true });
    browser = await launch();
    program = await startProgram({ root: home, data: path.join(home, 'data') });
    ({ page, errors } = await openPage(browser, program.url));
    page.setDefaultTimeout(15_000);
  });
  afterAll(async () => {
    await browser.close();
    await program.close();
    await rm(home, { recursive: true, force: true });
  });

  const button = (name: string) => page.getByRole('button', { name, exact: true });
  const view = (name: string) =>
    page.getByRole('navigation', { name: 'Views' }).getByText(name, { exact: true }).click();
  const dialog = () => page.getByRole('dialog').last();

  /** Answers the in-app folder browser. */
  async function pick(folder: string): Promise<void> {
    const place = dialog()
      .locator('li > button')
      .filter({ hasText: path.basename(home) });
    await place.dblclick();
    await dialog().getByText(folder, { exact: true }).click();
    await dialog().getByRole('button', { name: 'Choose', exact: true }).click();
  }

  /** Draws a box around a thing with the mouse, in its class. */
  async function draw({ name, corners: [x1, y1, x2, y2] }: Thing): Promise<void> {
    await page.keyboard.press(String(['coin', 'key', 'mug'].indexOf(name) + 1));
    const canvas = (await page.locator('[role=application]').boundingBox())!;
    const [w, h] = [640, 480];
    const scale = Math.min((canvas.width - 48) / w, (canvas.height - 48) / h); // the image is fitted with a margin of 24
    const place = (x: number, y: number) =>
      [canvas.x + canvas.width / 2 + (x - w / 2) * scale, canvas.y + canvas.height / 2 + (y - h / 2) * scale] as const;
    await page.mouse.move(...place(x1, y1));
    await page.mouse.down();
    await page.mouse.move(...place((x1 + x2) / 2, (y1 + y2) / 2));
    await page.mouse.move(...place(x2, y2));
    await page.mouse.up();
    await page.keyboard.press('Escape');
  }

  async function show(stem: string): Promise<void> {
    const search = page.locator('.gallery input').first();
    await search.fill(stem);
    await expect.poll(() => page.locator('.gallery footer').innerText(), poll).toContain('1 of 1');
    const canvas = page.locator('[role=application]');
    await expect.poll(() => canvas.getAttribute('aria-label'), poll).toContain(stem);
    await expect.poll(() => page.locator('.loading').count(), poll).toBe(0);
    await canvas.focus();
  }

  const rows = () => page.locator('.objects li').count();

  it('folder to export', async () => {
    const start = performance.now();
    const marks: string[] = [];
    const mark = (what: string) => marks.push(`${what} ${((performance.now() - start) / 1000).toFixed(0)} s`);

    await page.getByText('New project').first().click();
    await pick('things');
    await dialog().getByRole('radio').first().waitFor(); // Pascal VOC, found beside the images
    await button('Create project').click();
    await page.waitForSelector('[role=application]');
    await expect.poll(() => page.locator('.gallery footer').innerText(), poll).toContain(`of ${form.images}`);
    mark('project');

    const stems = [...truth.keys()];
    for (const stem of stems.slice(0, 2)) {
      await show(stem);
      const things = truth.get(stem)!;
      for (const [i, thing] of things.entries()) {
        await draw(thing);
        await expect.poll(rows, poll).toBe(i + 1);
      }
    }
    mark('labels');

    await view('Train');
    if (form.epochs !== null) {
      await page.getByText('Advanced', { exact: true }).click();
      await page.getByRole('textbox', { name: 'Epochs', exact: true }).fill(form.epochs);
      await page.getByRole('textbox', { name: 'Batch', exact: true }).fill('4');
      await page.locator('button[aria-label^="Input size"]').click();
      await page.getByRole('option', { name: '256' }).click();
    }
    await expect.poll(() => button('Start training').isEnabled(), poll).toBe(true);
    await button('Start training').click();
    await page.getByText('Finished').first().waitFor({ timeout: 480_000 });
    mark(`training (${(await page.locator('.run dl').innerText()).replace(/\s+/g, ' ')})`);
    await button('Use for suggestions').click();
    await page.locator('.run header').getByText('Current').waitFor();

    await view('Label');
    const last = stems.at(-1)!;
    await show(last);
    expect(await rows()).toBe(0);
    await page.keyboard.press('g');
    await page.getByRole('group', { name: 'Suggest', exact: true }).waitFor({ timeout: 30_000 });
    const slider = page.getByRole('slider', { name: 'Threshold' });
    await slider.focus();
    await page.keyboard.press('Home'); // as many as there are
    await expect.poll(rows, poll).toBeGreaterThan(0);
    const suggested = await rows();
    await page.keyboard.press('Shift+E');
    await expect.poll(() => page.getByRole('group', { name: 'Suggest', exact: true }).count(), poll).toBe(0);
    expect(await rows()).toBe(suggested);
    mark(`${suggested} suggestions accepted`);

    await view('Detect');
    await button('Add folder').click();
    await pick('made');
    await page.getByRole('slider', { name: 'Threshold' }).focus();
    for (let i = 0; i < 2; i++) await page.keyboard.press('PageDown');
    await button('Start').click();
    await page.locator('.job header').getByText('Finished').waitFor({ timeout: 60_000 });
    await expect.poll(() => page.getByRole('listbox', { name: 'Results' }).getByRole('option').count(), poll).toBe(6);
    const sum = await page.locator('.sum').innerText();
    mark(`detection (${sum.replace(/\s+/g, ' ')})`);

    await page.getByRole('button', { name: /Save results/ }).click();
    await dialog().getByRole('checkbox', { name: 'CSV' }).click();
    await dialog().getByRole('checkbox', { name: 'Images with boxes drawn' }).click();
    await button('Choose folder…').click();
    await pick('results');
    await page.getByText(/files? saved/).waitFor();
    mark('export');
    console.log(`whole loop: ${marks.join(', ')}`);

    const files = await readdir(path.join(home, 'results'), { recursive: true });
    expect(files.filter((file) => /\.jpe?g$|\.png$/.test(file))).toHaveLength(6);
    const csv = await readFile(
      path.join(
        home,
        'results',
        files.find((file) => file.endsWith('.csv'))!,
      ),
      'utf8',
    );
    const found = csv.trim().split('\n').slice(1);
    expect(found.length).toBe(Number(/\d+/.exec(sum)![0]));
    expect(found.length).toBeGreaterThan(0);
    expect(found.every((line) => /coin|key|mug/.test(line))).toBe(true);
    expect(errors).toEqual([]);
  });
});

/** Names and corners of the things in a Pascal VOC file. */
function thingsOf(xml: string): Thing[] {
  return [...xml.matchAll(/<object>.*?<\/object>/g)].map(([text]) => {
    const number = (tag: string) => Number(new RegExp(`<${tag}>(\\d+)<`).exec(text)![1]);
    return {
      name: /<name>(\w+)</.exec(text)![1]!,
      corners: [number('xmin') - 1, number('ymin') - 1, number('xmax'), number('ymax')],
    };
  });
}
