// YOLO as people have it: class lists that disagree, several descriptions, lines of other tools, label files that several images could own.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { opened } from './helpers.ts';

const box = '0.5 0.5 0.2 0.25';
const whole = { x1: 40, y1: 30, x2: 60, y2: 50 };

describe('class lists', () => {
  it('the list beside the labels holds for them; a list elsewhere that disagrees is said', async () => {
    const { labels, classes, losses } = await opened({
      'a/1.jpg': '100x80',
      'a/1.txt': `0 ${box}`,
      'a/classes.txt': 'alfa\nbeta\ngamma\n',
      'b/2.jpg': '100x80',
      'b/2.txt': `0 ${box}`,
      'b/classes.txt': 'gamma\nalfa\nbeta\n',
    });
    expect(labels).toEqual({ 'a/1.jpg': ['alfa 40 30 60 50'], 'b/2.jpg': ['gamma 40 30 60 50'] });
    expect(classes).toEqual(['alfa', 'beta', 'gamma']);
    expect(losses).toEqual([
      'conflict b/classes.txt: names the classes otherwise than a/classes.txt; each holds for the labels of its own folder',
    ]);
  });

  it('a list that only goes on behind the end of another agrees with it', async () => {
    const { losses } = await opened({
      'a/1.jpg': '100x80',
      'a/1.txt': `0 ${box}`,
      'a/classes.txt': 'cat\n',
      'b/2.jpg': '100x80',
      'b/2.txt': `1 ${box}`,
      'b/classes.txt': 'cat\ndog\n',
    });
    expect(losses).toEqual([]);
  });

  it('the data.yaml whose images are here holds; the one of another dataset is said', async () => {
    const { labels, splits, losses } = await opened({
      'images/a.jpg': '100x80',
      'labels/a.txt': `0 ${box}`,
      'coco128.yaml':
        'path: ../datasets/coco128\ntrain: images/train2017\nval: images/train2017\nnames: {0: person, 1: bicycle}\n',
      'data.yaml': 'path: .\ntrain: images\nval: images\nnames: [cat, dog]\n',
    });
    expect(labels).toEqual({ 'a.jpg': ['cat 40 30 60 50'] });
    expect(splits).toEqual({ 'a.jpg': ['train', 'val'] });
    expect(losses).toEqual(['conflict coco128.yaml: names the classes otherwise than data.yaml, which is used']);
  });

  it('each dataset in a folder has its own data.yaml', async () => {
    const { labels, splits } = await opened({
      'one/images/a.jpg': '100x80',
      'one/labels/a.txt': `0 ${box}`,
      'one/data.yaml': 'train: images\nnames: [cat]\n',
      'two/images/b.jpg': '100x80',
      'two/labels/b.txt': `0 ${box}`,
      'two/data.yaml': 'val: images\nnames: [dog]\n',
    });
    expect(labels).toEqual({ 'one/images/a.jpg': ['cat 40 30 60 50'], 'two/images/b.jpg': ['dog 40 30 60 50'] });
    expect(splits).toEqual({ 'one/images/a.jpg': ['train'], 'two/images/b.jpg': ['val'] });
  });

  it('a blank line in classes.txt is an id without a name', async () => {
    const { labels, losses } = await opened({
      'a.jpg': '100x80',
      'a.txt': `0 ${box}\n2 0.6 0.5 0.2 0.25\n`,
      'b.jpg': '100x80',
      'b.txt': `1 ${box}`,
      'classes.txt': 'cat\n\ndog\nbird\n\n',
    });
    expect(labels).toEqual({ 'a.jpg': ['cat 40 30 60 50', 'dog 50 30 70 50'] });
    expect(losses).toEqual([
      'guessed classes.txt: line 2 is blank: id 1 has no name, and the names behind it keep their numbers',
      'unknown-class b.txt: line 1 has class 1, which classes.txt does not name',
      expect.stringMatching(/^unreadable b\.jpg: a part of its labels in b\.txt/),
    ]);
  });

  it('an id that data.yaml passes over is no class: its images are left out', async () => {
    const { labels, classes, losses } = await opened({
      'images/a.jpg': '100x80',
      'labels/a.txt': `2 ${box}`,
      'images/b.jpg': '100x80',
      'labels/b.txt': `0 ${box}\n1 ${box}`,
      'data.yaml': 'nc: 2\nnames:\n  0: cat\n  2: dog\n',
    });
    expect(labels).toEqual({ 'a.jpg': ['dog 40 30 60 50'] });
    expect(classes).toEqual(['cat', 'dog']);
    expect(losses.map((loss) => loss.split(':')[0])).toEqual([
      'conflict data.yaml',
      'unknown-class labels/b.txt',
      'unreadable images/b.jpg',
    ]);
  });
});

describe('lines', () => {
  const one = async (lines: string, yaml = 'names: [cat, dog]\n') => {
    const { labels, losses } = await opened({
      'a.jpg': '100x80',
      'a.txt': lines,
      'z.jpg': '100x80',
      'z.txt': '',
      'data.yaml': yaml,
    });
    return { boxes: labels['a.jpg'], losses };
  };

  it('with a score, with a score and a track: the box; scores and tracks are said', async () => {
    const { boxes, losses } = await one(`0 ${box} 0.91 7\n1 0.2 0.375 0.2 0.25 0.88\n`);
    expect(boxes).toEqual(['cat 40 30 60 50', 'dog 10 20 30 40']);
    expect(losses).toEqual([
      'guessed a.txt: these labels have scores, as detections of a model do: perhaps nobody has checked them',
      "detail-lost a.txt: 2 objects have a score, which a box can't hold; the box is kept",
      "detail-lost a.txt: 1 object has a track, which a box can't hold; the box is kept",
    ]);
  });

  it('with keypoints: the box, when there are as many as data.yaml says', async () => {
    const yaml = 'kpt_shape: [2, 3]\nnames: [cat]\n';
    const { boxes, losses } = await one(`0 ${box} .1 .1 2 .2 .2 0`, yaml);
    expect(boxes).toEqual(['cat 40 30 60 50']);
    expect(losses).toEqual(["detail-lost a.txt: 1 object has keypoints, which a box can't hold; the box is kept"]);
    expect((await one(`0 ${box} .1 .1 2`, yaml)).boxes).toBeUndefined();
  });

  it('polygons, turned boxes and triangles: the enclosing box', async () => {
    const { boxes, losses } = await one('0 .1 .1 .3 .1 .3 .3 .1 .3\n1 .1 .5 .3 .5 .2 .75\n');
    expect(boxes).toEqual(['cat 10 8 30 24', 'dog 10 40 30 60']);
    expect(losses.map((loss) => loss.split(':')[0])).toEqual(['converted a.txt', 'converted a.txt']);
  });

  it('doubled: one is kept; the same box of another class is another label', async () => {
    const { boxes, losses } = await one(`0 ${box}\n1 ${box}\n0 ${box}\n`);
    expect(boxes).toEqual(['cat 40 30 60 50', 'dog 40 30 60 50']);
    expect(losses).toEqual(['duplicate a.txt: box (40, 30, 60, 50) of "cat" is there twice; one is kept']);
  });

  it.each([
    ['decimal commas', '0 0,5 0,5 0,2 0,25'],
    ['pixels', '0 50 40 20 20'],
    ['too few numbers', '0 0.5 0.5 0.2'],
    ['no number', `0 ${box.replace('0.2 ', 'nan ')}`],
    ['a class below zero', `-1 ${box}`],
    ['an unknown class', `7 ${box}`],
    ['a number behind the box that is no score', `0 ${box} -1.57`],
    ['half a point', '0 .1 .1 .3 .1 .3 .3 7'],
  ])('that hold %s: the image is left out and said, in whole and in part', async (_, bad) => {
    for (const lines of [bad, `0 ${box}\n${bad}\n`, `${bad}\n0 ${box}`]) {
      const { boxes, losses } = await one(lines);
      expect(boxes).toBeUndefined();
      expect(losses.at(-1)).toMatch(/^unreadable a\.jpg: a part of its labels in a\.txt can't be read; left out/);
    }
  });

  it('whatever stands in a label file, the image is background only if there is nothing', async () => {
    const word = fc.oneof(
      fc.constantFrom('0', '1', '9', '0.5', '.2', '1e3', 'nan', '0,5', '-1', 'x', '#'),
      fc.string({ maxLength: 3 }),
    );
    const line = fc.array(word, { maxLength: 8 }).map((words) => words.join(' '));
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 4 }), async (lines) => {
        const { boxes, losses } = await one(lines.join('\n'));
        if (boxes?.length === 0 && lines.some((text) => text.trim() !== '')) expect(losses).not.toEqual([]);
        if (boxes === undefined) expect(losses.some((loss) => loss.includes('a.jpg'))).toBe(true);
      }),
      { numRuns: 60 },
    );
  });
});

describe('whose a label file is', () => {
  it.each([
    ['images/labels in the dataset', 'images/x/1.jpg', 'labels/x/1.txt'],
    ['split first', 'train/images/1.jpg', 'train/labels/1.txt'],
    ['deep', 'a/images/b/images/1.jpg', 'a/images/b/labels/1.txt'],
    ['the outer of two image folders', 'a/images/b/images/1.jpg', 'a/labels/b/images/1.txt'],
    ['beside', 'x/1.jpg', 'x/1.txt'],
    ['in labels/ by name', 'images/x/1.jpg', 'labels/1.txt'],
    ['in another case', 'images/IMG_1.JPG', 'labels/img_1.TXT'],
    ['in another normal form', 'images/cafe\u0301.jpg', 'labels/caf\u00e9.txt'],
  ])('%s', async (_, image, file) => {
    const { labels } = await opened({ [image]: '100x80', [file]: `0 ${box}`, 'data.yaml': 'names: [cat]' });
    expect(Object.values(labels)).toEqual([['cat 40 30 60 50']]);
  });

  it('two images that it could belong to: neither gets it, and it is said', async () => {
    for (const [one, other, file] of [
      ['images/a/1.jpg', 'images/b/1.jpg', 'labels/1.txt'],
      ['images/1.jpg', 'images/1.png', 'labels/1.txt'],
      ['1.jpg', '1.PNG', '1.txt'],
    ] as const) {
      const { labels, losses } = await opened({
        ...{ [one]: '100x80', [other]: '100x80', [file]: `0 ${box}` },
        ...{ 'images/z.jpg': '100x80', 'labels/z.txt': '', 'data.yaml': 'names: [cat]' },
      });
      expect(Object.keys(labels)).toHaveLength(1);
      expect(losses.filter((loss) => loss.startsWith('ambiguous'))).toHaveLength(2);
      expect(losses.join('\n')).toContain(file);
    }
  });

  it('the image whose path it mirrors has it, one of the same name elsewhere has not', async () => {
    const { labels, losses } = await opened({
      ...{ 'images/1.jpg': '100x80', 'images/sub/1.jpg': '100x80', 'labels/1.txt': `0 ${box}` },
      'data.yaml': 'names: [cat]',
    });
    expect(labels).toEqual({ '1.jpg': ['cat 40 30 60 50'] });
    expect(losses[0]).toMatch(/^missing-annotation images\/sub\/1\.jpg/);
  });

  it('a list that names a folder that is not there: missing, never another folder with such an image', async () => {
    const { splits, losses } = await opened({
      ...{ 'images/b/1.jpg': '100x80', 'labels/b/1.txt': `0 ${box}` },
      ...{ 'train.txt': 'images/a/1.jpg\n', 'val.txt': 'images/b/1.jpg\n' },
      'data.yaml': 'train: train.txt\nval: val.txt\nnames: [cat]\n',
    });
    expect(Object.values(splits)).toEqual([['val']]);
    expect(losses.join('\n')).toMatch(/missing-image train\.txt: lists images\/a\/1\.jpg/);
  });
});

it('no image ever gets labels that another mirrors better', async () => {
  const folders = fc.constantFrom('', 'a/', 'b/', 'a/b/');
  const file = fc.tuple(folders, fc.constantFrom('1', '2'), fc.constantFrom('.jpg', '.png'));
  const note = fc.tuple(folders, fc.constantFrom('1', '2'));
  const unique = { maxLength: 6, selector: (parts: readonly string[]) => parts.join('') };
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(file, unique), fc.uniqueArray(note, unique), async (images, notes) => {
      const tree: Record<string, string> = {
        'data.yaml': 'names: [cat]',
        'images/z.jpg': '100x80',
        'labels/z.txt': '',
      };
      for (const [folder, stem, ending] of images) tree[`images/${folder}${stem}${ending}`] = '100x80';
      notes.forEach(([folder, stem], n) => (tree[`labels/${folder}${stem}.txt`] = `0 0.5 0.5 ${(n + 1) / 100} 0.25`));
      const { labels, losses } = await opened(tree);
      for (const [folder, stem, ending] of images) {
        const name = `${folder}${stem}${ending}`;
        const own = notes.findIndex(([at, noted]) => at === folder && noted === stem);
        const got = labels[name]?.length ?? -1;
        const twin = images.some(([at, other, end]) => at === folder && other === stem && end !== ending);
        if (got < 0) expect(losses.some((loss) => loss.includes(`images/${name}`))).toBe(true);
        else if (own >= 0) expect(labels[name]).toEqual([`cat ${50 - (own + 1) / 2} 30 ${50 + (own + 1) / 2} 50`]);
        if (own >= 0) expect(got < 0).toBe(twin);
      }
    }),
    { numRuns: 60 },
  );
});

it('boxes are read to the pixel', async () => {
  const { labels } = await opened({ 'a.jpg': '100x80', 'a.txt': `0 ${box}`, 'classes.txt': 'cat' });
  expect(labels['a.jpg']).toEqual([`cat ${Object.values(whole).join(' ')}`]);
});

it('a folder that is not there is named as data.yaml has it', async () => {
  const { losses } = await opened({
    'train/images/a.jpg': '100x80',
    'train/labels/a.txt': `0 ${box}`,
    'data.yaml': 'train: ../train/images\nval: ../valid/images\ntest: ../test.txt\nnames: [cat]\n',
  });
  expect(losses).toEqual([
    'missing-image data.yaml: split val: no images at ../valid/images',
    'missing-image data.yaml: split test: no images at ../test.txt',
  ]);
});
