// Results of a job, written into another folder: again, in other formats, beside pictures that are gone.
import { readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { exportResults } from '../../../src/app/jobs/detectFolder.ts';
import { resultFormatNamed, type ResultFormat } from '../../../src/app/jobs/saveResults.ts';
import { detect, drawPictures, outputs, tinyRun, trainFurther, workFolder } from '../../support/detections.ts';

let work: string;
let model: string;
const at = (...parts: string[]): string => path.join(work, ...parts);
const save = (formats: ResultFormat[], score = 0.1, from = at('job'), to = at('to')) =>
  exportResults({ from, to, model: 'tiny', classes: ['red', 'yellow'], formats, score }, {});

beforeEach(async () => {
  work = await workFolder();
  model = await tinyRun(work);
  await drawPictures(at('in'), ['1.jpg', '2.jpg', '3.jpg']);
  await detect({ paths: [at('in')], model, out: at('job'), formats: [] });
});

describe('exporting results', () => {
  it('gives what the command line writes', async () => {
    await save(['csv', 'voc', 'overlay']);
    await detect({ paths: [at('in')], model, out: at('direct'), formats: ['csv', 'voc', 'overlay'] });
    const { 'passed-over.json': _, ...direct } = await outputs(at('direct'));
    expect(await outputs(at('to'))).toEqual(direct);
  });

  it('goes on beside pictures that are gone or changed, lists them, and works again', async () => {
    await rm(at('in/1.jpg'));
    await drawPictures(at('in'), ['new.jpg', '2.jpg']);
    const first = await save(['overlay', 'csv']);
    expect(first.files).toBe(2);
    expect(first.losses.map(({ file, said }) => [file, said!.key])).toEqual([
      ['1.jpg', 'file.missing'],
      ['2.jpg', 'detect.changedSince'],
    ]);
    expect(JSON.parse(await readFile(at('to/changes.json'), 'utf8'))).toHaveLength(2);
    const before = await outputs(at('to'));
    expect(await save(['overlay', 'csv'])).toMatchObject({ files: 2, anew: null });
    expect(await outputs(at('to'))).toEqual(before);
    await save(['yolo'], 0.5);
    expect(await readdir(at('to/yolo/labels'))).toEqual(['1.txt', '2.txt', '3.txt']);
  });

  it('never mixes two models or the pictures of two jobs in a folder', async () => {
    await save(['csv']);
    await trainFurther(model);
    await detect({ paths: [at('in')], model, out: at('job-2'), formats: [] });
    const { anew } = await save(['voc'], 0.1, at('job-2'));
    expect(anew!.key).toBe('detect.anewTrained');
    expect(await readdir(at('to/earlier-1'))).toContain('csv');
    await drawPictures(at('other'), ['1.jpg']);
    await detect({ paths: [at('other')], model, out: at('job-3'), formats: [] });
    await expect(save(['voc'], 0.1, at('job-3'))).rejects.toThrow(/results of other pictures/);
  });

  it('refuses a folder of something else, and a format that is none', async () => {
    await expect(save(['csv'], 0.1, at('job'), at('in'))).rejects.toThrow(/in is not empty \(3 files and folders\)/);
    expect(() => resultFormatNamed('kitti')).toThrow(/"kitti" is not a format.*coco.*overlay/);
  });
});
