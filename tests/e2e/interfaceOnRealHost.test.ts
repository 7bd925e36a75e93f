// The built interface on the real host in browser mode: a folder becomes a project, boxes are on disk at once, and undo reaches across a restart.
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Browser, Page } from '@playwright/test';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serve, type Served } from '../../src/server/serve.ts';
import { launch, openPage } from '../support/standInHost/page.ts';
import { sceneSvg } from '../support/standInHost/pictures.ts';
import { scenes } from '../support/standInHost/scenes.ts';

const out = path.resolve(import.meta.dirname, '../../out');
const built = existsSync(path.join(out, 'renderer/index.html')) && existsSync(path.join(out, 'main/worker.js'));

describe.skipIf(!built)('on the real host (needs npm run build)', () => {
  let home: string;
  let browser: Browser;
  let served: Served;

  const start = (): Promise<Served> =>
    serve({ version: '0.0.0-test', roots: [home], dataFolder: path.join(home, 'data'), log: () => undefined });

  beforeAll(async () => {
    home = await mkdtemp(path.join(tmpdir(), 'studio-real-'));
    await mkdir(path.join(home, 'apples'));
    for (const [i, scene] of scenes(3, 4, 640, 480).entries()) {
      const drawn = sceneSvg({ ...scene, seed: i, boxes: scene.objects.map((o) => o.box) });
      await sharp(Buffer.from(drawn))
        .jpeg()
        .toFile(path.join(home, 'apples', `${i + 1}.jpg`));
    }
    browser = await launch();
    served = await start();
  });
  afterAll(async () => {
    await browser.close();
    await served.close();
    await rm(home, { recursive: true, force: true });
  });

  async function drag(page: Page, from: number, to: number): Promise<void> {
    const box = (await page.locator('[role=application]').boundingBox())!;
    await page.mouse.move(box.x + box.width * from, box.y + box.height * from);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * to, box.y + box.height * to, { steps: 3 });
    await page.mouse.up();
  }
  const rows = (page: Page) => page.locator('.objects li').count();
  const poll = { timeout: 20_000 };

  it('makes a project of a folder, labels, and undoes after a restart', async () => {
    const first = await openPage(browser, served.url);
    await first.page.locator('.card').first().click();
    await first.page.locator('[role=dialog] li button').first().dblclick();
    await first.page.getByText('apples', { exact: true }).click();
    await first.page.locator('.modal-footer .primary').click();
    await first.page.locator('#project-classes').fill('apple, pear');
    await first.page.getByRole('button', { name: 'Create project' }).click();
    await first.page.waitForSelector('[role=application]');
    await expect.poll(() => first.page.locator('.gallery footer').innerText(), poll).toContain('of 3');
    await expect.poll(() => first.page.locator('.objects .none').innerText(), poll).toContain('Nothing on this image');
    await drag(first.page, 0.3, 0.42);
    await drag(first.page, 0.5, 0.62);
    await expect.poll(() => rows(first.page), poll).toBe(2);
    await expect.poll(() => first.page.locator('.classes li').first().innerText(), poll).toContain('2');
    expect(first.errors).toEqual([]);
    await first.page.close();
    await served.close();

    served = await start();
    const second = await openPage(browser, served.url);
    await second.page.locator('.project').first().click();
    await second.page.waitForSelector('[role=application]');
    await expect.poll(() => rows(second.page), poll).toBe(2);
    await second.page.keyboard.press('Control+z');
    await expect.poll(() => rows(second.page), poll).toBe(1);
    await second.page.keyboard.press('Control+Shift+z');
    await expect.poll(() => rows(second.page), poll).toBe(2);
    await second.page.locator('#tab-history').click();
    await expect.poll(() => second.page.locator('.history li').count(), poll).toBeGreaterThan(1);
    await second.page.close();
  });
});
