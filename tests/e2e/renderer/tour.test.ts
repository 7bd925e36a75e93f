// Every screen and state, walked in one look (in both with TTFNET_LONG=1): no serious accessibility problem, no script error, nothing cut off at the side.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Browser, Page } from '@playwright/test';
import type { AxeResults } from 'axe-core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { launch } from '../../support/standInHost/page.ts';
import { tour } from './tour.ts';

const pages = inject('pages');
let browser: Browser;
let axe: string;

beforeAll(async () => {
  browser = await launch();
  axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
});
afterAll(async () => {
  await browser.close();
});

/** Serious and critical findings of axe on what is shown, as readable lines. */
async function findings(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  const result = await page.evaluate(() =>
    (globalThis as unknown as { axe: { run: (options: object) => Promise<AxeResults> } }).axe.run({
      resultTypes: ['violations'],
    }),
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

const looks = [
  ['dark', 'zh', 1024, 700],
  ['light', 'en', 1440, 900],
] as const;
// A walk takes a minute: the second look waits for `npm run test:long`.
const walked = process.env['TTFNET_LONG'] === '1' ? looks : looks.slice(0, 1);

describe.each(walked)('all screens and states, %s, %s, %ix%i', (theme, language, width, height) => {
  it('show no serious accessibility problem, no script error, and nothing cut off at the side', async () => {
    const bad: string[] = [];
    const errors = await tour({
      browser,
      pages,
      look: { theme, language },
      size: { width, height },
      still: true,
      onStop: async (name, page) => {
        for (const finding of await findings(page)) bad.push(`${name}: ${finding}`);
        for (const what of await cutOff(page)) bad.push(`${name}: ${what} is cut off`);
      },
    });
    expect(bad).toEqual([]);
    expect(errors).toEqual([]);
  });
});

/** Bars and headers that are wider than their place. */
const cutOff = (page: Page): Promise<string[]> =>
  page.evaluate(() =>
    [...document.querySelectorAll('.topbar, .toolbar, .bar, .head, header, .filter, .modal-footer, .segmented')]
      .filter((e) => e.scrollWidth > e.clientWidth + 1)
      .map((e) => `${e.className} "${e.textContent.trim().slice(0, 40)}"`),
  );
