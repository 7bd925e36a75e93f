// Hands on the built interface over the real program in a process of its own: mouse, keyboard, pen and fingers, two windows, files that vanish, and a kill in the middle of a drag.
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Browser, CDPSession, Page } from '@playwright/test';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Project } from '../../src/core/store/project.ts';
import { startProgram, type ServedProgram } from '../support/servedProgram.ts';
import { settled as atRest } from '../support/settled.ts';
import { launch, openPage } from '../support/standInHost/page.ts';
import { sceneSvg } from '../support/standInHost/pictures.ts';
import { scenes } from '../support/standInHost/scenes.ts';

const out = path.resolve(import.meta.dirname, '../../out');
const built = existsSync(path.join(out, 'renderer/index.html')) && existsSync(path.join(out, 'main/worker.js'));
const size = { width: 640, height: 480 };
const poll = { timeout: 20_000 };

describe.skipIf(!built)('hands on the real program (needs npm run build)', () => {
  let home: string;
  let browser: Browser;
  let program: ServedProgram | null = null;
  let folder: string;
  const pages: Page[] = [];

  beforeAll(async () => {
    home = await mkdtemp(path.join(tmpdir(), 'studio-hands-'));
    browser = await launch();
  });
  afterAll(async () => {
    await browser.close();
    await rm(home, { recursive: true, force: true });
  });
  afterEach(async () => {
    for (const page of pages.splice(0)) await page.context().close();
    await program?.close();
    program = null;
  });

  /** A folder of drawn pictures with an empty project of two classes, and the program serving it. */
  async function serve(name: string, count: number): Promise<void> {
    folder = path.join(home, name);
    await mkdir(folder);
    for (const [i, scene] of scenes(count, 4, size.width, size.height).entries()) {
      const drawn = sceneSvg({ ...scene, seed: i, boxes: scene.objects.map(({ box }) => box) });
      await sharp(Buffer.from(drawn))
        .jpeg()
        .toFile(path.join(folder, fileOf(i)));
    }
    const project = Project.create(folder);
    project.addImages(Array.from({ length: count }, (_, i) => ({ path: fileOf(i) })));
    project.addClasses({ author: 'person', who: 'test', tool: 'test' }, [{ name: 'apple' }, { name: 'pear' }]);
    await project.close();
    await restart();
  }
  const fileOf = (i: number): string => `${String(i + 1).padStart(3, '0')}.jpg`;

  async function restart(): Promise<void> {
    program = await startProgram({ root: home, data: path.join(home, 'data'), project: folder });
  }

  async function open(): Promise<{ page: Page; errors: string[] }> {
    const opened = await openPage(browser, program!.url);
    pages.push(opened.page);
    // The program's first page opens the project by itself, later ones show Home.
    if (pages.length > 1) await opened.page.locator('.project').first().click();
    await opened.page.waitForSelector('.objects .none, .objects li');
    await settled(opened.page);
    return opened;
  }

  const rows = (page: Page) => page.locator('.objects li').count();
  const settled = async (page: Page): Promise<void> => {
    await expect.poll(() => page.locator('.objects .none').filter({ hasText: 'Loading' }).count(), poll).toBe(0);
    await expect.poll(() => page.locator('.loading').count(), poll).toBe(0);
  };
  /** Boxes of an image as the program has them on disk: its answer updates the gallery. */
  const saved = (page: Page, image: number) =>
    expect.poll(() => page.locator('.gallery [role=option]').nth(image).locator('.num').allInnerTexts(), poll);

  async function at(page: Page, x: number, y: number): Promise<{ x: number; y: number }> {
    const box = (await page.locator('[role=application]').boundingBox())!;
    return { x: box.x + box.width * x, y: box.y + box.height * y };
  }

  async function drag(page: Page, x1: number, y1: number, x2: number, y2: number): Promise<void> {
    const [from, to] = [await at(page, x1, y1), await at(page, x2, y2)];
    await page.mouse.move(from.x, from.y);
    await page.mouse.down();
    await page.mouse.move((from.x + to.x) / 2, (from.y + to.y) / 2);
    await page.mouse.move(to.x, to.y);
    await page.mouse.up();
  }

  /** Kills the program, and reads what is on disk: boxes and status by image. */
  async function onDisk() {
    await program!.kill();
    const project = Project.open(folder);
    const images = project.images([...project.find.ids()]);
    const found = images.map(({ id, status }) => ({ status, boxes: project.boxes(id) }));
    await project.close();
    return found;
  }

  it('ten images by mouse, then ten by keyboard alone: all of it is on disk when the program is killed', async () => {
    await serve('ten', 20);
    const { page, errors } = await open();
    const next = async (image: number): Promise<void> => {
      await expect.poll(() => page.locator('.gallery footer').innerText(), poll).toContain(`${image + 1} of 20`);
      await settled(page);
    };
    for (let i = 0; i < 10; i++) {
      await drag(page, 0.3, 0.3, 0.45 + i * 0.01, 0.5);
      await drag(page, 0.55, 0.55, 0.7, 0.75);
      await page.keyboard.press('d');
      await next(i + 1);
    }
    for (let i = 10; i < 20; i++) {
      for (const key of ['2', 'Enter', 'Shift+ArrowRight', 'Control+ArrowDown', 'Enter'])
        await page.keyboard.press(key);
      await expect.poll(() => rows(page), poll).toBe(1);
      await page.keyboard.press('Space');
      if (i < 19) await next(i + 1);
    }
    await expect.poll(() => page.locator('.gallery footer').innerText(), poll).toContain('20');
    await expect.poll(() => page.locator('.classes li').nth(1).innerText(), poll).toContain('10');
    await atRest(page); // the last status needs an answer too, which nothing but the dot shows
    expect(errors).toEqual([]);
    const images = await onDisk();
    expect(images.map(({ boxes }) => boxes.length)).toEqual([
      ...Array<number>(10).fill(2),
      ...Array<number>(10).fill(1),
    ]);
    expect(images.slice(0, 10).every(({ status }) => status === 'labelled')).toBe(true);
    expect(images.slice(10).every(({ status }) => status === 'reviewed')).toBe(true);
  });

  it('the program killed in the middle of a drag: what was acknowledged is there, and undo still reaches it', async () => {
    await serve('killed', 3);
    const { page, errors } = await open();
    await drag(page, 0.3, 0.3, 0.4, 0.4);
    await drag(page, 0.5, 0.5, 0.6, 0.6);
    await saved(page, 0).toEqual(['2']);
    const [from, to] = [await at(page, 0.6, 0.2), await at(page, 0.75, 0.4)];
    await page.mouse.move(from.x, from.y);
    await page.mouse.down();
    await page.mouse.move((from.x + to.x) / 2, (from.y + to.y) / 2);
    await program!.kill();
    await page.mouse.move(to.x, to.y);
    await page.waitForSelector('.lost');
    await page.mouse.up();
    await expect.poll(() => rows(page), poll).toBe(3); // shown, waiting for a program to come back
    expect(errors).toEqual([]);
    await page.context().close();
    pages.length = 0;
    await restart();
    const again = await open();
    expect(await rows(again.page)).toBe(2);
    await again.page.keyboard.press('Control+z');
    await expect.poll(() => rows(again.page), poll).toBe(1);
    await saved(again.page, 0).toEqual(['1']);
    expect((await onDisk())[0]!.boxes).toHaveLength(1);
  });

  it('two windows on one project follow each other, and either can take back what the other did', async () => {
    await serve('two', 3);
    const [one, two] = [await open(), await open()];
    await drag(one.page, 0.3, 0.3, 0.5, 0.5);
    await expect.poll(() => rows(two.page), poll).toBe(1);
    await drag(two.page, 0.55, 0.3, 0.7, 0.45);
    await expect.poll(() => rows(one.page), poll).toBe(2);
    await two.page.keyboard.press('Control+z');
    await two.page.keyboard.press('Control+z');
    for (const { page } of [one, two]) await expect.poll(() => rows(page), poll).toBe(0);
    await one.page.keyboard.press('Control+Shift+z');
    for (const { page } of [one, two]) await expect.poll(() => rows(page), poll).toBe(1);
    expect([...one.errors, ...two.errors]).toEqual([]);
  });

  it('image files that vanish under the program: a state with a remedy, labels stay, and they come back', async () => {
    await serve('gone', 6);
    const { page } = await open();
    const fifth = path.join(folder, fileOf(4));
    await rename(fifth, path.join(home, 'elsewhere.jpg'));
    await page.locator('.gallery [role=option]').nth(4).click();
    await page.waitForSelector('text=cannot be shown');
    await page.keyboard.press('d');
    await expect.poll(() => page.locator('.gallery footer').innerText(), poll).toContain('6 of 6');
    await expect.poll(() => page.locator('text=cannot be shown').count(), poll).toBe(0);
    await drag(page, 0.3, 0.3, 0.5, 0.5);
    await saved(page, 5).toEqual(['1']);
    await page.keyboard.press('a');
    await page.waitForSelector('text=cannot be shown');
    await rename(path.join(home, 'elsewhere.jpg'), fifth);
    await page.getByRole('button', { name: 'Try again' }).click();
    await expect.poll(() => page.locator('text=cannot be shown').count(), poll).toBe(0);
    await settled(page);
  });

  it('a drag of no pixels leaves nothing; one beyond the window is cut at the image’s edge on disk', async () => {
    await serve('edges', 2);
    const { page } = await open();
    const p = await at(page, 0.5, 0.5);
    await page.mouse.move(p.x, p.y);
    await page.mouse.down();
    await page.mouse.up();
    await page.keyboard.press('Escape');
    await drag(page, 0.4, 0.3, 0.4, 0.6);
    await drag(page, 0.5, 0.5, 1.6, 1.6);
    await saved(page, 0).toEqual(['1']);
    const [{ boxes } = { boxes: [] }] = await onDisk();
    expect(boxes).toHaveLength(1);
    expect(boxes[0]!.box).toMatchObject({ x2: size.width, y2: size.height });
  });

  it('draws with a pen and with a finger, and zooms with two: real pointer input', async () => {
    await serve('touch', 2);
    const { page } = await open();
    const cdp = await page.context().newCDPSession(page);
    await pen(cdp, await at(page, 0.3, 0.3), await at(page, 0.45, 0.45));
    await expect.poll(() => rows(page), poll).toBe(1);
    await page.keyboard.press('Escape');
    await cdp.send('Emulation.setTouchEmulationEnabled', { enabled: true, maxTouchPoints: 5 });
    await finger(cdp, await at(page, 0.55, 0.55), await at(page, 0.7, 0.75));
    await expect.poll(() => rows(page), poll).toBe(2);
    const zoom = page.locator('.zoom');
    const before = await zoom.innerText();
    await pinch(cdp, await at(page, 0.45, 0.5), await at(page, 0.55, 0.5), 160);
    await expect.poll(() => zoom.innerText(), poll).not.toBe(before);
    expect(await rows(page)).toBe(2);
    await saved(page, 0).toEqual(['2']);
  });
});

interface Place {
  x: number;
  y: number;
}

const between = (a: Place, b: Place, share: number): Place => ({
  x: a.x + (b.x - a.x) * share,
  y: a.y + (b.y - a.y) * share,
});

async function pen(cdp: CDPSession, from: Place, to: Place): Promise<void> {
  const send = (type: 'mousePressed' | 'mouseMoved' | 'mouseReleased', place: Place) =>
    cdp.send('Input.dispatchMouseEvent', {
      ...{ type, ...place, pointerType: 'pen', button: 'left', force: 0.5, clickCount: 1 },
      buttons: type === 'mouseReleased' ? 0 : 1,
    });
  await send('mousePressed', from);
  for (const share of [0.3, 0.7, 1]) await send('mouseMoved', between(from, to, share));
  await send('mouseReleased', to);
}

async function finger(cdp: CDPSession, from: Place, to: Place): Promise<void> {
  await cdp.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: [from] });
  for (const share of [0.3, 0.7, 1])
    await cdp.send('Input.dispatchTouchEvent', { type: 'touchMove', touchPoints: [between(from, to, share)] });
  await cdp.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
}

/** Two fingers that move apart by some pixels. */
async function pinch(cdp: CDPSession, a: Place, b: Place, apart: number): Promise<void> {
  const points = (by: number) => [
    { ...a, x: a.x - by / 2, id: 1 },
    { ...b, x: b.x + by / 2, id: 2 },
  ];
  await cdp.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: points(0) });
  for (const share of [0.3, 0.7, 1])
    await cdp.send('Input.dispatchTouchEvent', { type: 'touchMove', touchPoints: points(apart * share) });
  await cdp.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
}
