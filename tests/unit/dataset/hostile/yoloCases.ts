// Hostile YOLO: data.yaml, lists and label files.
import { many, one, type HostileCase, type HostileCases } from './cases.ts';

const row = '0 0.5 0.5 0.2 0.2\n';
const yaml = (text: string, says: RegExp): HostileCase => ({ files: { 'data.yaml': text, 'a.txt': row }, says });
const labels = (text: string, says: RegExp): HostileCase => one('a.txt', text, says, 'yolo');
const levels = many(
  9,
  (i) => `l${i + 1}: &l${i + 1} [*l${i},*l${i},*l${i},*l${i},*l${i},*l${i},*l${i},*l${i},*l${i}]\n`,
);

/** YOLO. */
export const yoloCases: HostileCases = {
  'aliases that multiply ten times': yaml(
    `l0: &l0 [ha, ha]\n${levels}names: *l9\n`,
    /data\.yaml, line \d+: uses an alias/,
  ),
  'one alias': yaml('x: &n [cat]\nnames: *n\n', /uses an alias/),
  'a merge of aliases': yaml('x: &n {0: cat}\nnames:\n  <<: *n\n', /uses an alias/),
  'a hundred thousand anchors': yaml(`x: [${many(100_000, (i) => `&a${i} 1`, ', ')}]\nnames: [cat]\n`, /1 boxes/),
  'names with a gap of a million': yaml(
    'names:\n  0: cat\n  999999: dog\n',
    /data\.yaml: names more than 10,000 classes/,
  ),
  'a name of number 1e20': yaml(`names: {0: cat, 1${'0'.repeat(20)}: dog}\n`, /names more than 10,000 classes/),
  'a name of a number of a million digits': yaml(
    `names: {0: cat, ? ${'9'.repeat(1_000_000)} : dog}\n`,
    /annotation-invalid|names more than/,
  ),
  'twelve thousand names': yaml(`names: [${many(12_000, (i) => `c${i}`, ', ')}]\n`, /names more than 10,000 classes/),
  'ten thousand times the same name': yaml(`names: [${many(10_000, () => 'cat', ', ')}]\n`, /1 boxes, 10000 classes/),
  'a class name of a million letters': yaml(
    `names: [${'n'.repeat(1_000_000)}]\n`,
    /has a name of 1,000,000 characters/,
  ),
  'names within each other': yaml(`names: ${'['.repeat(100_000)}`, /its parts lie within each other/),
  'indented a thousand times': yaml(
    many(1000, (i) => `${' '.repeat(i)}a:\n`),
    /its parts lie within each other/,
  ),
  'a split of 40,000 slashes': yaml(`names: [cat]\ntrain: ${'a/'.repeat(40_000)}\n`, /missing-image.*split train/),
  'a path of 100,000 slashes': yaml(`names: [cat]\npath: ${'a/'.repeat(100_000)}\ntrain: images\n`, /1 boxes/),
  'twenty thousand places of a split': yaml(
    `names: [cat]\ntrain: [${many(20_000, (i) => `f${i}/g`, ', ')}]\n`,
    /no images at/,
  ),
  'ten thousand splits': yaml(`names: [cat]\n${many(10_000, (i) => `s${i}: [x${i}.txt]\n`)}`, /s0|x0/),
  'a scalar of ten megabytes': yaml(`x: ${'a'.repeat(10_000_000)}\nnames: [cat]\n`, /1 boxes/),
  'a block of ten megabytes': yaml(`names: [cat]\nx: |\n${'  a\n'.repeat(2_000_000)}`, /1 boxes/),
  'a function as a tag': yaml('names: !!js/function "function () { process.exit(1); }"\n', /./),
  'ten thousand equal keys': yaml(`${'a: 1\n'.repeat(10_000)}names: [cat]\n`, /not valid YAML/),
  'a flow without end': yaml(`names: [cat, ${'{a: '.repeat(50)}${'b, '.repeat(200_000)}`, /not valid YAML/),
  'quotes without end': yaml(`names: ["${'\\'.repeat(500_000)}`, /not valid YAML/),
  'class 100000000 without a list': labels('100000000 .5 .5 .2 .2\n', /line 1 has class 100000000/),
  'class 4294967295 without a list': labels('4294967295 .5 .5 .2 .2\n', /line 1 has class 4294967295/),
  'class 1e300 without a list': {
    files: { 'a.txt': '1e300 .5 .5 .2 .2\n', 'classes.txt': 'cat\n' },
    says: /line 1/,
    format: 'yolo',
  },
  'class 9999 without a list': labels('9999 .5 .5 .2 .2\n', /1 boxes, 10000 classes/),
  'a coordinate of ten million digits': labels(`0 0.${'1'.repeat(10_000_000)} .5 .2 .2\n${row}`, /line 1/),
  'a coordinate of 1e-999': labels('0 1e-999 .5 .2 .2\n', /boxes/),
  'a class of ten million digits': labels(`${row}${'1'.repeat(10_000_000)} .5 .5 .2 .2\n`, /line 2/),
  'a hundred thousand broken lines': labels(row + 'x y z\n'.repeat(100_000), /line 2 is no label/),
  'a polygon of 400,000 points': labels(`${row}0 ${'0.1 0.2 '.repeat(400_000)}\n`, /polygon/),
  'whole numbers and a word behind them': labels(`0 ${'640 '.repeat(200)}x\n`, /./),
  'a line of a million spaces': labels(`${row}${' '.repeat(1_000_000)}x\n`, /line 2/),
  'a list of 20,000 pictures that are not there': {
    files: { 'train.txt': many(20_000, (i) => `x${i}.png\n`), 'a.txt': row, 'classes.txt': 'cat\n' },
    says: /lists x0\.png/,
  },
  'a list with 100,000 slashes': {
    files: { 'train.txt': `${'a/'.repeat(100_000)}b.png\n`, 'a.txt': row, 'classes.txt': 'cat\n' },
    says: /lists (a\/)+…/,
  },
  'classes.txt of twelve thousand lines': {
    files: { 'classes.txt': many(12_000, (i) => `c${i}\n`), 'a.txt': row },
    says: /classes\.txt: names more than 10,000 classes/,
  },
};
