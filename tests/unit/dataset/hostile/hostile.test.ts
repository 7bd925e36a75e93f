// Small label files that ask for much: each is read, or refused by a sentence, within bounded memory and long before a generous limit.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { encodeImage } from '../../../../src/core/image/encode.ts';
import { filledImage } from '../../../../src/core/image/rgbImage.ts';
import { runLimited } from '../../../support/limitedChild.ts';
import type { HostileCases } from './cases.ts';
import { cocoCases, csvCases, labelmeCases } from './jsonCases.ts';
import { cvatCases, vocCases } from './xmlCases.ts';
import { yoloCases } from './yoloCases.ts';

const child = path.resolve(import.meta.dirname, '../../../support/importChild.ts');
let home = '';
let picture: Uint8Array;

beforeAll(async () => {
  home = await mkdtemp(path.join(os.tmpdir(), 'ttfnet-hostile-'));
  picture = await encodeImage(filledImage(100, 80, [9, 9, 9]), { format: 'png' });
});
afterAll(() => rm(home, { recursive: true, force: true }));

/** The cases' folders, with the format in front where one must be named. */
async function makeFolders(kind: string, cases: HostileCases): Promise<string[]> {
  const folders: string[] = [];
  for (const [i, { files, format = '' }] of Object.values(cases).entries()) {
    const folder = path.join(home, kind, String(i));
    for (const [name, content] of Object.entries({ 'a.png': picture, ...files })) {
      const file = path.join(folder, name);
      await mkdir(path.dirname(file), { recursive: true });
      await writeFile(file, content);
    }
    folders.push(`${format}:${folder}`);
  }
  return folders;
}

it.each(
  Object.entries({
    VOC: vocCases,
    CVAT: cvatCases,
    YOLO: yoloCases,
    COCO: cocoCases,
    LabelMe: labelmeCases,
    CSV: csvCases,
  }),
)('%s', { timeout: 600_000 }, async (kind, cases) => {
  const folders = await makeFolders(kind, cases);
  const outcomes = await runLimited(child, folders, { heapMegabytes: 768, seconds: 120 });
  const names = Object.keys(cases);
  const wrong: string[] = [];
  for (const [i, { code, said, peakMegabytes }] of outcomes.entries()) {
    const text = [code ?? 'read', ...said].join('\n');
    const isWrong = code === 'died' || code === 'other' || !cases[names[i]!]!.says.test(text) || peakMegabytes > 1500;
    if (isWrong) wrong.push(`${names[i]} (${Math.round(peakMegabytes)} MB): ${text.slice(0, 1500)}`);
    expect(Math.max(...said.map((sentence) => sentence.length)), names[i]).toBeLessThan(3000);
  }
  expect(wrong).toEqual([]);
});
