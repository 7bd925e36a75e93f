// What version 0.1.0 wrote still opens: a project with its history and backup, a run folder, a detection journal, an exported model.
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sweptImageSchema } from '../../../src/core/detect/journal.ts';
import { openModel } from '../../../src/core/model/openModel.ts';
import { Project } from '../../../src/core/store/project.ts';
import { restoreBackup } from '../../../src/core/store/restoreBackup.ts';
import { RunFolder } from '../../../src/core/train/runFolder.ts';
import { hasEnded } from '../../../src/core/train/runState.ts';
import { run010, unpack010 } from '../../support/version010.ts';
import { ann, keep } from './support.ts';

let folder: string;
beforeAll(async () => (folder = await unpack010()));
afterAll(() => rm(folder, { recursive: true, force: true }));

const pictures = (): string => path.join(folder, 'pictures');

test('the project, with labels, history, runs and the backup', async () => {
  const project = keep(Project.open(pictures(), { backupMinutes: 0 }));
  expect([project.name, project.readOnlyReason, project.root]).toEqual(['Colours', null, pictures()]);
  expect(project.counts()).toMatchObject({ images: 4, boxes: 4, suggestions: 1, missing: 0 });
  expect(project.counts().byStatus).toMatchObject({ labelled: 3, reviewed: 1 });
  expect(project.classes().map(({ name }) => name)).toEqual(['red', 'yellow']);
  expect(project.checkpoints().map(({ label }) => label)).toEqual(['All drawn']);
  expect(project.redo(ann)).not.toBeNull();
  expect(project.counts().boxes).toBe(5);
  expect(project.runs().map(({ name, status }) => [name, status])).toEqual([
    ['Elsewhere', 'stopped'],
    ['First run', 'finished'],
  ]);
  expect(() => project.check()).not.toThrow();
  const [backup] = project.backups();
  await project.close();
  restoreBackup(project.file, backup!.file);
  expect(keep(Project.open(pictures(), { backupMinutes: 0 })).counts().boxes).toBe(4);
});

test('the run folder', async () => {
  const { run, config, labels } = await RunFolder.open(path.join(folder, run010));
  expect(config).toMatchObject({ start: 'mobilenetv3-0.75', epochs: 1, batch: 2, width: 64 });
  expect([labels.classes, labels.train.length, labels.val?.length]).toEqual([['red', 'yellow'], 2, 2]);
  expect((await run.readMetrics()).map(({ type }) => type)).toEqual(['step', 'epoch']);
  expect(await hasEnded(run)).toBe(true);
});

test.each([run010, `${run010}/checkpoints/best.safetensors`, 'exported.onnx'])('the model %s', async (name) => {
  const { description } = await openModel(path.join(folder, name));
  expect(description).toMatchObject({ network: 'mobilenetv3-0.75', classes: ['red', 'yellow'], width: 64 });
});

test('the detection journal', async () => {
  const text = await readFile(path.join(folder, 'detections/journal.jsonl'), 'utf8');
  const lines = text.split('\n').slice(1, -1);
  const [image] = lines.map((line) => sweptImageSchema.parse(JSON.parse(line)));
  expect(image).toMatchObject({ path: '0.png', status: 'done', width: 64, height: 64 });
  expect(image!.detections).toHaveLength(100);
});
