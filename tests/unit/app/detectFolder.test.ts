// Folder detection as the command line and the window share it: what a second call takes over, and what it makes anew.
import { readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { detectTask } from '../../../src/app/tasks/detectTask.ts';
import { inEnglish } from '../../../src/shared/said.ts';
import { detect, drawPictures, outputs, tinyRun, trainFurther, workFolder } from '../../support/detections.ts';
import { unpack010 } from '../../support/version010.ts';

const all = ['coco', 'voc', 'yolo', 'csv', 'labelme', 'overlay'] as const;
const names = ['1.jpg', '2.png', 'sub/3.jpg'];
let work: string;
let model: string;
let pictures: string;
const at = (...parts: string[]): string => path.join(work, ...parts);

beforeEach(async () => {
  work = await workFolder();
  model = await tinyRun(work);
  pictures = await drawPictures(at('in'), names);
});

describe('a second call', () => {
  it('writes other formats, overlays too, from the results that are there', async () => {
    await detect({ paths: [pictures], model, out: at('out'), formats: ['csv'] });
    const again = await detect({ paths: [pictures], model, out: at('out'), formats: all });
    expect(again).toMatchObject({ resumed: 3, anew: null });
    const fresh = await detect({ paths: [pictures], model, out: at('fresh'), formats: all });
    expect(fresh.resumed).toBe(0);
    expect(await outputs(at('out'))).toEqual(await outputs(at('fresh')));
    expect(Object.keys(await outputs(at('out')))).toContain('overlay/2.png.jpg');
  });

  it('draws the overlays that are missing, or of something else', async () => {
    const call = { paths: [pictures], model, out: at('out'), formats: ['overlay'] as const };
    await detect(call);
    const before = await outputs(at('out'));
    await rm(at('out/overlay/1.jpg.jpg'));
    await writeFile(at('out/overlay/2.png.jpg'), await readFile(at('out/overlay/sub/3.jpg.jpg')));
    await writeFile(at('out/overlay/.ttfnet-0123456789abcdef.tmp'), 'left by a kill');
    await detect(call);
    expect(await outputs(at('out'))).toEqual(before);
  });

  it('takes over nothing of a picture that was changed, and forgets one that can no longer be read', async () => {
    const call = { paths: [pictures], model, out: at('out'), formats: all };
    await detect(call);
    await drawPictures(at('in'), ['sub/3.jpg']);
    await utimes(at('in/sub/3.jpg'), 1, 1);
    await writeFile(at('in/1.jpg'), 'no picture any more');
    const again = await detect(call);
    expect(again).toMatchObject({ resumed: 1, failed: [{ code: 'image-unreadable' }] });
    await detect({ ...call, out: at('fresh') });
    expect(await outputs(at('out'))).toEqual(await outputs(at('fresh')));
  });
});

describe('another model or threshold', () => {
  it('a run that was trained further makes all results anew, says so, and keeps the earlier ones', async () => {
    const call = { paths: [pictures], model, out: at('out'), formats: ['csv', 'overlay'] as const };
    await detect(call);
    const before = await outputs(at('out'));
    await trainFurther(model);
    const again = await detect(call);
    expect(again.resumed).toBe(0);
    expect(inEnglish(again.anew!)).toMatch(/run has changed since: 3 results are made anew.*earlier-1/);
    expect(await outputs(at('out/earlier-1'))).toEqual(without(before, '.ttfnet-output'));
    expect(await detect(call)).toMatchObject({ resumed: 3, anew: null });
    await trainFurther(model);
    await detect(call);
    expect((await readdir(at('out'))).filter((name) => name.startsWith('earlier')).sort()).toEqual([
      'earlier-1',
      'earlier-2',
    ]);
  });

  it('a higher threshold is taken from the results, a lower one makes them anew', async () => {
    const call = { paths: [pictures], model, out: at('out'), formats: all };
    const first = await detect({ ...call, score: 0.1 });
    const scores = first.images.flatMap((image) => image.detections.map((d) => d.score)).sort((a, b) => a - b);
    const higher = scores[Math.floor(scores.length / 2)]! + 1e-9;
    const again = await detect({ ...call, score: higher });
    expect(again.resumed).toBe(3);
    expect(again.detections).toBeLessThan(first.detections);
    await detect({ ...call, score: higher, out: at('fresh') });
    expect(await outputs(at('out'))).toEqual(await outputs(at('fresh')));
    const lower = await detect({ ...call, score: 0.05 });
    expect(lower.resumed).toBe(0);
    expect(lower.anew!.key).toBe('detect.anewScore');
  });

  it('what version 0.1.0 left is moved aside, and said', async () => {
    const old = await unpack010();
    const journal = await readFile(path.join(old, 'detections/journal.jsonl'), 'utf8');
    const outcome = await detect({ paths: [pictures], model, out: path.join(old, 'detections') });
    expect(outcome.anew!.key).toBe('detect.anewVersion');
    expect(await readFile(path.join(old, 'detections/earlier-1/journal.jsonl'), 'utf8')).toBe(journal);
    await rm(old, { recursive: true });
  });
});

describe('the folder of results', () => {
  it('that holds anything else is refused, with what to do', async () => {
    await drawPictures(at('mine'), ['note.jpg']);
    await expect(detect({ paths: [pictures], model, out: at('mine') })).rejects.toThrow(/mine is not empty.*Choose/);
    await expect(detect({ paths: [pictures], model, out: pictures })).rejects.toThrow(/in is not empty/);
    expect(await readdir(at('mine'))).toEqual(['note.jpg']);
  });

  it('of other pictures is refused while they exist', async () => {
    await detect({ paths: [at('in/1.jpg')], model, out: at('out') });
    await expect(detect({ paths: [at('in/sub')], model, out: at('out') })).rejects.toThrow(/1\.jpg for one/);
    await rm(at('in/1.jpg'));
    expect((await detect({ paths: [at('in/sub')], model, out: at('out') })).images).toHaveLength(1);
  });

  it('may lie among the pictures: none of its own are detected on, and it is refused as input', async () => {
    const call = { paths: [pictures], model, out: at('in/found'), formats: ['overlay'] as const };
    await detect(call);
    const again = await detect(call);
    expect(again.images.map((image) => image.path)).toEqual(names);
    expect(again.passedOver).toMatchObject([{ path: at('in/found'), said: { key: 'walk.output' } }]);
    expect(JSON.parse(await readFile(at('in/found/passed-over.json'), 'utf8'))).toMatchObject([
      { file: at('in/found') },
    ]);
    for (const own of ['in/found', 'in/found/overlay/1.jpg.jpg'])
      await expect(detect({ ...call, paths: [at(own)], out: at('out') })).rejects.toThrow(/found holds detections/);
  });

  it('takes one detection at a time', async () => {
    const call = { paths: [pictures], model, out: at('out') };
    let second: Promise<unknown> = Promise.resolve();
    const onImage = async (): Promise<void> => {
      second = expect(detect(call)).rejects.toMatchObject({ code: 'folder-in-use' });
      await second;
    };
    await detectTask({ ...call, score: 0.1, recursive: true, formats: ['csv'] }, { onImage });
    await second;
    expect((await detect(call)).resumed).toBe(3);
  });
});

describe('names', () => {
  it('of one stem, of one letter case, of two folders and of 255 bytes give a file each in every format', async () => {
    const long = `${'x'.repeat(251)}.jpg`;
    const given = ['a.jpg', 'a.png', 'A.JPG', 'two/a.jpg', long];
    const folder = await drawPictures(at('alike'), given);
    const call = { paths: [folder, at('alike/two')], model, out: at('out'), formats: all, recursive: false };
    const outcome = await detect(call);
    expect(outcome.images.filter((image) => image.status === 'done')).toHaveLength(5);
    const made = Object.keys(await outputs(at('out'))).map((name) => name.toLowerCase());
    expect(new Set(made).size).toBe(made.length);
    for (const format of ['voc', 'labelme', 'overlay', 'yolo'])
      expect(made.filter((name) => name.startsWith(`${format}/`) && !name.endsWith('data.yaml'))).toHaveLength(5);
    const said = new Set(outcome.losses.map((loss) => `${loss.format} ${loss.file.slice(0, 5)} ${loss.said!.key}`));
    expect(said).toContain('labelme xxxxx loss.shortened');
    expect(said).toContain('overlay a.jpg loss.sameName');
    const listed = JSON.parse(await readFile(at('out/changes.json'), 'utf8')) as unknown[];
    expect(listed).toHaveLength(outcome.losses.length);
  });
});

function without(files: Record<string, string>, name: string): Record<string, string> {
  const { [name]: _, ...rest } = files;
  return rest;
}
