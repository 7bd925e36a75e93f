// The gallery of 100,000 images in the interface's benchmark: opening, jumping, scrolling.
import { ms, rest, withPage, type Part, type Row } from './interfacePage.ts';

/** Milliseconds from a jump until cells, names and thumbnails are there. */
interface Jump {
  cells: number;
  names: number;
  pixels: number;
}

/** What the probe saw of the gallery while it scrolled; see bench/page/probe.ts. */
interface Look {
  frames: number;
  worstGap: number;
  bare: number;
  nameless: number;
  pictureless: number;
}

/** 100,000 images: the page opened five times, jumps, and three ways of scrolling. */
export const gallery: Part = async (world) => {
  const openings: number[] = [];
  for (let i = 0; i < 5; i++)
    await withPage(world, 'archive', (_driver, opened) => Promise.resolve(openings.push(opened)));
  return [ms('100,000 images: page until usable', openings, 2000), ...(await scrolling(world))];
};

const scrolling: Part = (world) =>
  withPage(world, 'archive', async (driver) => {
    const rows: Row[] = [];
    for (const round of ['first visit, thumbnails made on demand', 'second visit'] as const) {
      const jumps: Jump[] = [];
      for (let i = 1; i <= 25; i++) {
        jumps.push(await driver.ask<Jump>(`jump(${String(((i * 37) % 97) / 97)})`));
        await rest(200);
      }
      rows.push(
        ms(
          `jump in 100,000, ${round}: cells there`,
          jumps.map(({ cells }) => cells),
          100,
        ),
        ms(
          '  names and status there',
          jumps.map(({ names }) => names),
          100,
        ),
        ms(
          '  all thumbnails in view have pixels',
          jumps.map(({ pixels }) => pixels),
          round === 'second visit' ? 100 : null,
        ),
      );
    }
    const at = { x: 120, y: 500 };
    for (const [name, every, deltaY] of [
      ['wheel, 20 notches of 120 px a second', 50, 120],
      ['flick, 7,500 px a second', 16, 120],
      ['mad scroll, 60,000 px a second', 16, 960],
    ] as const) {
      await driver.ask('jump(0.3)');
      const watched = driver.ask<Look>('gallery(4000)');
      await driver.wheel(3800, every, deltaY, at);
      const look = await watched;
      const row = (what: string, value: number, most: number | null): Row => ({
        ...ms(what, [value], most),
        n: look.frames,
      });
      rows.push(
        row(`${name}: longest without a cell somewhere`, look.bare, 100),
        row('  longest with a nameless tile somewhere', look.nameless, 100),
        row('  longest with a tile without its picture', look.pictureless, null),
        row('  longest frame', look.worstGap, null),
      );
    }
    return rows;
  });
