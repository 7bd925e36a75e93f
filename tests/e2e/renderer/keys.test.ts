// Every command of the key sheet by every one of its factory keys, pressed for real: what the key does is seen in the project or on the page.
import type { Browser, Page } from '@playwright/test';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { commandIds, commands, type CommandId } from '../../../src/renderer/keys/commands.ts';
import { worldOf, type World } from '../../support/standInHost/handlers.ts';
import { startStandIn, type StandInHost } from '../../support/standInHost/host.ts';
import { launch, openPage } from '../../support/standInHost/page.ts';
import { MemoryProject } from '../../support/standInHost/project.ts';
import { scenes } from '../../support/standInHost/scenes.ts';

const pages = inject('pages');
let browser: Browser;
let host: StandInHost;
let page: Page;
let errors: string[];
let world: World;
const tried = new Set<CommandId>();
const classes = Array.from({ length: 10 }, (_, i) => `thing ${String(i + 1)}`);

beforeAll(async () => {
  browser = await launch();
});
afterAll(async () => {
  await browser.close();
});
beforeEach(async () => {
  const project = new MemoryProject('Shelf', '/home/ada/shelf', classes, scenes(6, 3));
  const known = { images: 6, labelled: 0, boxes: 0, openedAt: Date.now(), exists: true, cover: null };
  world = worldOf(project, { recent: [{ ...known, path: project.path, name: project.name }] });
  host = await startStandIn(world, pages);
  ({ page, errors } = await openPage(browser, host.url));
  await page.locator('.project').first().click();
  await page.waitForSelector('[role=application]');
  await soon(() => rows().count()).toBe(3);
});
afterEach(async () => {
  expect(errors).toEqual([]);
  await page.close();
  await host.close();
});

/** What comes true in a moment; longer where the machine is busy. */
const soon = <T>(read: () => T) => expect.poll(read, { timeout: 8000 });
const rows = () => page.locator('.objects li');
const selected = () => page.locator('.objects li.selected').count();
const place = () => page.locator('.gallery footer').innerText();
const objects = (n = 1) => world.project.objects.get(`image-${String(n)}`) ?? [];
const zoom = async () => Number.parseInt(await page.locator('.zoom').innerText(), 10);
const view = () => page.locator('nav [aria-current=page]').innerText();
const tool = () => page.locator('.toolbar .active').first().getAttribute('aria-label');
const dialogTitle = () => page.locator('[role=dialog] .modal-title').innerText();
const escape = async () => {
  await page.keyboard.press('Escape');
  await page.locator('[role=dialog]').waitFor({ state: 'detached' });
};

/** A chord of the key map as Playwright names it. */
function named(chord: string): string {
  const names: Record<string, string> = {
    Ctrl: 'Control',
    Esc: 'Escape',
    Left: 'ArrowLeft',
    Right: 'ArrowRight',
    Up: 'ArrowUp',
    Down: 'ArrowDown',
  };
  if (chord === '+') return '+';
  return chord
    .split('+')
    .map((part) => names[part] ?? (/^[A-Z]$/.test(part) ? part.toLowerCase() : part))
    .join('+');
}

/** Presses every factory key of a command, each after `before`, each followed by `check`. */
async function press(
  id: CommandId,
  check: (chord: string) => Promise<unknown>,
  before?: () => Promise<unknown>,
): Promise<void> {
  tried.add(id);
  for (const chord of commands[id].keys) {
    await before?.();
    await page.keyboard.press(named(chord));
    await check(chord);
  }
}
const image = (n: number) => async () => {
  await page
    .locator('.gallery [role=option]')
    .nth(n - 1)
    .click();
  await soon(place).toContain(`${String(n)} of 6`);
};
const isAt = (n: number) => () => soon(place).toContain(`${String(n)} of 6`);
/** The first object of the first image alone. */
const first = async () => {
  await image(1)();
  await page.locator('[role=application]').focus();
  await page.keyboard.press('Escape');
  await page.keyboard.press('Tab');
  await soon(selected).toBe(1);
};

describe('keys', () => {
  it('go through images and objects', async () => {
    await press('go.next', isAt(4), image(3));
    await press('go.previous', isAt(2), image(3));
    await press('go.nextArrow', isAt(4), image(3));
    await press('go.previousArrow', isAt(2), image(3));
    await press(
      'go.skip',
      async () => {
        await isAt(3)();
        await soon(() => world.project.images.get('image-2')!.status).toBe('skipped');
      },
      image(2),
    );
    await press(
      'go.review',
      async () => {
        await isAt(2)();
        await soon(() => world.project.images.get('image-1')!.status).toBe('reviewed');
      },
      image(1),
    );
    await press('go.nextOpen', isAt(3), image(1));
    await press('go.nextOpen', isAt(3), image(6));
    await press('go.search', async () => {
      expect(await page.evaluate(() => document.activeElement?.matches('.gallery input'))).toBe(true);
      await page.locator('[role=application]').focus();
    });
    const at = () =>
      page.locator('.objects li').evaluateAll((list) => list.findIndex((li) => li.classList.contains('selected')));
    await first();
    await press('go.cycle', () => soon(at).toBe(1));
    await press('go.cycleBack', () => soon(at).toBe(0));
  });

  it('choose tools and classes, finish and cancel', async () => {
    const name = (id: CommandId) => () =>
      soon(tool).toBe(
        { 'draw.box': 'Draw a box', 'draw.select': 'Select and move', 'draw.point': 'Click-to-box' }[id as string],
      );
    await press('draw.select', name('draw.select'));
    await press('draw.box', name('draw.box'), () => page.keyboard.press('v'));
    await press('draw.point', name('draw.point'));
    await press('draw.cancel', name('draw.box'));
    await press('draw.finish', () => soon(() => objects().length).toBe(4));
    await page.keyboard.press('Escape');
    for (let i = 1; i <= 10; i++) {
      const id = `class.${String(i)}` as CommandId;
      await press(id, () =>
        soon(() => page.locator('.classes .current .pick').innerText()).toContain(`thing ${String(i)}`),
      );
    }
    await first();
    await page.keyboard.press('7');
    await soon(() => objects().some((o) => o.classId === 'class-7')).toBe(true);
  });

  it('move and resize by one pixel and by ten', async () => {
    const box = () => objects()[0]!.box;
    const start = { ...box() };
    const moves: [CommandId, Partial<typeof start>][] = [
      ['edit.nudgeRight10', { x1: 10, x2: 10 }],
      ['edit.nudgeDown10', { y1: 10, y2: 10 }],
      ['edit.nudgeLeft', { x1: -1, x2: -1 }],
      ['edit.nudgeUp', { y1: -1, y2: -1 }],
      ['edit.nudgeRight', { x1: 1, x2: 1 }],
      ['edit.nudgeDown', { y1: 1, y2: 1 }],
      ['edit.nudgeLeft10', { x1: -10, x2: -10 }],
      ['edit.nudgeUp10', { y1: -10, y2: -10 }],
      ['edit.narrower', { x2: -1 }],
      ['edit.shorter', { y2: -1 }],
      ['edit.wider', { x2: 1 }],
      ['edit.taller', { y2: 1 }],
    ];
    await first();
    for (const [id, by] of moves) {
      const before = { ...box() };
      await press(id, () =>
        soon(box).toEqual({
          x1: before.x1 + (by.x1 ?? 0),
          y1: before.y1 + (by.y1 ?? 0),
          x2: before.x2 + (by.x2 ?? 0),
          y2: before.y2 + (by.y2 ?? 0),
        }),
      );
    }
    expect(box()).toEqual(start);
  });

  it('edit: delete without a dialog, undo and redo, copy and paste, duplicate, select all', async () => {
    const count = (n: number) => () => soon(() => objects().length).toBe(n);
    await press('edit.delete', count(2), async () => {
      if (objects().length < 3) {
        await page.keyboard.press('Control+z');
        await count(3)();
      }
      await first();
    });
    await press('edit.undo', count(3));
    await press('edit.redo', count(2), async () => {
      if (objects().length < 3) await page.keyboard.press('Control+z');
      await count(3)();
    });
    await press('edit.selectAll', () => soon(selected).toBe(2));
    await press('edit.duplicate', count(4));
    await press('edit.copy', () => soon(selected).toBe(2));
    await press('edit.paste', count(6));
    await press('edit.copyPrevious', () => soon(() => objects(2).length).toBeGreaterThan(3), image(2));
  });

  it('ask the model: suggest, accept, reject, heatmap', async () => {
    const states = () => objects().map((o) => o.state);
    await press('suggest.run', () => soon(() => rows().count()).toBe(6));
    await press('suggest.accept', () => soon(() => states().filter((s) => s === 'suggested').length).toBe(2));
    await press('suggest.reject', () => soon(() => objects().length).toBe(5));
    await press('suggest.acceptAll', () => soon(() => states().includes('suggested')).toBe(false));
    await press('view.heatmap', () => page.waitForSelector('.bar >> text=88 ms'));
  });

  it('change the view: zoom, fit, hide, and the mouse beside them', async () => {
    await press('view.actual', () => soon(zoom).toBe(100));
    await press('view.zoomIn', () => soon(zoom).toBeGreaterThan(100));
    await press('view.fit', () => soon(zoom).toBeLessThan(100));
    const fitted = await zoom();
    await press('view.zoomOut', () => soon(zoom).toBeLessThan(fitted));
    tried.add('view.hide');
    const boxes = page.locator('canvas').nth(2);
    const empty = () =>
      boxes.evaluate((c: HTMLCanvasElement) =>
        c
          .getContext('2d')!
          .getImageData(0, 0, c.width, c.height)
          .data.every((v) => v === 0),
      );
    await soon(empty).toBe(false);
    await page.keyboard.down('t');
    await soon(empty).toBe(true);
    await page.keyboard.up('t');
    await soon(empty).toBe(false);
    const area = (await page.locator('[role=application]').boundingBox())!;
    await page.mouse.move(area.x + area.width / 2, area.y + area.height / 2);
    await page.keyboard.press('Control+0');
    await page.keyboard.down('Control');
    await page.mouse.wheel(0, -240);
    await page.keyboard.up('Control');
    await soon(zoom).toBeGreaterThan(fitted);
    const before = await boxes.screenshot();
    await page.mouse.down({ button: 'middle' });
    await page.mouse.move(area.x + area.width / 2 + 60, area.y + area.height / 2 + 40, { steps: 4 });
    await page.mouse.up({ button: 'middle' });
    await soon(async () => (await boxes.screenshot()).equals(before)).toBe(false);
    expect(objects()).toHaveLength(3);
  });

  it('open views and dialogs from anywhere', async () => {
    await press('edit.checkpoint', async () => {
      await soon(dialogTitle).toBe('Checkpoint');
      await escape();
    });
    for (const [id, title] of [
      ['edit.import', 'Import annotations'],
      ['edit.export', 'Export annotations'],
      ['app.keys', 'Keyboard shortcuts'],
      ['app.new', 'Choose a folder of images'],
      ['app.open', 'Choose a folder of images'],
    ] as const)
      await press(id, async () => {
        await soon(dialogTitle).toBe(title);
        await escape();
      });
    await press(
      'app.pane',
      () => soon(() => page.evaluate(() => document.activeElement?.closest('.side') !== null)).toBe(true),
      () => page.locator('[role=application]').focus(),
    );
    for (const [id, name] of [
      ['app.train', 'Train'],
      ['app.evaluate', 'Evaluate'],
      ['app.detect', 'Detect'],
      ['app.models', 'Models'],
      ['app.label', 'Label'],
    ] as const)
      await press(id, () => soon(view).toContain(name));
    await press('app.settings', () => page.waitForSelector('.settings'));
    await press('app.home', () => page.waitForSelector('.home'));
  });

  it('are all tried here', () => expect(commandIds.filter((id) => !tried.has(id))).toEqual([]));

  it('are all in the key sheet, which finds them by name and by key', async () => {
    await page.keyboard.press('F1');
    await soon(() => page.locator('[role=dialog] li .keys').count()).toBe(commandIds.length);
    const search = page.getByRole('textbox', { name: 'Search for a command or key' });
    await search.fill('next image to review');
    await soon(() => page.locator('[role=dialog] li .keys').count()).toBe(1);
    await search.fill('ctrl shift z');
    await soon(() => page.locator('[role=dialog] li .keys').innerText()).toContain('Shift');
  });

  it('a key is changed by the keyboard alone, and given back', async () => {
    await page.keyboard.press('F1');
    await page.waitForSelector('[role=dialog] input:focus');
    await page.keyboard.type('skip this');
    await soon(() => page.locator('[role=dialog] li .keys').count()).toBe(1);
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.waitForSelector('.listen:focus');
    await page.keyboard.press('j');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await soon(() => world.settings.keys['go.skip']).toEqual(['J']);
    await escape();
    await page.keyboard.press('j');
    await soon(() => world.project.images.get('image-1')!.status).toBe('skipped');
  });
});
