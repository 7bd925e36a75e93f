// CVAT's tracks, Label Studio, Create ML; exports that are recognised but not read; details that no box can hold; two formats in one folder.
import { describe, expect, it } from 'vitest';
import { openDataset, streamDataset } from '../../../src/core/dataset/openDataset.ts';
import { readSize, tempFolder, writeTree } from './helpers.ts';

async function read(tree: Record<string, string>) {
  const folder = await tempFolder();
  await writeTree(folder, tree);
  const { dataset, report, format } = await openDataset(folder, { readSize, fractions: null });
  const boxes = dataset.images.map((image): [string, string[]] => [
    image.path,
    image.annotations.map(
      ({ classId, box }) =>
        `${dataset.classes[classId]} ${[box.x1, box.y1, box.x2, box.y2].map((v) => Math.round(v * 100) / 100).join()}`,
    ),
  ]);
  const losses = report.losses.map(({ kind, file }) => `${kind} ${file}`);
  return { folder, format, boxes: Object.fromEntries(boxes), losses, report };
}

const image = { 'a.jpg': '100x80' };
const right = 'cat 10,20,30,40';

describe('CVAT’s tracks', () => {
  const frames = (...numbers: number[]) =>
    Object.fromEntries(numbers.map((n) => [`images/frame_${String(n).padStart(6, '0')}.PNG`, '100x80']));
  const box = (frame: number, x: number, outside = 0) =>
    `<box frame="${frame}" keyframe="1" outside="${outside}" occluded="0" xtl="${x}" ytl="20" xbr="${x + 20}" ybr="40"></box>`;
  const video = (tracks: string, size = 4) =>
    `<annotations><version>1.1</version><meta><task><size>${size}</size><labels><label><name>cat</name></label></labels><original_size><width>100</width><height>80</height></original_size></task></meta>${tracks}</annotations>`;

  it('are read frame by frame; frames between two listed ones get the box between theirs, frames without an object hold nothing', async () => {
    const track = `<track id="0" label="cat">${box(0, 10)}${box(2, 14, 1)}</track>`;
    const { boxes, losses } = await read({ ...frames(0, 1, 2, 3), 'c.xml': video(track) });
    expect(boxes).toEqual({
      'frame_000000.PNG': [right],
      'frame_000001.PNG': ['cat 12,20,32,40'],
      'frame_000002.PNG': [],
      'frame_000003.PNG': [],
    });
    expect(losses).toEqual(['guessed c.xml', 'detail-lost c.xml']);
  });

  it('report frames that are missing, and leave out frames with a box that cannot be read', async () => {
    const track = `<track id="0" label="cat">${box(0, 10)}${box(1, NaN)}</track><track id="1" label="cat">${box(2, 10)}</track>`;
    const { boxes, losses } = await read({ ...frames(0, 1), 'c.xml': video(track, 3) });
    expect(boxes).toEqual({ 'frame_000000.PNG': [right] });
    expect(losses).toContain('missing-image frame_000002');
    expect(losses).toContain('unreadable images/frame_000001.PNG');
  });

  it('that cannot be parsed leave all frames out: any may lack a box', async () => {
    const tracks = `<track id="0" label="cat">${box(0, 10)}</track><track id="1" label="cat"><box></track>`;
    await expect(read({ ...frames(0), 'c.xml': video(tracks, 1) })).rejects.toMatchObject({ code: 'dataset-empty' });
  });
});

describe('Label Studio', () => {
  const region = (value: object, type = 'rectanglelabels') => ({
    ...{ original_width: 100, original_height: 80, type },
    value: { rotation: 0, [type]: ['cat'], ...value },
  });
  const task = (name: string, ...result: object[]) => ({ data: { image: name }, annotations: [{ result }] });
  const box = { x: 10, y: 25, width: 20, height: 25 };

  it.each([
    ['an upload', '/data/upload/1/0a1b2c3d-a.jpg'],
    ['local files', '/data/local-files/?d=set/a.jpg'],
    ['an address', 'https://example.org/set/a.jpg?x=1'],
  ])('is read, the image given as %s', async (_, name) => {
    const { format, boxes } = await read({ ...image, 'project.json': JSON.stringify([task(name, region(box))]) });
    expect([format, boxes]).toEqual(['labelstudio', { 'a.jpg': [right] }]);
  });

  it('encloses polygons, ellipses and turned boxes, counts keypoints, and leaves out what nobody has labelled', async () => {
    const turned = region({ x: 50, y: 50, width: 10, height: 25, rotation: 90 });
    const polygon = region({ points: [[10, 25], [30, 25], [30, 50]] }, 'polygonlabels'); // prettier-ignore
    const ellipse = region({ x: 20, y: 37.5, radiusX: 10, radiusY: 12.5 }, 'ellipselabels');
    const point = region({ x: 1, y: 1, width: 1 }, 'keypointlabels');
    const tasks = [task('a.jpg', turned, polygon, ellipse, point), { data: { image: 'b.jpg' }, annotations: [] }];
    const { boxes, losses } = await read({ ...image, 'b.jpg': '100x80', 'p.json': JSON.stringify(tasks) });
    expect(boxes).toEqual({ 'a.jpg': ['cat 30,40,50,50', right] });
    expect(losses.sort()).toEqual([
      ...['converted p.json', 'converted p.json', 'converted p.json'],
      ...['detail-lost p.json', 'duplicate p.json', 'missing-annotation b.jpg'],
    ]);
  });

  it('says when several people labelled an image differently; the short form is read as well', async () => {
    const two = { ...task('a.jpg', region(box)), annotations: [{ result: [region(box)] }, { result: [] }] };
    const { boxes, losses } = await read({ ...image, 'p.json': JSON.stringify([two]) });
    expect(boxes).toEqual({ 'a.jpg': [right] });
    expect(losses).toContain('conflict a.jpg');
    const short = [
      {
        id: 1,
        image: 'a.jpg',
        label: [{ ...box, rectanglelabels: ['cat'], original_width: 100, original_height: 80 }],
      },
    ];
    expect((await read({ ...image, 'p.json': JSON.stringify(short) })).boxes).toEqual({ 'a.jpg': [right] });
  });
});

it('Create ML is read: boxes by their centre', async () => {
  const entry = {
    image: 'a.jpg',
    annotations: [{ label: 'cat', coordinates: { x: 20, y: 30, width: 20, height: 20 } }],
  };
  const { format, boxes, losses } = await read({ ...image, '_annotations.createml.json': JSON.stringify([entry]) });
  expect([format, boxes, losses]).toEqual(['createml', { 'a.jpg': [right] }, []]);
});

describe('exports that are not read', () => {
  it.each([
    ['VIA', { 'a.jpg1': { filename: 'a.jpg', regions: [{ shape_attributes: { name: 'rect' } }] } }],
    ['Supervisely', { size: { height: 80, width: 100 }, objects: [{ classTitle: 'cat', geometryType: 'rectangle' }] }],
    ['VoTT', { asset: { format: 'jpg', name: 'a.jpg' }, regions: [{ id: 'r', type: 'RECTANGLE' }] }],
    ['Labelbox', [{ data_row: { id: 'x' }, projects: {} }]],
    ['results of a detector', [{ image_id: 1, category_id: 1, bbox: [1, 2, 3, 4], score: 0.5 }]],
  ])('are called what they are: %s', async (what, content) => {
    const folder = await tempFolder();
    await writeTree(folder, { ...image, 'x.json': JSON.stringify(content) });
    const opening = openDataset(folder, { readSize });
    await expect(opening).rejects.toMatchObject({ code: 'dataset-format-unknown' });
    await expect(opening).rejects.toThrow(new RegExp(`x\\.json .*${what}`));
  });
});

const vocObject = (inner: string) =>
  `<annotation><filename>a.jpg</filename><object><name>cat</name><bndbox><xmin>11</xmin><ymin>21</ymin><xmax>30</xmax><ymax>40</ymax></bndbox>${inner}</object></annotation>`;

describe('what a box cannot hold is counted, each kind once', () => {
  it.each([
    [
      'voc',
      'a.xml',
      vocObject('<pose>Left</pose><truncated>1</truncated><occluded>1</occluded><part><name>head</name></part>'),
      4,
    ],
    [
      'cvat',
      'c.xml',
      '<annotations><image id="0" name="a.jpg" width="100" height="80"><box label="cat" occluded="1" xtl="10" ytl="20" xbr="30" ybr="40" group_id="3"><attribute name="colour">red</attribute></box><points label="cat" points="1,1"/></image></annotations>',
      4,
    ],
    [
      'labelme',
      'a.json',
      JSON.stringify({
        imagePath: 'a.jpg',
        shapes: [
          { label: 'cat', points: [[10, 20], [30, 40]], shape_type: 'rectangle', group_id: 1, description: 'red' }, // prettier-ignore
          { label: 'eye', points: [[1, 1]], shape_type: 'point' },
        ],
      }),
      3,
    ],
  ])('%s', async (_, file, content, kinds) => {
    const { boxes, report } = await read({ ...image, [file]: content });
    expect(boxes).toEqual({ 'a.jpg': [right] });
    expect(report.losses.map(({ kind }) => kind)).toEqual(Array(kinds).fill('detail-lost'));
  });
});

describe('two formats in one folder', () => {
  const yolo = (line: string) => ({ 'classes.txt': 'cat\n', 'a.txt': line });

  it('that say different things are told, with the one that is used, in both ways of reading', async () => {
    const tree = { ...image, 'a.xml': vocObject(''), ...yolo('0 0.7 0.7 0.2 0.2\n') };
    const { folder, format, report } = await read(tree);
    expect(format).toBe('voc');
    expect(report.losses.filter(({ kind }) => kind === 'conflict').map(({ reason }) => reason)).toEqual([
      'can also be read as YOLO, which says otherwise of 1 of 1 images; Pascal VOC is used (name the other format to use that)',
    ]);
    const stream = await streamDataset(folder, { readSize });
    for await (const read of stream.images) expect(read.annotations).toHaveLength(1);
    expect(stream.report().losses.filter(({ kind }) => kind === 'conflict')).toHaveLength(1);
  });

  it('that say the same are no conflict', async () => {
    const { losses } = await read({ ...image, 'a.xml': vocObject(''), ...yolo('0 0.2 0.375 0.2 0.25\n') });
    expect(losses).toEqual([]);
  });
});
