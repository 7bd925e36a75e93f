// The window's own arithmetic: bounds on screens that come and go, and chords as accelerators.
import { expect, test, vi } from 'vitest';
import { firstBounds, fitBounds } from '../../../src/main/bounds.ts';

vi.mock('electron', () => ({ Menu: {} }));
const { acceleratorOf, menuTemplate } = await import('../../../src/main/menu.ts');
const { wordsIn } = await import('../../../src/main/words.ts');

const screen = { x: 0, y: 0, width: 1920, height: 1080 };
const right = { x: 1920, y: 0, width: 1280, height: 1024 };
const placed = { x: 2000, y: 100, width: 1100, height: 800, maximized: false };

test('bounds come back where they were while their screen is there', () => {
  expect(fitBounds(placed, [screen, right])).toEqual(placed);
});

test('bounds on a screen that is gone keep their size and lose their place', () => {
  expect(fitBounds(placed, [screen])).toEqual({ width: 1100, height: 800, maximized: false });
});

test('bounds are never larger than the screens nor smaller than the interface', () => {
  expect(fitBounds({ ...firstBounds, width: 5000, height: 4000 }, [screen])).toMatchObject({
    width: 1920,
    height: 1080,
  });
  expect(fitBounds({ ...firstBounds, width: 10, height: 10 }, [screen])).toMatchObject({ width: 1024, height: 700 });
});

test.each([
  ['Ctrl+Shift+Z', 'CommandOrControl+Shift+Z'],
  ['Ctrl++', 'CommandOrControl+Plus'],
  ['Alt+1', 'Alt+1'],
  ['F1', 'F1'],
  ['Ctrl+Left', 'CommandOrControl+Left'],
  ['D', undefined],
  ['Shift+E', undefined],
  ['?', undefined],
  ['Ctrl', undefined],
  ['Ctrl+', undefined],
  ['Ctrl+Blub', undefined],
  ['Ctrl+D+E', undefined],
  ['Hyper+D', undefined],
  ['Ctrl+\u0000', undefined],
  ['Ctrl+😀', undefined],
  ['', undefined],
  ['Ctrl+,', 'CommandOrControl+,'],
  ['Ctrl+Delete', 'CommandOrControl+Delete'],
])('the chord %s is shown as %s', (chord, accelerator) => {
  expect(acceleratorOf(chord)).toBe(accelerator);
});

test('a chosen item gives its command; an item without one is a separator', () => {
  const chosen: string[] = [];
  const menus = [{ label: 'File', items: [{ command: 'app.open', label: 'Open', keys: 'Ctrl+O' }, {}] }];
  const [file] = menuTemplate(menus, false, (command) => chosen.push(command), wordsIn('en', 'en'));
  const items = file!.submenu as Electron.MenuItemConstructorOptions[];
  expect(items[1]).toEqual({ type: 'separator' });
  items[0]!.click!(null as never, undefined, null as never);
  expect(chosen).toEqual(['app.open']);
  expect(menuTemplate(menus, true, () => undefined, wordsIn('zh', 'en')).map(({ role }) => role)).toEqual([
    'appMenu',
    undefined,
    'windowMenu',
  ]);
});
