// The measurements of the interface's benchmark, each against one budget of issue 5: real Chromium, the built host in its own process, real files.
import { forkChild } from '../src/app/worker/forkChild.ts';
import { builtFiles } from '../src/app/host/folders.ts';
import { serve } from '../src/server/serve.ts';
import { Driver, rendererBytes, startBrowser } from './interfaceDrive.ts';
import { ms, rest, withPage, type Part, type Row } from './interfacePage.ts';

/** From starting the host's process until picture, objects and thumbnails are on screen; nothing cached but the files. */
export const start: Part = async (world) => {
  await world.project('pages');
  const [hosts, pages, wholes, withBrowser]: [number[], number[], number[], number[]] = [[], [], [], []];
  for (let i = 0; i < 9; i++) {
    const began = performance.now();
    const host = await world.serve('pages');
    const { browser, startMs } = await startBrowser();
    const driver = await Driver.on(browser);
    const page = await driver.open(host.url);
    const whole = performance.now() - began;
    hosts.push(host.startMs);
    pages.push(page);
    withBrowser.push(whole);
    wholes.push(whole - startMs);
    await browser.close();
    await host.close();
  }
  return [
    ms('start to usable: host and page (1,200 images)', wholes, 3000),
    ms('  of it: host prints its address', hosts, null),
    ms('  of it: page until picture, objects, thumbnails', pages, null),
    ms('  with starting Chromium as well', withBrowser, 3000),
  ];
};

/** Presses D at a person's pace, so that the neighbours are decoded by then. */
async function turns(driver: Driver, count: number, pause: number): Promise<{ picture: number[]; all: number[] }> {
  const out: { picture: number[]; all: number[] } = { picture: [], all: [] };
  for (let i = 0; i < count; i++) {
    await rest(pause);
    await driver.ask('arm()');
    await driver.page.keyboard.press('d');
    const { picture, all } = await driver.ask<{ picture: number; all: number }>('turned()');
    out.picture.push(picture);
    out.all.push(all);
  }
  return out;
}

/** Clicks images of the gallery far from one another: nothing of them is loaded before. */
async function clicks(driver: Driver, count: number, pause: number): Promise<number[]> {
  const out: number[] = [];
  const list = (await driver.page.locator('.gallery [role=listbox]').boundingBox())!;
  const place = { x: list.x + list.width / 3, y: list.y + 200 };
  for (let i = 0; i < count; i++) {
    await driver.ask(`jump(${String((i + 0.5) / count)})`);
    await rest(pause);
    await driver.ask('arm()');
    await driver.page.mouse.click(place.x, place.y);
    out.push((await driver.ask<{ picture: number }>('turned()')).picture);
  }
  return out;
}

export const pages: Part = (world) =>
  withPage(world, 'pages', async (driver) => {
    const near = await turns(driver, 60, 350);
    const far = await clicks(driver, 15, 500);
    return [
      ms('next image, 1920x1080 JPEG, neighbours preloaded', near.picture, 100),
      ms('  with its objects', near.all, 100),
      ms('image elsewhere in the gallery, 1920x1080, nothing preloaded', far, null),
    ];
  });

export const large: Part = (world) =>
  withPage(world, 'large', async (driver) => {
    const near = await turns(driver, 25, 1800);
    const far = await clicks(driver, 6, 2500);
    return [
      ms('next image, 24 megapixels, neighbours preloaded', near.picture, 300),
      ms('  with its objects', near.all, null),
      ms('image elsewhere in the gallery, 24 megapixels, nothing preloaded', far, 300),
    ];
  });

interface Frames {
  seconds: number;
  frames: number;
  painted: number;
  worstGap: number;
}

const gestureTime = 3000;

/** Frames a second while a gesture lasts. `placeAt` gives places as shares of the canvas over the gesture's time from 0 to 1. */
async function gesture(
  driver: Driver,
  what: string,
  pressed: boolean,
  placeAt: (share: number) => { x: number; y: number },
  layer = 'top',
): Promise<Row> {
  const [origin, corner] = [await driver.at(0, 0), await driver.at(1, 1)];
  const place = (time: number) => {
    const { x, y } = placeAt(Math.min(1, time / gestureTime));
    return { x: origin.x + (corner.x - origin.x) * x, y: origin.y + (corner.y - origin.y) * y };
  };
  await driver.page.mouse.move(place(0).x, place(0).y);
  if (pressed) await driver.page.mouse.down();
  const watched = driver.ask<Frames>(`frames(${String(gestureTime - 200)}, '${layer}')`);
  await driver.sweep(gestureTime, pressed ? 1 : 0, place);
  const { painted, seconds, worstGap } = await watched;
  const end = place(gestureTime);
  await driver.page.mouse.move(end.x, end.y);
  if (pressed) await driver.page.mouse.up();
  return { what, value: painted / seconds, unit: 'frames/s', budget: { least: 55 }, n: painted, worst: worstGap };
}

/** A wobbling way from one place to another. */
const way = (from: number, to: number) => (share: number) => ({
  x: from + (to - from) * share + (share < 1 ? 0.04 * Math.sin(share * 38) : 0),
  y: from + (to - from) * share + (share < 1 ? 0.04 * Math.sin(share * 33) : 0),
});

export const boxes: Part = (world) =>
  withPage(world, 'crowd', async (driver) => {
    const size = () => driver.page.locator('.objects li.selected .size').innerText();
    const rows: Row[] = [];
    await rest(500);
    rows.push(await gesture(driver, 'draw a box among 5,000', true, way(0.35, 0.5)));
    const drawn = await size();
    rows.push(ms('  longest frame after letting go', [await longestFrame(driver)], null));
    rows.push(await gesture(driver, 'resize a box among 5,000', true, way(0.5, 0.6)));
    const resized = await size();
    rows.push(ms('  longest frame after letting go', [await longestFrame(driver)], null));
    await driver.page.keyboard.press('v');
    rows.push(await gesture(driver, 'move a box among 5,000', true, way(0.45, 0.52)));
    const moved = await size();
    rows.push(ms('  longest frame after letting go', [await longestFrame(driver)], null));
    if (drawn === resized || moved !== resized)
      throw new Error(`the gestures did something else: sizes ${drawn}, ${resized}, ${moved}`);
    const hovering = '  hovering over them (painted only when another box lights up)';
    rows.push({ ...(await gesture(driver, hovering, false, way(0.1, 0.9))), budget: null });
    await driver.page.keyboard.down('Space');
    rows.push({ ...(await gesture(driver, '  panning them', true, way(0.4, 0.6), 'boxes')), budget: null });
    await driver.page.keyboard.up('Space');
    return rows;
  });

async function longestFrame(driver: Driver): Promise<number> {
  const { worstGap } = await driver.ask<Frames>(`frames(1000, 'top')`);
  return worstGap;
}

export const heatmap: Part = async (world) => {
  const ends: number[] = [];
  const files = builtFiles();
  const served = await serve({
    version: 'bench',
    project: await world.project('pages'),
    roots: [world.root],
    dataFolder: `${world.root}/data in process`,
    spawn: () => {
      const child = forkChild(files.worker);
      child.onMessage((message) => {
        const result = message.type === 'done' ? message.result : null;
        if (typeof result === 'object' && result !== null && 'scores' in result)
          ends.push(performance.timeOrigin + performance.now());
      });
      return child;
    },
  });
  const { browser } = await startBrowser();
  try {
    const driver = await Driver.on(browser);
    await driver.open(served.url);
    const shown: number[] = [];
    for (let i = 0; i < 25; i++) {
      await rest(500);
      await driver.ask('arm()');
      await driver.page.keyboard.press(i === 0 ? 'h' : 'd');
      shown.push((await driver.ask<number>('heated()')) - ends.at(-1)!);
    }
    if (ends.length !== 25) throw new Error(`${String(ends.length)} inferences for 25 heatmaps`);
    return [ms('heatmap in a frame after the model’s answer reached the host', shown.slice(1), 50)];
  } finally {
    await browser.close();
    await served.close();
  }
};

export const memory: Part = (world) =>
  withPage(world, 'pages', async (driver, _opened, browser) => {
    await turns(driver, 100, 0);
    const before = await driver.memory();
    const residentBefore = await rendererBytes(browser);
    await turns(driver, 1000, 0);
    const after = await driver.memory();
    const resident = await rendererBytes(browser);
    const growth = (what: string, a: number, b: number, most: number | null): Row => ({
      what,
      value: (b / a - 1) * 100,
      unit: '%',
      budget: most === null ? null : { most },
      n: 1000,
      worst: b,
    });
    return [
      growth('heap growth over 1,000 image changes', before.heap, after.heap, 10),
      growth('  DOM nodes', before.nodes, after.nodes, null),
      growth('  event listeners', before.listeners, after.listeners, null),
      growth('  resident memory of the page’s process (decoded pictures too)', residentBefore, resident, null),
    ];
  });
