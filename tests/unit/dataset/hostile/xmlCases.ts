// Hostile XML: VOC and CVAT.
import { many, one, type HostileCases } from './cases.ts';

const object = (name: string, x = '1'): string =>
  `<object><name>${name}</name><bndbox><xmin>${x}</xmin><ymin>1</ymin><xmax>9</xmax><ymax>9</ymax></bndbox></object>`;
const voc = (inside: string, before = ''): string =>
  `${before}<annotation><size><width>100</width><height>80</height></size>${inside}</annotation>`;
const cvat = (inside: string): string => `<annotations><version>1.1</version>${inside}</annotations>`;
const badXml = /annotation-invalid.*a\.xml, line 1: not valid XML/s;
const a = (text: string, says: RegExp) => one('a.xml', text, says, text.startsWith('<annotations>') ? 'cvat' : 'voc');
const unended = (start: string, more: string): string => `<annotation>${start}${more}`;

/** Pascal VOC. */
export const vocCases: HostileCases = {
  'document type without end': a(`<!DOCTYPE ${'a'.repeat(200_000)}<annotation>`, badXml),
  'subset of a document type without end': a(`<!DOCTYPE a [${'b'.repeat(200_000)}<annotation>`, badXml),
  'document types within each other': a(`${'<!DOCTYPE a['.repeat(20_000)}<annotation>`, badXml),
  'comment without end': a(unended('<!--', '-'.repeat(500_000)), badXml),
  'CDATA without end': a(unended('<![CDATA[', ']'.repeat(500_000)), badXml),
  'instruction without end': a(unended('<?', '?'.repeat(500_000)), badXml),
  'tag without end': a(unended('<', 'n'.repeat(500_000)), badXml),
  'attributes without end': a(unended('<a', ' x="1"'.repeat(50_000)), badXml),
  'attribute name without end': a(unended('<a ', 'n'.repeat(500_000)), badXml),
  'attribute value without end': a(unended('<a b="', 'n'.repeat(500_000)), badXml),
  'spaces in a tag': a(unended('<a', ' '.repeat(500_000)), badXml),
  'spaces before an equals sign': a(unended('<a b', ' '.repeat(500_000)), badXml),
  'a million elements within each other': a(
    '<annotation>'.repeat(1_000_000),
    /a\.xml: its parts lie within each other/,
  ),
  'a million elements side by side': a(voc('<x/>'.repeat(1_000_000)), /0 boxes/),
  'entities that double ten times': a(
    voc(
      object('&e9;'),
      `<!DOCTYPE a [<!ENTITY e0 "ha">${many(9, (i) => `<!ENTITY e${i + 1} "&e${i};&e${i};&e${i};">`)}]>`,
    ),
    /1 boxes, 1 classes/,
  ),
  'an entity that names a file': a(
    voc(object('&e;'), '<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]>'),
    /1 boxes/,
  ),
  'half references': a(voc(object('&#'.repeat(50) + '1'.repeat(100))), /1 boxes/),
  'a million ampersands': a(voc(`<folder>${'&'.repeat(1_000_000)}&#${'1'.repeat(1_000_000)}</folder>`), /0 boxes/),
  'a number of ten million digits': a(voc(object('cat', '1'.repeat(10_000_000))), /corner that is not a number/),
  'a number of a thousand digits': a(voc(object('cat', `1.${'1'.repeat(1000)}`)), /corner that is not a number/),
  'a size of ten million digits': a(
    `<annotation><size><width>${'1'.repeat(10_000_000)}</width><height>80</height></size>${object('cat')}</annotation>`,
    /1 boxes/,
  ),
  'exponent of 999': a(voc(object('cat', '1e999')), /corner that is not a number/),
  'a class name of a million letters': a(
    voc(object('n'.repeat(1_000_000))),
    /"n+…" has a name of 1,000,000 characters/,
  ),
  'twelve thousand classes': a(voc(many(12_000, (i) => object(`c${i}`))), /names more than 10,000 classes/),
  'twenty thousand boxes on one picture': a(voc(object('cat').repeat(20_000)), /20000 boxes|duplicate/),
  'a list of ten thousand splits': {
    files: {
      'Annotations/a.xml': voc(object('cat')),
      ...Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`ImageSets/Main/s${i}.txt`, 'a\n'])),
    },
    says: /is in more than 100 splits/,
  },
  'spaces in a list': {
    files: { 'Annotations/a.xml': voc(object('cat')), 'ImageSets/Main/train.txt': `a${' '.repeat(200_000)}b\n` },
    says: /missing-annotation/,
  },
};

/** CVAT for images. */
export const cvatCases: HostileCases = {
  'image tags without end': a(cvat('<image "'.repeat(100_000)), /not valid XML/),
  'a hundred thousand pictures that are not there': a(
    cvat(many(100_000, (i) => `<image name="x${i}.png"/>`)),
    /dataset-empty.*x0\.png/s,
  ),
  'twelve thousand labels': a(
    cvat(
      `<meta><task><labels>${many(12_000, (i) => `<label><name>c${i}</name></label>`)}</labels></task></meta>` +
        '<image name="a.png" width="100" height="80"/>',
    ),
    /names more than 10,000 classes/,
  ),
  'a polygon of a million points': a(
    cvat(
      '<image name="a.png" width="100" height="80">' +
        `<polygon label="cat" points="${many(1_000_000, (i) => `${i % 99},${i % 79}`, ';')}"/></image>`,
    ),
    /1 boxes/,
  ),
  'a path of 100,000 slashes': a(cvat(`<image name="${'a/'.repeat(100_000)}b.png"/>`), /dataset-empty/),
  'elements within each other in a picture': a(
    cvat(`<image name="a.png" width="100" height="80">${'<box>'.repeat(200_000)}`),
    /its parts lie within each other/,
  ),
};
