// Text comes back from a project as it went in, or is refused with a sentence: NUL and halves of surrogate pairs, in every call and every reader.
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { expect, it, test } from 'vitest';
import { openDataset } from '../../../src/core/dataset/openDataset.ts';
import { parseXml } from '../../../src/core/dataset/xml.ts';
import { openModel } from '../../../src/core/model/openModel.ts';
import { networkNamed } from '../../../src/core/ttfnet/networks/table.ts';
import { isStorable, storable } from '../../../src/shared/storableText.ts';
import { ann, newFolder, newProject, square } from './support.ts';

const odd = ['cat\0dog', 'cat\ud800', '\udc00'];

it.each(odd)('refuses %j wherever a name goes, and changes nothing', (text) => {
  const p = newProject();
  const refusal = /holds a character that can't be kept/;
  const box = { type: 'add' as const, id: text, classId: 1, box: square(5) };
  expect(() => p.addClasses(ann, [{ name: text }])).toThrow(refusal);
  expect(() => p.updateClass(ann, 1, { name: text })).toThrow(refusal);
  expect(() => p.edit(ann, [{ image: 1, ops: [box] }], { action: 'draw' })).toThrow(refusal);
  expect(() => p.rename(text)).toThrow(refusal);
  expect(() => p.checkpoint(ann, text)).toThrow(refusal);
  expect(() => p.startRun({ name: text, config: {} })).toThrow(refusal);
  expect(() => p.addImages([{ path: `${text}.jpg` }])).toThrow(refusal);
  expect([p.classes().map(({ name }) => name), p.boxes(1), p.runs(), p.counts().images]).toEqual([
    ['cat', 'dog'],
    [],
    [],
    3,
  ]);
});

test('any other text comes back as it is', () => {
  const p = newProject();
  fc.assert(
    fc.property(fc.string({ unit: 'binary', minLength: 1 }), (text) => {
      if (isStorable(text)) p.rename(text);
      else expect(() => p.rename(text)).toThrow(/can't be kept/);
      if (isStorable(text)) expect(p.name).toBe(text);
      expect(isStorable(storable(text))).toBe(true);
    }),
    { numRuns: 100 },
  );
});

it('reads classes with such names under others, and says so', async () => {
  const folder = newFolder();
  mkdirSync(path.join(folder, 'images'));
  writeFileSync(path.join(folder, 'images', 'a.jpg'), '');
  const categories = odd.map((name, i) => ({ id: i + 1, name }));
  const images = [{ id: 1, file_name: 'a.jpg', width: 100, height: 80 }];
  const annotations = categories.map(({ id }) => ({
    id,
    image_id: 1,
    category_id: id,
    bbox: [1, 1, 9, 9],
    area: 81,
    iscrowd: 0,
  }));
  writeFileSync(path.join(folder, 'instances.json'), JSON.stringify({ categories, images, annotations }));
  const readSize = () => Promise.resolve({ width: 100, height: 80 });
  const { dataset, report } = await openDataset(folder, { readSize, fractions: null });
  expect(dataset.classes).toEqual(['cat\ufffddog', 'cat\ufffd', '\ufffd']);
  expect(report.losses.filter(({ kind }) => kind === 'renamed').map(({ reason }) => reason)).toEqual([
    expect.stringContaining('cat\\u0000dog'),
    expect.stringContaining('cat\\ud800'),
    expect.stringContaining('\\udc00'),
  ]);
});

test('names that every object knows are names like others', async () => {
  expect(parseXml('<a>&constructor;&__proto__;</a>', 'a.xml').text).toBe('&constructor;&__proto__;');
  expect(() => networkNamed('constructor')).toThrow(/There is no network "constructor"/);
  for (const name of ['constructor', '__proto__', 'toString'])
    await expect(openModel(name)).rejects.toMatchObject({ code: 'file-missing' });
});
