// Label in real Chromium over a host in memory: drawing, keys, undo, suggestions, heatmap, filters, a host that goes away, touch, and speed.
import type { Browser, Page } from '@playwright/test';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { startStandIn, type StandInHost } from '../../support/standInHost/host.ts';
import { gate } from '../../support/gate.ts';
import { settled as atRest } from '../../support/settled.ts';
import { worldOf, type World } from '../../support/standInHost/handlers.ts';
import { launch, openPage } from '../../support/standInHost/page.ts';
import { MemoryProject } from '../../support/standInHost/project.ts';
import { sceneClasses, scenes } from '../../support/standInHost/scenes.ts';

const pages = inject('pages');
let browser: Browser;
let host: StandInHost;
let page: Page;
let errors: string[];
let world: World;

beforeAll(async () => {
  browser = await launch();
});
afterAll(async () => {
  await browser.close();
});
afterEach(async () => {
  await page.close();
  await host.close();
});

/** Opens Label on a project of drawn scenes. */
async function open(project: MemoryProject, more: Partial<World> = {}): Promise<void> {
  const recent = [
    {
      path: project.path,
      name: project.name,
      images: project.images.size,
      labelled: 0,
      boxes: 0,
      openedAt: Date.now(),
      exists: true,
      cover: null,
    },
  ];
  world = worldOf(project, { recent, ...more });
  host = await startStandIn(world, pages);
  ({ page, errors } = await openPage(browser, host.url));
  await page.locator('.project').first().click();
  await page.waitForSelector('[role=application]');
  await settled();
}

const shelf = (count: number, perImage = 0): MemoryProject =>
  new MemoryProject('Shelf', '/home/ada/shelf', sceneClasses, scenes(count, perImage));
/** The picture too, which the page waits for by itself. */
const settled = async () => {
  await atRest(page);
  await page.waitForFunction(() => document.querySelectorAll('.loading').length === 0);
};
const objectsOf = (n: number) => world.project.objects.get(`image-${n}`) ?? [];
const rows = () => page.locator('.objects li');

/** A place on the canvas as a share of its size. */
async function at(x: number, y: number): Promise<{ x: number; y: number }> {
  const box = (await page.locator('[role=application]').boundingBox())!;
  return { x: box.x + box.width * x, y: box.y + box.height * y };
}

async function drag(x1: number, y1: number, x2: number, y2: number): Promise<void> {
  const [from, to] = [await at(x1, y1), await at(x2, y2)];
  await page.mouse.move(from.x, from.y);
  await page.mouse.down();
  await page.mouse.move((from.x + to.x) / 2, (from.y + to.y) / 2);
  await page.mouse.move(to.x, to.y);
  await page.mouse.up();
}

describe('labelling', () => {
  it('labels ten images with the mouse, staying in draw mode', async () => {
    await open(shelf(12));
    for (let i = 0; i < 10; i++) {
      await drag(0.3, 0.3, 0.45 + i * 0.01, 0.5);
      await drag(0.55, 0.55, 0.7, 0.75);
      await page
        .locator('.gallery [role=option]')
        .nth(i + 1)
        .click();
      await settled();
    }
    for (let i = 1; i <= 10; i++) expect(objectsOf(i), `image ${i}`).toHaveLength(2);
    expect(world.project.images.get('image-1')!.status).toBe('labelled');
    expect(errors).toEqual([]);
  });

  it('labels ten images with the keyboard alone', async () => {
    await open(shelf(12));
    for (let i = 0; i < 10; i++) {
      await page.keyboard.press('2');
      await page.keyboard.press('Enter');
      await expect.poll(() => rows().count()).toBe(1); // with nothing selected the arrows would turn the page
      for (const key of ['Shift+ArrowRight', 'ArrowDown', 'Control+ArrowRight', 'Control+ArrowDown'])
        await page.keyboard.press(key);
      await page.keyboard.press('Enter');
      await page.keyboard.press('Space');
      await expect.poll(() => page.locator('.gallery footer').innerText()).toContain(`${i + 2} of 12`);
    }
    for (let i = 1; i <= 10; i++) {
      await expect
        .poll(() => world.project.images.get(`image-${i}`)!.status, { message: `image ${i}` })
        .toBe('reviewed');
      expect(objectsOf(i), `image ${i}`).toHaveLength(1);
      expect(objectsOf(i)[0]!.classId).toBe('class-2');
    }
    expect(errors).toEqual([]);
  });

  it('keys pressed before the next image is open wait for it, in their order', async () => {
    await open(shelf(6));
    const labels = gate();
    world.labelsGate = labels.closed;
    for (const key of ['d', 'Enter', 'ArrowRight', 'Space', 'Enter', 'Enter', 'd', 'k', 'd'])
      await page.keyboard.press(key);
    labels.open();
    const status = (n: number) => world.project.images.get(`image-${n}`)!.status;
    await expect.poll(() => page.locator('.gallery footer').innerText(), { timeout: 8000 }).toContain('6 of 6');
    await page.waitForSelector('.objects[aria-busy=false]');
    await expect.poll(() => [1, 2, 3, 4, 5, 6].map((n) => objectsOf(n).length)).toEqual([0, 1, 1, 0, 0, 0]);
    expect([1, 2, 3, 4, 5, 6].map(status)).toEqual(['new', 'reviewed', 'labelled', 'skipped', 'new', 'new']);
    expect(objectsOf(2)[0]!.box.x1 - objectsOf(3)[0]!.box.x1).toBe(1); // the arrow moved the box; it turned no page
    expect(errors).toEqual([]);
  });

  it('Escape forgets the keys that wait', async () => {
    await open(shelf(3));
    const labels = gate();
    world.labelsGate = labels.closed;
    for (const key of ['d', 'Enter', 'Space', 'Escape']) await page.keyboard.press(key);
    labels.open();
    await page.waitForSelector('.objects[aria-busy=false]');
    await settled();
    expect(objectsOf(2)).toHaveLength(0);
    expect(await page.locator('.gallery footer').innerText()).toContain('2 of 3');
  });

  it('draws by two clicks, selects through a pile, moves, resizes, deletes and undoes across images', async () => {
    await open(shelf(3));
    const [a, b] = [await at(0.3, 0.3), await at(0.6, 0.6)];
    await page.mouse.click(a.x, a.y);
    await page.mouse.move(b.x - 20, b.y - 20);
    await page.mouse.click(b.x, b.y);
    await expect.poll(() => objectsOf(1).length).toBe(1);
    await page.keyboard.press('Escape');
    await drag(0.4, 0.4, 0.5, 0.5);
    await expect.poll(() => objectsOf(1).length).toBe(2);
    await page.keyboard.press('v');
    const inner = await at(0.45, 0.45);
    await page.mouse.click(inner.x, inner.y);
    await page.mouse.click(inner.x, inner.y);
    const [outer, nested] = objectsOf(1);
    expect(await page.locator('.objects li.selected').count()).toBe(1);
    await page.keyboard.press('ArrowRight');
    await expect
      .poll(
        () =>
          objectsOf(1).find((o) => o.id === outer!.id)!.box.x1 + objectsOf(1).find((o) => o.id === nested!.id)!.box.x1,
      )
      .toBeCloseTo(outer!.box.x1 + nested!.box.x1 + 1, 3);
    await page.keyboard.press('Delete');
    await expect.poll(() => objectsOf(1).length).toBe(1);
    await page.keyboard.press('d');
    await settled();
    await page.keyboard.press('Control+z');
    await expect.poll(() => objectsOf(1).length).toBe(2);
    await expect.poll(() => page.locator('.gallery footer').innerText()).toContain('1 of 3');
    await page.keyboard.press('Control+Shift+z');
    await expect.poll(() => objectsOf(1).length).toBe(1);
    expect(errors).toEqual([]);
  });

  it('a drag of no width leaves nothing, one beyond the image is cut at its edge', async () => {
    await open(shelf(2));
    await drag(0.4, 0.3, 0.4, 0.6);
    await drag(0.9, 0.5, 1.4, 1.4);
    await expect.poll(() => objectsOf(1).length).toBe(1);
    expect(objectsOf(1)[0]!.box.x2).toBe(1280);
    expect(objectsOf(1)[0]!.box.y2).toBe(960);
  });

  it('zooms from 5 % to 6,400 % at the pointer, pans with Space, fits again', async () => {
    await open(shelf(2));
    const p = await at(0.5, 0.5);
    await page.mouse.move(p.x, p.y);
    for (let i = 0; i < 60; i++) await page.mouse.wheel(0, -240);
    await expect.poll(() => page.locator('.zoom').innerText()).toBe('6400 %');
    for (let i = 0; i < 80; i++) await page.mouse.wheel(0, 240);
    await expect.poll(() => page.locator('.zoom').innerText()).toBe('5 %');
    await page.keyboard.press('Control+1');
    await expect.poll(() => page.locator('.zoom').innerText()).toBe('100 %');
    await page.keyboard.down('Space');
    await drag(0.5, 0.5, 0.6, 0.6);
    await page.keyboard.up('Space');
    await settled();
    expect(world.project.images.get('image-1')!.status).toBe('new');
    expect(objectsOf(1)).toHaveLength(0);
    await page.keyboard.press('Control+0');
    await expect.poll(() => page.locator('.zoom').innerText()).not.toBe('100 %');
  });

  it('several boxes are taken by Shift, by a frame and by Ctrl+A, and change together in one step', async () => {
    await open(shelf(3, 4));
    const selected = () => page.locator('.objects li.selected').count();
    const sides = () => objectsOf(1).map((o) => Math.round(o.box.x1));
    await page.keyboard.press('Control+a');
    expect(await selected()).toBe(4);
    await page.waitForSelector('text=4 selected');
    const before = sides();
    await page.keyboard.press('Shift+ArrowRight');
    await expect.poll(sides).not.toEqual(before);
    const shift = sides()[0]! - before[0]!;
    expect(sides()).toEqual(before.map((x) => x + shift));
    await page.keyboard.press('3');
    await expect.poll(() => new Set(objectsOf(1).map((o) => o.classId))).toEqual(new Set(['class-3']));
    await page.keyboard.press('Delete');
    await expect.poll(() => objectsOf(1).length).toBe(0);
    await page.keyboard.press('Control+z');
    await expect.poll(() => objectsOf(1).length).toBe(4);
    await page.keyboard.press('Control+z');
    await expect.poll(() => new Set(objectsOf(1).map((o) => o.classId)).size).toBeGreaterThan(1);
    await page.keyboard.down('Shift');
    await drag(0.02, 0.02, 0.98, 0.98);
    await page.keyboard.up('Shift');
    await expect.poll(selected).toBe(4);
    await page.keyboard.press('Control+c');
    await page.keyboard.press('d');
    await settled();
    await page.keyboard.press('Control+v');
    await expect.poll(() => objectsOf(2).length).toBe(8);
    await page.keyboard.press('Control+d');
    await expect.poll(() => objectsOf(2).length).toBe(12);
    await page.keyboard.press('Escape');
    expect(await selected()).toBe(0);
    await rows().nth(0).locator('.pick').click();
    await rows()
      .nth(2)
      .locator('.pick')
      .click({ modifiers: ['Shift'] });
    expect(await selected()).toBe(3);
    await rows()
      .nth(1)
      .locator('.pick')
      .click({ modifiers: ['ControlOrMeta'] });
    expect(await selected()).toBe(2);
    expect(errors).toEqual([]);
  });

  it('copies, pastes, duplicates and takes the previous image’s boxes once', async () => {
    await open(shelf(3, 2));
    await page.keyboard.press('Tab');
    await page.keyboard.press('Control+c');
    await page.keyboard.press('Control+d');
    await expect.poll(() => objectsOf(1).length).toBe(3);
    await page.keyboard.press('d');
    await settled();
    await page.keyboard.press('Control+v');
    await expect.poll(() => objectsOf(2).length).toBe(3);
    await page.keyboard.press('p');
    await expect.poll(() => objectsOf(2).length).toBeGreaterThan(4);
    const n = objectsOf(2).length;
    await page.keyboard.press('p');
    await settled();
    expect(objectsOf(2)).toHaveLength(n);
  });

  it('suggestions: the threshold hides them live, E accepts one, X rejects one, Shift+E accepts the rest', async () => {
    await open(shelf(2));
    await page.keyboard.press('g');
    await expect.poll(() => rows().count()).toBe(3);
    await page.locator('.bar .slider-thumb').first().focus();
    for (let i = 0; i < 10; i++) await page.keyboard.press('ArrowRight');
    await expect.poll(() => rows().count()).toBe(2);
    for (let i = 0; i < 10; i++) await page.keyboard.press('ArrowLeft');
    await page.locator('[role=application]').focus();
    await page.keyboard.press('e');
    await expect.poll(() => objectsOf(1).filter((o) => o.state === 'confirmed').length).toBe(1);
    await page.keyboard.press('x');
    await expect.poll(() => objectsOf(1).length).toBe(2);
    await page.keyboard.press('Shift+E');
    await expect.poll(() => objectsOf(1).filter((o) => o.state === 'confirmed').length).toBe(2);
    expect(errors).toEqual([]);
  });

  it('click-to-box takes the model’s box at the place clicked', async () => {
    await open(shelf(1));
    await page.keyboard.press('c');
    const p = await at(0.5, 0.5);
    await page.mouse.click(p.x, p.y);
    await expect.poll(() => objectsOf(1).length).toBe(1);
    expect(objectsOf(1)[0]!.box.x2 - objectsOf(1)[0]!.box.x1).toBeCloseTo(120);
  });

  it('shows the heatmap once, keeps it off the network while nothing changes, and drops it with the image', async () => {
    await open(shelf(3, 3));
    let asked = 0;
    page.on('request', (request) => (asked += Number(request.url().includes('/heatmap/'))));
    await page.keyboard.press('h');
    await page.waitForSelector('.bar >> text=88 ms');
    for (let i = 0; i < 5; i++) {
      const p = await at(0.3 + i / 10, 0.5);
      await page.mouse.move(p.x, p.y); // draws anew
      await settled();
    }
    expect(asked).toBe(1);
    await page.keyboard.press('d');
    await expect.poll(() => asked).toBe(2);
    await page.keyboard.press('h');
    await expect.poll(() => page.locator('.bar').count()).toBe(0);
    expect(errors).toEqual([]);
  });

  it('history: a past state is shown without changing anything, and brought back', async () => {
    await open(shelf(2));
    await drag(0.3, 0.3, 0.4, 0.4);
    await drag(0.5, 0.5, 0.6, 0.6);
    await expect.poll(() => objectsOf(1).length).toBe(2);
    await page.locator('#tab-history').click();
    await page.locator('.history li').nth(1).click();
    await page.waitForSelector('.past');
    expect(objectsOf(1)).toHaveLength(2);
    await page.getByRole('button', { name: 'Bring this back' }).click();
    await expect.poll(() => objectsOf(1).length).toBe(1);
  });

  it('filters and searches the gallery', async () => {
    await open(shelf(30));
    await page.locator('.gallery input').fill('0007');
    await expect.poll(() => page.locator('.gallery footer').innerText()).toContain('1 of 1');
    await page.locator('.gallery input').fill('nothing like it');
    await page.waitForSelector('text=No image fits the filter');
    await page.getByRole('button', { name: 'Clear filter' }).click();
    await expect.poll(() => page.locator('.gallery footer').innerText()).toContain('of 30');
  });

  it('an image that is gone is a state with a remedy, not an end', async () => {
    const project = shelf(3);
    project.images.set('image-2', { ...project.images.get('image-2')!, missing: true });
    await open(project);
    await page.keyboard.press('d');
    await page.waitForSelector('text=cannot be shown');
    await page.keyboard.press('d');
    await expect.poll(() => page.locator('.gallery footer').innerText()).toContain('3 of 3');
    await page.waitForFunction(() => !document.body.innerText.includes('cannot be shown'));
  });

  it('a host that goes away in the middle of work loses nothing', async () => {
    await open(shelf(3), { editDelay: 30 });
    await drag(0.2, 0.2, 0.3, 0.3);
    await expect.poll(() => objectsOf(1).length).toBe(1);
    host.crash();
    await page.waitForSelector('.lost');
    await drag(0.5, 0.5, 0.6, 0.6);
    await drag(0.7, 0.2, 0.8, 0.3);
    await expect.poll(() => rows().count()).toBe(3);
    host.revive();
    await expect.poll(() => objectsOf(1).length, { timeout: 15_000 }).toBe(3);
    await expect.poll(() => page.locator('.lost').count()).toBe(0);
    expect(await rows().count()).toBe(3);
  });

  it('two windows on one project see each other’s boxes', async () => {
    await open(shelf(2));
    const other = await openPage(browser, host.url);
    await other.page.locator('.project').first().click();
    await other.page.waitForSelector('.objects');
    await drag(0.3, 0.3, 0.5, 0.5);
    await expect.poll(() => other.page.locator('.objects li').count()).toBe(1);
    await other.page.close();
  });

  it('pen and touch draw too; two fingers zoom', async () => {
    await open(shelf(2));
    const zoom = () => page.locator('.zoom').innerText();
    const before = await zoom();
    const [a, b] = [await at(0.3, 0.3), await at(0.5, 0.5)];
    const send = (type: string, id: number, p: { x: number; y: number }, pointerType: string) =>
      page.locator('[role=application]').dispatchEvent(type, {
        pointerId: id,
        pointerType,
        clientX: p.x,
        clientY: p.y,
        button: 0,
        buttons: 1,
        bubbles: true,
        isPrimary: id === 1,
      });
    await page.evaluate(() => (Element.prototype.setPointerCapture = () => undefined)); // made-up pointers can't be captured
    for (const [kind, from, to] of [
      ['pen', a, b],
      ['touch', await at(0.6, 0.6), await at(0.7, 0.8)],
    ] as const) {
      await send('pointerdown', 1, from, kind);
      await send('pointermove', 1, to, kind);
      await send('pointerup', 1, to, kind);
      await page.keyboard.press('Escape');
    }
    await expect.poll(() => objectsOf(1).length).toBe(2);
    await send('pointerdown', 1, a, 'touch');
    await send('pointerdown', 2, b, 'touch');
    await send('pointermove', 2, await at(0.8, 0.8), 'touch');
    await expect.poll(zoom).not.toBe(before);
    await send('pointerup', 1, a, 'touch');
    await send('pointerup', 2, b, 'touch');
    expect(objectsOf(1)).toHaveLength(2);
  });

  it('a key can be given to another command, with a warning where two would fight', async () => {
    await open(shelf(3));
    await page.keyboard.press('F1');
    await page.getByRole('textbox', { name: 'Search for a command or key' }).fill('draw a box');
    await page.getByRole('button', { name: 'Change the key of “Draw a box”' }).click();
    await page.locator('.listen').press('d');
    await page.waitForSelector('text=Already used by: Next image');
    await page.locator('.listen').press('b');
    await page.getByRole('button', { name: 'Save' }).click();
    await expect.poll(() => world.settings.keys['draw.box']).toEqual(['B']);
    expect(errors).toEqual([]);
  });
});
