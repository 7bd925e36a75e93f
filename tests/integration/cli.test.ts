// The main job through the built command line: train, kill, resume, evaluate, detect, export, convert; and bad input at every door.
import { existsSync } from 'node:fs';
import { copyFile, cp, mkdir, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { InferenceSession, Tensor } from '../../src/core/runtime/native.ts';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generateSample } from '../../src/core/sample/generate.ts';
import { runCli, startCli } from '../support/cli.ts';

let work: string;
let sample: string;
const at = (...parts: string[]): string => path.join(work, ...parts);
const small = ['--size', '128', '--batch', '2', '--json'];

beforeAll(async () => {
  work = await mkdtemp(path.join(tmpdir(), 'ttfnet-cli-'));
  sample = at('sample');
  await generateSample(sample, { count: 10 });
});
afterAll(() => rm(work, { recursive: true, force: true }));

interface MetricsLine {
  type: string;
  step: number;
  [name: string]: unknown;
}

async function metricsOf(run: string): Promise<MetricsLine[]> {
  const text = await readFile(path.join(run, 'metrics.jsonl'), 'utf8');
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as MetricsLine);
}

/** What must be equal in two runs: everything but times. */
const withoutTimes = (lines: MetricsLine[]): object[] =>
  lines.map(({ imagesPerSecond: _i, trainSeconds: _t, ...rest }) => rest);

describe('train', () => {
  it('writes config, labels, metrics, checkpoints and a report', async () => {
    const run = at('run-a');
    const { code, events, stderr } = await runCli('train', sample, ...small, '--epochs', '3', '--out', run);
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(events.find((e) => e['type'] === 'end')).toMatchObject({ reason: 'finished', epochs: 3 });
    expect((await readdir(run)).sort()).toEqual([
      '.ttfnet-output',
      'checkpoints',
      'config.json',
      'findings.json',
      'labels.json',
      'metrics.jsonl',
      'report.html',
    ]);
    expect((await readdir(path.join(run, 'checkpoints'))).sort()).toEqual(['best.safetensors', 'last.safetensors']);
    const epochs = (await metricsOf(run)).filter((m) => m.type === 'epoch');
    expect(epochs.map((m) => m['epoch'])).toEqual([1, 2, 3]);
    expect(await readFile(path.join(run, 'report.html'), 'utf8')).toContain('coin');
  });

  it('killed at any moment, goes on with the very numbers of the run that was not', async () => {
    const run = at('run-killed');
    const { process: child, result } = startCli(['train', sample, ...small, '--epochs', '3', '--out', run]);
    let seen = 0;
    child.stdout!.on('data', (text: Buffer) => {
      seen += text.toString().split('"type":"step"').length - 1;
      if (seen >= 6) child.kill('SIGKILL');
    });
    expect((await result).code).toBeNull();
    const resumed = await runCli('train', '--resume', '--out', run, '--json');
    expect(resumed.stderr).toBe('');
    expect(resumed.events.find((e) => e['type'] === 'end')).toMatchObject({ reason: 'finished', epochs: 3 });
    expect(withoutTimes(await metricsOf(run))).toEqual(withoutTimes(await metricsOf(at('run-a'))));
  });

  it('a run that ended stays as it is when resumed', async () => {
    const before = (await stat(at('run-a/checkpoints/last.safetensors'))).mtimeMs;
    expect((await runCli('train', '--resume', '--out', at('run-a'), '--json')).code).toBe(0);
    expect((await stat(at('run-a/checkpoints/last.safetensors'))).mtimeMs).toBe(before);
  });

  it.each([
    [
      'a folder without annotations',
      async () => {
        await mkdir(at('bare'));
        await copyFile(
          path.join(sample, 'JPEGImages', (await readdir(path.join(sample, 'JPEGImages')))[0]!),
          at('bare/a.jpg'),
        );
        return ['train', at('bare'), '--out', at('x1')];
      },
      1,
      /no annotations of a known format/,
    ],
    ['a folder that does not exist', () => ['train', at('nowhere'), '--out', at('x2')], 1, /nowhere does not exist/],
    [
      'a split that does not exist',
      () => ['train', sample, '--train-split', 'tarin', '--out', at('x3')],
      2,
      /no split "tarin".*train/,
    ],
    [
      'a size that does not fit',
      () => ['train', sample, '--size', '100', '--epochs', '1', '--out', at('x4')],
      2,
      /100x100 doesn't fit .*multiples of 32/,
    ],
    ['a number that is none', () => ['train', sample, '--epochs', 'many', '--out', at('x5')], 2, /whole number from 1/],
    ['a run folder in use', () => ['train', sample, '--out', at('run-a')], 1, /already holds a run.*--resume/],
    ['nothing to resume', () => ['train', '--resume', '--out', at('bare')], 1, /is no run/],
    [
      'a start that is no model',
      () => ['train', sample, '--start', path.join(sample, 'ImageSets', 'Main', 'train.txt'), '--out', at('x6')],
      1,
      /train\.txt/,
    ],
  ])('refuses %s with a sentence', async (_, args, code, message) => {
    const result = await runCli(...(await args()));
    expect(result.stderr).toMatch(message);
    expect(result.code).toBe(code);
  });
});

describe('train by other rules', () => {
  it('takes an official schedule whole, says its rate, and which tensors begin fresh', async () => {
    const args = ['train', sample, '--network', 'ttfnet-18', '--schedule', 'scratch', '--size', '64', '--batch', '4'];
    const { code, stderr } = await runCli(...args, '--epochs', '1', '--val-split', 'none', '--out', at('scratch'));
    expect(stderr).toMatch(
      /Schedule scratch.*SGD, learning rate 0\.016 for a batch of 128, scaled linearly to 0\.000500 for 4/,
    );
    expect(stderr).toMatch(/\d+ tensors begin fresh: backbone\.conv1\.weight/);
    expect(code).toBe(0);
    const config = JSON.parse(await readFile(at('scratch/config.json'), 'utf8')) as object;
    expect(config).toMatchObject({ start: 'ttfnet-18', optimizer: 'sgd', schedule: 'step', augment: 'ssd' });
  });

  it('that diverges ends with what to lower, and its last checkpoint is a model', async () => {
    const wild = ['--optimizer', 'sgd', '--learning-rate', '10', '--set', 'clip-norm=none', '--set', 'warmup-steps=0'];
    const run = at('wild');
    const { code, stderr } = await runCli('train', sample, ...small, ...wild, '--epochs', '40', '--out', run);
    expect(stderr).toMatch(/Training diverged.*last good checkpoint is kept.*Lower the learning rate \(now 10\)/);
    expect(code).toBe(1);
    expect((await runCli('eval', '--model', run, sample, '--split', 'val', '--json')).code).toBe(0);
  });
});

describe('compare', () => {
  const call = (...more: string[]): string[] => [
    ...['compare', sample, ...small, '--epochs', '2', '--eval-every', '0.5', '--frozen-stages', '4'],
    ...['--vary', 'sampling=gaussian,center', '--out', at('compared'), ...more],
  ];
  const runsOf = (events: Record<string, unknown>[]): string[] =>
    events.filter((e) => e['type'] === 'run').map((e) => `${String(e['variant'])} ${String(e['seed'])}`);

  it('killed in the middle, trains only what is left, and draws all of it', async () => {
    const { process: child, result } = startCli(call());
    let text = '';
    child.stdout!.on('data', (part: Buffer) => {
      text += part.toString();
      if (/"type":"step".*"variant":"center"/.test(text)) child.kill('SIGKILL');
    });
    expect(runsOf((await result).events)).toEqual(['gaussian 0', 'center 0']);
    const again = await runCli(...call());
    expect(again.stderr).toBe('');
    expect(again.code).toBe(0);
    expect(runsOf(again.events)).toEqual(['center 0']);
    expect(again.events.at(-1)).toMatchObject({ type: 'comparison', complete: true });
    const results = JSON.parse(await readFile(at('compared/results.json'), 'utf8')) as {
      settings: { name: string; runs: { epochs: { epoch: number }[] }[] }[];
    };
    expect(results.settings.map((s) => [s.name, s.runs.map((r) => r.epochs.at(-1)?.epoch)])).toEqual([
      ['gaussian', [2]],
      ['center', [2]],
    ]);
    expect(results.settings[0]!.runs[0]!.epochs.length).toBeGreaterThan(2); // twice in an epoch
    expect(await readFile(at('compared/report.html'), 'utf8')).toContain('gaussian against center');
  });

  it('adds seeds to what is there, and refuses what does not belong together', async () => {
    const more = await runCli(...call('--seeds', '2'));
    expect(runsOf(more.events)).toEqual(['gaussian 1', 'center 1']);
    const other = await runCli(...call('--batch', '3'));
    expect(other.code).toBe(1);
    expect(other.stderr).toMatch(/trained with other settings: batch 2 instead of 3/);
    const unmeasured = await runCli(...call('--val-split', 'none'));
    expect(unmeasured.code).toBe(2);
    expect(unmeasured.stderr).toMatch(/no validation images.*--val-split/);
    expect((await runCli('compare', sample, '--vary', 'samplin=a,b', '--out', at('y'))).stderr).toMatch(
      /no setting "samplin"/,
    );
  });
});

describe('eval', () => {
  it('prints the numbers as JSON', async () => {
    const { events, code } = await runCli('eval', '--model', at('run-a'), sample, '--split', 'test', '--json');
    expect(code).toBe(0);
    expect(events.at(-1)).toMatchObject({ images: 2, failed: [], unknownToModel: [] });
    expect(Object.keys(events.at(-1)!)).toEqual(expect.arrayContaining(['ap', 'ap50', 'ap75', 'perClass']));
  });
  it('refuses a model that knows none of the classes', async () => {
    const { stderr } = await runCli('eval', '--model', 'coco-mobilenetv3', sample);
    expect(stderr).toMatch(/knows none of the dataset's classes \(coin, key, mug\)/);
  });
});

describe('detect', () => {
  it('gives every file a status, goes on after bad ones, and does no work twice', async () => {
    const folder = at('mixed');
    await cp(path.join(sample, 'JPEGImages'), folder, { recursive: true });
    const [first] = (await readdir(folder)).sort();
    await truncate(path.join(folder, first!), 3000);
    await writeFile(path.join(folder, 'empty.png'), '');
    await writeFile(path.join(folder, 'text.jpg'), 'this is no picture');
    await mkdir(path.join(folder, '深い'));
    await sharp({ create: { width: 40, height: 30, channels: 3, background: 'red' } })
      .png()
      .toFile(path.join(folder, '深い', 'rot "1".png'));
    const call = [
      'detect',
      folder,
      '--model',
      at('run-a'),
      '--recursive',
      '--score',
      '0.05',
      '--format',
      'coco,voc,yolo,csv,overlay',
      '--out',
      at('found'),
      '--json',
    ];
    const result = await runCli(...call);
    expect(result.code).toBe(3);
    const images = result.events.filter((e) => e['type'] === 'image');
    expect(images).toHaveLength(13);
    expect(
      images
        .filter((e) => e['status'] === 'failed')
        .map((e) => path.basename(String(e['path'])))
        .sort(),
    ).toEqual([first!, 'empty.png', 'text.jpg'].sort());
    const { images: listed } = JSON.parse(await readFile(at('found/coco/instances.json'), 'utf8')) as {
      images: { file_name: string }[];
    };
    expect(listed.map((i) => i.file_name)).toContain('深い/rot "1".png');
    expect(existsSync(at('found/overlay/深い/rot "1".png.jpg'))).toBe(true);
    expect(JSON.parse(await readFile(at('found/failed.json'), 'utf8'))).toHaveLength(3);
    const again = await runCli(...call);
    expect(again.events.at(-1)).toMatchObject({ type: 'end', resumed: 10, failed: 3 });
  });

  it('killed in the middle, redoes only what was not done', async () => {
    const call = [
      'detect',
      path.join(sample, 'JPEGImages'),
      '--model',
      'coco-mobilenetv3',
      '--out',
      at('killed'),
      '--json',
    ];
    const { process: child, result } = startCli(call);
    child.stdout!.once('data', () => child.kill('SIGKILL'));
    await result;
    const again = await runCli(...call);
    expect(again.code).toBe(0);
    const end = again.events.at(-1)!;
    expect(end).toMatchObject({ images: 10, failed: 0 });
    expect(Number(end['resumed'])).toBeGreaterThan(0);
  });

  it.each([
    [
      'a model that is a picture',
      async () => [
        'detect',
        sample,
        '--recursive',
        '--model',
        path.join(sample, 'JPEGImages', (await readdir(path.join(sample, 'JPEGImages')))[0]!),
      ],
      /jpg/,
    ],
    [
      'a model that does not exist',
      () => ['detect', sample, '--recursive', '--model', 'yolo11'],
      /no model yolo11.*coco-mobilenetv3/,
    ],
    [
      'a folder without pictures',
      () => ['detect', path.join(sample, 'Annotations'), '--model', 'coco-mobilenetv3'],
      /No pictures .*--recursive/,
    ],
    [
      'an unknown format',
      () => ['detect', sample, '--model', 'coco-mobilenetv3', '--format', 'kitti'],
      /"kitti" is not possible; choose from coco/,
    ],
  ])('refuses %s with a sentence', async (_, args, message) => {
    const result = await runCli(...(await args()), '--out', at('never'));
    expect(result.stderr).toMatch(message);
    expect(result.code).not.toBe(0);
    expect(existsSync(at('never'))).toBe(false);
  });

  it('refuses an ONNX file that this program did not export, and one without boxes', async () => {
    await writeFile(at('other.onnx'), 'not a protobuf');
    expect((await runCli('detect', sample, '--recursive', '--model', at('other.onnx'))).stderr).toMatch(
      /other\.onnx is not an ONNX model/,
    );
    await runCli('export', '--model', at('run-a'), '--out', at('heads.onnx'), '--outputs', 'heads');
    expect((await runCli('detect', sample, '--recursive', '--model', at('heads.onnx'))).stderr).toMatch(
      /heads\.onnx has no boxes.*--outputs boxes/,
    );
  });
});

describe('export', () => {
  it.each([
    ['uint8', 'nhwc'],
    ['float32', 'nchw'],
  ])('%s %s runs in plain ONNX Runtime and detects the same', async (pixels, layout) => {
    const file = at(`model-${pixels}.onnx`);
    expect(
      (await runCli('export', '--model', at('run-a'), '--out', file, '--pixels', pixels, '--layout', layout)).code,
    ).toBe(0);
    const session = await InferenceSession.create(file);
    const dims = layout === 'nhwc' ? [1, 128, 128, 3] : [1, 3, 128, 128];
    const data = pixels === 'uint8' ? new Uint8Array(128 * 128 * 3) : new Float32Array(128 * 128 * 3);
    const outputs = await session.run({ image: new Tensor(pixels as 'uint8', data as Uint8Array, dims) });
    expect(outputs['boxes']!.dims).toEqual([1, 100, 4]);
    const images = path.join(sample, 'JPEGImages');
    const found = async (model: string, out: string): Promise<unknown> => {
      const { events } = await runCli(
        'detect',
        images,
        '--model',
        model,
        '--score',
        '0.02',
        '--out',
        at(out),
        '--json',
      );
      return events
        .filter((e) => e['type'] === 'image')
        .map((e) => (e['detections'] as { score: number }[]).map((d) => d.score.toFixed(3)));
    };
    expect(await found(file, `found-${pixels}`)).toEqual(await found(at('run-a'), `found-${pixels}-run`));
  });
});

describe('convert', () => {
  it('says what was read and written, and the result reads back', async () => {
    const { events, code } = await runCli(
      'convert',
      sample,
      '--to',
      'coco',
      '--copy-images',
      '--out',
      at('as-coco'),
      '--json',
    );
    expect(code).toBe(0);
    const { read, written } = events.at(-1) as { read: { boxes: number }; written: { boxes: number } };
    expect(written.boxes).toBe(read.boxes);
    const back = await runCli('convert', at('as-coco'), '--to', 'yolo', '--out', at('as-yolo'), '--json');
    expect((back.events.at(-1) as { read: { boxes: number } }).read.boxes).toBe(read.boxes);
  });
});

describe('the program', () => {
  it('teaches with --help and answers wrong words with exit code 2', async () => {
    expect((await runCli('--help')).stdout).toContain('ttfnet-studio train my-images');
    expect((await runCli('tarin')).code).toBe(2);
  });
  it('ends quietly when nobody reads on, as behind head', async () => {
    const { process: child, result } = startCli(['models', '--json']);
    child.stdout?.destroy();
    expect(await result).toMatchObject({ code: 0, stderr: '' });
  });

  it('lists models without touching the network', async () => {
    const { events } = await runCli('models', '--folder', at('models'), '--json');
    expect(events.at(-1)).toMatchObject({ base: 'coco-mobilenetv3', files: [] });
  });
});
