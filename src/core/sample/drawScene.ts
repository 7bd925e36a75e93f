// Draws a laid-out scene: table top, sheets, shadows, things, light, lens and sensor.
import { copyWindow } from '../image/augment/window.ts';
import { blurRgb, composeSvg, renderSvg } from '../image/encode.ts';
import type { RgbImage } from '../image/rgbImage.ts';
import type { Rng } from '../../shared/random.ts';
import { type Scene, sceneSize } from './scene.ts';
import { type PlacedSprite, shadowsSvg, spriteSvg } from './sprite.ts';

/** The picture of `scene` on its table top; `rng` draws the sensor's noise. */
export async function drawScene(scene: Scene, table: RgbImage, rng: Rng): Promise<RgbImage> {
  const ground = mirrorIf(scene.window.mirrored, cut(table, scene));
  // Sheets lie under everything, so their shadows fall first; nothing else overlaps.
  const withSheets = await lay(ground, scene.sheets, 's', scene);
  const drawn = await lay(withSheets, [...scene.clutter, ...scene.objects], 't', scene, lampSvg(scene.light));
  const focused = scene.blur > 0 ? await blurRgb(drawn, scene.blur) : drawn;
  expose(focused, scene, rng);
  return focused;
}

/** Lays things and their shadows on a picture, and `over`, more SVG, over them: each layer composed costs as much as ten things. */
async function lay(
  ground: RgbImage,
  things: readonly PlacedSprite[],
  id: string,
  scene: Scene,
  over = '',
): Promise<RgbImage> {
  if (things.length === 0) return ground;
  const shadows = await renderSvg(shadowLayerSvg(things, scene), sceneSize);
  return composeSvg(multiply(ground, shadows), thingsSvg(things, id, scene.light, over));
}

/** Things without shadows, and `over` above them, as an SVG layer of the picture's size. */
export function thingsSvg(things: readonly PlacedSprite[], id: string, light: number, over = ''): string {
  const { width, height } = sceneSize;
  const drawn = things.map((t, i) => spriteSvg(t, `${id}${i}`, light)).join('');
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${drawn}${over}</svg>`;
}

/** Shadows at half the size: they are blurred anyway, and blurring is what takes the time. */
function shadowLayerSvg(things: readonly PlacedSprite[], { light, shadow }: Scene): string {
  const { width, height } = sceneSize;
  const size = `width="${width / 2}" height="${height / 2}" viewBox="0 0 ${width} ${height}"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size}><defs>${filters()}</defs>${shadowsSvg(things, light, shadow)}</svg>`;
}

function multiply(image: RgbImage, factor: RgbImage): RgbImage {
  const data = new Uint8Array(image.data.length);
  for (let i = 0; i < data.length; i++) data[i] = (image.data[i]! * factor.data[i]! + 127) / 255;
  return { ...image, data };
}

/** In pixels of the picture, so that shadows of large and small things are equally soft. */
function filters(): string {
  const region = `filterUnits="userSpaceOnUse" x="-40" y="-40" width="${sceneSize.width + 80}" height="${sceneSize.height + 80}"`;
  return [2.2, 4, 8]
    .map((deviation, i) => `<filter id="soft${i + 1}" ${region}><feGaussianBlur stdDeviation="${deviation}"/></filter>`)
    .join('');
}

/** Brighter towards the lamp, darker in the far corner. */
function lampSvg(light: number): string {
  const [cx, cy] = [0.5 + 0.45 * Math.cos(light), 0.5 + 0.45 * Math.sin(light)];
  return (
    `<defs><radialGradient id="lamp" cx="${cx.toFixed(3)}" cy="${cy.toFixed(3)}" r="1.05"><stop offset="0" stop-color="#fff6e0" stop-opacity="0.22"/>` +
    `<stop offset="0.45" stop-color="#000000" stop-opacity="0.02"/><stop offset="1" stop-color="#05060c" stop-opacity="0.5"/></radialGradient>` +
    `</defs><rect width="100%" height="100%" fill="url(#lamp)"/>`
  );
}

function cut(table: RgbImage, { window }: Scene): RgbImage {
  return copyWindow(table, window.left, window.top, sceneSize.width, sceneSize.height, [0, 0, 0]);
}

function mirrorIf(mirrored: boolean, image: RgbImage): RgbImage {
  if (!mirrored) return image;
  const data = new Uint8Array(image.data.length);
  for (let y = 0; y < image.height; y++)
    for (let x = 0; x < image.width; x++) {
      const from = (y * image.width + x) * 3;
      data.set(image.data.subarray(from, from + 3), (y * image.width + image.width - 1 - x) * 3);
    }
  return { ...image, data };
}

/** Exposure, colour of the light and noise, in place. The noise is near normal: a sum of the four bytes of one random word. */
function expose(image: RgbImage, { exposure, warmth, grain }: Scene, rng: Rng): void {
  const gains = [exposure * (1 + 0.09 * warmth), exposure, exposure * (1 - 0.12 * warmth)] as const;
  const data = new Uint8ClampedArray(image.data.buffer, image.data.byteOffset, image.data.length);
  let state = rng.int(1, 0x7fffffff);
  const spread = grain / 148; // four uniform bytes have a standard deviation of 148
  for (let i = 0; i < data.length; i += 3) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    const sum = (state & 255) + ((state >>> 8) & 255) + ((state >>> 16) & 255) + (state >>> 24) - 510;
    for (let c = 0; c < 3; c++) data[i + c] = data[i + c]! * gains[c]! + sum * spread;
  }
}
