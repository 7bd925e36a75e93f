// What is said, left out or refused before a run learns from labels or is measured by them.
import { copyFile, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { equalPictures } from '../../../src/core/dataset/equalPictures.ts';
import { checkLabels, mustHaveImages } from '../../../src/core/train/checkLabels.ts';
import { makeConfig } from '../../../src/core/train/config.ts';
import { measuredFindings } from '../../../src/core/train/measuredFindings.ts';
import { RunFolder, type RunLabels } from '../../../src/core/train/runFolder.ts';
import type { LabelledImage } from '../../../src/shared/labels.ts';
import { tinyLabels } from '../../support/tinyRun.ts';

let labels: RunLabels;
const made = async (count = 5): Promise<RunLabels> => (labels = await tinyLabels(count));
afterEach(() => rm(labels.imageRoot, { recursive: true, force: true }));

const keys = ({ findings }: Pick<RunLabels, 'findings'>): string[] =>
  findings.map(({ file, kind, said }) => `${file} ${kind} ${said?.key ?? ''}`);

/** The same image under another name, with a copy of its file. */
async function copyOf(image: LabelledImage, name: string): Promise<LabelledImage> {
  await copyFile(path.join(labels.imageRoot, image.path), path.join(labels.imageRoot, name));
  return { ...image, path: name };
}

describe('labels before training', () => {
  it('have nothing to say when all is well', async () => {
    const { train } = await made();
    expect(keys(await checkLabels({ ...labels, train: train.slice(2), val: train.slice(0, 2) }))).toEqual([]);
  });

  it('say images that are in train and val, and copies of one picture in both', async () => {
    const { train } = await made();
    const copy = await copyOf(train[2]!, 'copy.png');
    const checked = await checkLabels({ ...labels, train: train.slice(1), val: [train[0]!, train[1]!, copy] });
    expect(keys(checked)).toEqual(['1.png leak loss.inBoth', 'copy.png leak loss.leak']);
    expect(checked.findings[1]!.reason).toContain('the same picture as 2.png, in training and in validation');
  });

  it('say pictures that are twice in one part, and whether their labels agree', async () => {
    const { train } = await made();
    const same = await copyOf(train[2]!, 'same.png');
    const other = { ...(await copyOf(train[3]!, 'other.png')), annotations: [] };
    const checked = await checkLabels({ ...labels, train: [...train.slice(2), same, other] });
    expect(keys(checked)).toEqual([
      'same.png duplicate loss.equalPicture',
      'other.png conflict loss.equalPictureDiffers',
    ]);
  });

  it('leave out validation images that are gone, cut or no pictures, and say each', async () => {
    const { train } = await made(6);
    await rm(path.join(labels.imageRoot, '0.png'));
    await truncate(path.join(labels.imageRoot, '1.png'), 90);
    await writeFile(path.join(labels.imageRoot, '2.png'), 'no picture');
    const checked = await checkLabels({ ...labels, train: train.slice(4), val: train.slice(0, 4) });
    expect(checked.val?.map((image) => image.path)).toEqual(['3.png']);
    const unreadable = checked.findings.filter(({ kind }) => kind === 'unreadable').map(({ file }) => file);
    expect(unreadable).toEqual(['0.png', '1.png', '2.png']);
    const none = await checkLabels({ ...labels, train: train.slice(4), val: train.slice(0, 2) });
    expect(none.val).toBeNull();
    expect(keys(none)).toContain(' thin loss.noneReadable');
  });

  it('say a validation of which no box counts, and classes that can be neither learned nor measured', async () => {
    const { train, classes } = await made();
    const difficult = train.slice(0, 2).map((image) => ({
      ...image,
      annotations: image.annotations.map((a) => ({ ...a, ignore: true })),
    }));
    const checked = await checkLabels({
      ...labels,
      classes: [...classes, 'blue'],
      train: train.slice(2),
      val: difficult,
    });
    expect(keys(checked).sort()).toEqual([
      ' thin loss.classUnlearned',
      ' thin loss.classUnmeasured',
      ' thin loss.classUnmeasured',
      ' thin loss.classUnmeasured',
      ' thin loss.nothingCounts',
    ]);
  });

  it('stop where there is nothing to learn from, with the reason', async () => {
    await made();
    const marked = (mark: object): LabelledImage[] =>
      labels.train.map((image) => ({ ...image, annotations: image.annotations.map((a) => ({ ...a, ...mark })) }));
    const refusal = (train: LabelledImage[]) => () => mustHaveImages({ train });
    expect(refusal([])).toThrow(/no images/);
    expect(refusal(labels.train.map((image) => ({ ...image, annotations: [] })))).toThrow(
      /No training image has a box/,
    );
    for (const mark of [{ ignore: true }, { crowd: true }])
      expect(refusal(marked(mark))).toThrow(/All 5 boxes of the training images are difficult, crowds/);
    await expect(checkLabels({ ...labels, train: marked({ ignore: true }) })).rejects.toMatchObject({
      code: 'dataset-empty',
    });
  });

  it('keep what reading them found, and a run keeps all of it in a file', async () => {
    await made();
    const loss = { file: 'a.xml', kind: 'clipped' as const, reason: 'a box', said: null };
    const run = await RunFolder.create(path.join(labels.imageRoot, 'run'), makeConfig({}), {
      ...labels,
      findings: [loss],
    });
    await run.addFindings([loss, { ...loss, file: 'b.xml' }]);
    const opened = await RunFolder.open(run.root);
    expect(opened.labels.findings.map(({ file }) => file)).toEqual(['a.xml', 'b.xml']);
    expect(JSON.parse(await readFile(run.file('findings'), 'utf8'))).toMatchObject({ counts: { clipped: 2 } });
    await writeFile(run.file('findings'), '{"findings": [null, 3, {"file": 1}');
    expect((await RunFolder.open(run.root)).labels.findings).toEqual([]);
  });
});

describe('images to measure on', () => {
  it('are said where the model was trained on them, by path or by content', async () => {
    await made();
    const run = await RunFolder.create(path.join(labels.imageRoot, 'run'), makeConfig({}), {
      ...labels,
      train: labels.train.slice(3),
    });
    const copy = await copyOf(labels.train[3]!, 'copy.png');
    const measured = [labels.train[0]!, copy, labels.train[4]!];
    for (const model of [run.root, run.file('best')]) {
      const found = await measuredFindings(model, labels.imageRoot, measured);
      expect(found.map(({ file, kind }) => `${file} ${kind}`).sort()).toEqual(['4.png leak', 'copy.png leak']);
    }
    expect(await measuredFindings('coco-mobilenetv3', labels.imageRoot, measured)).toEqual([]);
  });
});

describe('equal pictures', () => {
  it('are found by content alone, also a missing file that is named twice', async () => {
    const root = await mkdtemp(path.join(os.tmpdir(), 'equal-'));
    const file = (name: string) => ({ file: path.join(root, name) });
    for (const [name, text] of [
      ['a', 'one'],
      ['b', 'two'],
      ['c', 'one'],
      ['d', 'three'],
      ['e', 'one'],
    ] as const)
      await writeFile(path.join(root, name), text);
    const groups = await equalPictures(['a', 'b', 'c', 'd', 'e'].map(file));
    expect(groups.map((group) => group.map((item) => path.basename(item.file)))).toEqual([['a', 'c', 'e']]);
    expect(await equalPictures([file('b'), file('b')])).toHaveLength(1);
    expect(await equalPictures(['gone', 'gone', 'lost'].map(file))).toEqual([]);
    await rm(root, { recursive: true });
  });
});
