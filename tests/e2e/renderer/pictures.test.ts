// Pictures of every screen and state: TTFNET_PICTURES=folder npx vitest run --project e2e pictures. Themes, sizes and languages can be narrowed by TTFNET_PICTURES_ONLY, e.g. "dark-1440-en", the legs of the tour by TTFNET_PICTURES_LEGS, e.g. "train,evaluate".
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Browser } from '@playwright/test';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { generateSample } from '../../../src/core/sample/generate.ts';
import { layOutScene, sampleClasses, sceneLabels, sceneSize } from '../../../src/core/sample/scene.ts';
import { Rng } from '../../../src/shared/random.ts';
import { describeUnless } from '../../support/leftOut.ts';
import { launch } from '../../support/standInHost/page.ts';
import { tour } from './tour.ts';
import type { Content } from './worlds.ts';

const folder = process.env.TTFNET_PICTURES ?? '';
const only = process.env.TTFNET_PICTURES_ONLY ?? '';
const legs = process.env.TTFNET_PICTURES_LEGS;
const count = 40;

const pages = inject('pages');
let browser: Browser;
let sample: string;

/** The sample dataset's pictures as the project: they look like photographs. */
const sampleContent = (): Content => ({
  classes: sampleClasses,
  scenes: Array.from({ length: count }, (_, i) => ({
    path: `table/${stem(i)}.jpg`,
    ...sceneSize,
    objects: sceneLabels(layOutScene(Rng.seeded(1).fork(`picture ${i}`))).map(({ box, classId }) => ({
      className: sampleClasses[classId]!,
      box,
    })),
  })),
});
const stem = (i: number): string => `table_${String(i + 1).padStart(3, '0')}`;
const fileOf = (image: string): string => path.join(sample, 'JPEGImages', files[Number(image.split('-')[1]) - 1] ?? '');
let files: string[] = [];

describeUnless(folder === '' ? 'TTFNET_PICTURES names no folder for them' : null, 'pictures', () => {
  beforeAll(async () => {
    sample = await mkdtemp(path.join(tmpdir(), 'studio-sample-'));
    const summary = await generateSample(sample, { count });
    files = Object.values(summary.splits)
      .flat()
      .toSorted()
      .map((name) => `${name}.jpg`);
    browser = await launch();
    await mkdir(folder, { recursive: true });
  });
  afterAll(async () => {
    await browser.close();
    await rm(sample, { recursive: true, force: true });
  });

  const looks = (['light', 'dark'] as const).flatMap((theme) =>
    ([1440, 1024] as const).flatMap((width) =>
      (['en', 'zh'] as const).map((language) => ({ theme, width, language, name: `${theme}-${width}-${language}` })),
    ),
  );
  it.each(looks.filter((look) => look.name.includes(only)))('$name', async ({ theme, width, language, name }) => {
    const size = { width, height: width === 1440 ? 900 : 700 };
    let n = 0;
    const errors = await tour({
      browser,
      pages,
      look: { theme, language },
      size,
      content: sampleContent,
      fileOf,
      ...(legs ? { only: legs.split(',') } : {}),
      onStop: async (stop, page) => {
        n++;
        await page.screenshot({ path: path.join(folder, `${name}-${String(n).padStart(2, '0')}-${stop}.png`) });
      },
    });
    expect(errors).toEqual([]);
  });
});
