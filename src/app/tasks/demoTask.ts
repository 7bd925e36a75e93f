// The demo: draws the sample, fine-tunes on it, evaluates and detects; the whole main job in one command.
import path from 'node:path';
import { generateSample } from '../../core/sample/generate.ts';
import type { TrainOptions } from '../../core/train/events.ts';
import { detectTask, type DetectOutcome } from './detectTask.ts';
import { evaluateTask, type EvaluationOutcome } from './evaluateTask.ts';
import { trainTask } from './trainTask.ts';

/** Where the demo's parts are, and what they gave. */
export interface DemoOutcome {
  sample: string;
  run: string;
  report: string;
  evaluation: EvaluationOutcome;
  detections: DetectOutcome;
}

/**
 * @param out folder for sample, run and detections; made if missing
 * @param minutes training time
 * @param onStage called as each part begins
 */
export async function demoTask(
  out: string,
  minutes: number,
  onStage: (stage: 'sample' | 'train' | 'evaluate' | 'detect') => void,
  options: TrainOptions,
): Promise<DemoOutcome> {
  const sample = path.join(out, 'sample');
  onStage('sample');
  await generateSample(sample);
  onStage('train');
  const settings = { minutes, width: 384, height: 384, evaluateEvery: 4 };
  const run = path.join(out, `run-${new Date().toISOString().replaceAll(/[:.]/g, '-')}`);
  const trained = await trainTask({ data: { folder: sample }, splits: {}, settings, out: run, resume: false }, options);
  onStage('evaluate');
  const evaluation = await evaluateTask(run, { folder: sample }, 'test', options);
  onStage('detect');
  const detections = await detectTask(
    {
      paths: [path.join(sample, 'JPEGImages')],
      model: run,
      score: 0.3,
      recursive: false,
      formats: ['coco', 'overlay'],
      out: path.join(run, 'detections'),
    },
    options,
  );
  return { sample, run, report: trained.report, evaluation, detections };
}
