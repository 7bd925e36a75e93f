// Labels into a project: a picture whose labels can't be read, or that nothing describes, stays new; it is said, in every format.
import { describe, expect, it } from 'vitest';
import { readAnnotations, saveAnnotations } from '../../../src/app/tasks/projectImport.ts';
import { readSize, writeTree } from '../dataset/helpers.ts';
import { factsOf, newFolder, newProject } from '../store/support.ts';

const pictures = { '1.jpg': '100x80', '2.jpg': '100x80', '3.jpg': '100x80' };
const xml = (corners: string) =>
  `<annotation><object><name>cat</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>${corners}</xmax><ymax>9</ymax></bndbox></object></annotation>`;
const row = (name: string, x: string) => `${name},100,80,cat,1,1,${x},9\n`;
const shape = (x: string) =>
  `{"version":"5","shapes":[{"label":"cat","points":[[1,1],[${x},9]],"shape_type":"rectangle"}],"imagePath":"N.jpg"}`;
const image = (n: number) => `{"id":${n},"file_name":"${n}.jpg"}`;
const label = (n: number, x: string) => `{"id":${n},"image_id":${n},"category_id":1,"bbox":[1,1,${x},8]}`;

/** By format: the first picture's labels are good, the second's can't be read, nothing describes the third. */
const trees = {
  yolo: { '1.txt': '0 0.5 0.5 0.2 0.2', '2.txt': '0 0,5 0,5 0,2 0,2', 'classes.txt': 'cat' },
  coco: {
    'labels.json': `{"images":[${image(1)},${image(2)}],"annotations":[${label(1, '8')},${label(2, 'NaN')}],"categories":[{"id":1,"name":"cat"}]}`,
  },
  voc: { '1.xml': xml('9'), '2.xml': xml('nine') },
  csv: { 'labels.csv': `filename,width,height,class,xmin,ymin,xmax,ymax\n${row('1.jpg', '9')}${row('2.jpg', 'nine')}` },
  labelme: { '1.json': shape('9').replace('N.jpg', '1.jpg'), '2.json': shape('"nine"').replace('N.jpg', '2.jpg') },
  cvat: {
    'annotations.xml': ['9', 'nine']
      .map(
        (x, i) =>
          `<image id="${i}" name="${i + 1}.jpg" width="100" height="80"><box label="cat" xtl="1" ytl="1" xbr="${x}" ybr="9"/></image>`,
      )
      .join('\n')
      .replace(/^/, '<annotations><meta><task><labels><label><name>cat</name></label></labels></task></meta>')
      .concat('</annotations>'),
  },
};

describe.each(Object.entries(trees))('%s', (format, tree) => {
  it('only what is described and whole is labelled; the rest stays new and is said', async () => {
    const folder = newFolder();
    const project = newProject(3, folder);
    await writeTree(folder, { ...pictures, ...tree });
    const facts = (file: string) => Promise.resolve(factsOf(file));
    const opened = await readAnnotations({ folder }, folder, { readSize });
    expect(opened.format).toBe(format);
    const { report } = await saveAnnotations(project, opened, { folder }, { facts });
    const statuses = project
      .toDataset({ filter: { statuses: ['labelled', 'reviewed'] } })
      .images.map(({ path }) => path);
    expect(statuses).toEqual(['1.jpg']);
    expect(report).toMatchObject({ images: 1, boxes: 1, negatives: 0 });
    for (const name of ['2', '3']) expect(report.losses.some(({ file }) => file === `${name}.jpg`)).toBe(true);
  });
});
