// What goes wrong, told in Chinese: in the situations that people meet, the interface shows no English sentence of the host.
import type { Browser, Page } from '@playwright/test';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { saying } from '../../../src/shared/errors.ts';
import { inEnglish, said } from '../../../src/shared/said.ts';
import { startStandIn, type StandInHost } from '../../support/standInHost/host.ts';
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
afterEach(async () => {
  await page.close();
  await host.close();
});

/** Three English words in a row are a sentence; names of programs, files and classes are not. */
const english = /[a-z]+ [a-z]+ [a-z]+/i;

type Answer = Parameters<Parameters<Parameters<Page['route']>[1]>[0]['fulfill']>[0];

async function open(picture?: Answer): Promise<ReturnType<typeof busyWorld>> {
  const world = busyWorld({ theme: 'light', language: 'zh' });
  host = await startStandIn(world, pages);
  ({ page } = await openPage(browser, host.url));
  if (picture) await page.route('**/media/*/image/**', (route) => route.fulfill(picture));
  await page.locator('.home .project').first().click();
  await page.waitForSelector('[role=application]');
  return world;
}

async function shows(selector: string, words: string): Promise<void> {
  await expect.poll(() => page.locator(selector).first().innerText()).toContain(words);
  expect(await page.locator(selector).first().innerText()).not.toMatch(english);
}

describe('in Chinese', () => {
  it('a picture that was cut off', async () => {
    await open({ contentType: 'image/jpeg', body: Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 16, 74, 70, 73, 70]) });
    await shows('.stage .over', '图像已损坏，或没有完整复制');
  });

  it('a picture that is gone', async () => {
    const { message, said: by } = saying('file-missing', 'file.gone', { file: '/home/ada/0001.jpg' });
    const headers = { 'X-Error-Code': 'file-missing', 'X-Error-Said': encodeURIComponent(JSON.stringify(by)) };
    await open({ status: 404, body: message, headers });
    await shows('.stage .over', '/home/ada/0001.jpg 已不在原处');
  });

  it('a refused training', async () => {
    const { work } = await open();
    work.refusal = saying('dataset-empty', 'train.noBoxes', {});
    await page.keyboard.press('Alt+3');
    await page.locator('aside .head button').last().click();
    await page.locator('.go .button').click();
    await shows('.toast', '没有训练图像带有框');
  });

  it('a run that diverged', async () => {
    await open();
    await page.keyboard.press('Alt+3');
    await page.locator('aside li > button').first().click();
    await shows('[role=alert].error', '训练发散');
  });

  it('files that could not be read in a detection', async () => {
    await open();
    await page.keyboard.press('Alt+5');
    await page.locator('aside li > button').first().click();
    await page.locator('.job .segment').nth(2).click();
    await shows('.job .state.bad', '文件已损坏，或没有完整复制');
  });

  it('why a processor is not used', async () => {
    await open();
    await page.keyboard.press('Control+,');
    await page.waitForSelector('.settings');
    await shows('.settings .item:has-text("CUDA")', '缺少库 libcublasLt.so.12');
    await shows('.settings .item:has-text("WEBGPU")', '本机没有找到对应的设备');
  });

  it('a project that is shown from its backup', async () => {
    const world = busyWorld({ theme: 'light', language: 'zh' });
    const damage = said('damage.found', { file: '/home/ada/p.sqlite', detail: 'row 3' });
    const sentence = said('backup.shown', { damage, at: { at: Date.UTC(2026, 0, 10) } });
    world.project.notices = [{ message: inEnglish(sentence), said: sentence }];
    host = await startStandIn(world, pages);
    ({ page } = await openPage(browser, host.url));
    await page.locator('.home .project').first().click();
    await shows('.toast', '现以只读方式显示最新的完好备份（1月10日');
  });
});
