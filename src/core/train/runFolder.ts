// A run folder: where everything about a run lies, and how it is written so that a killed run can go on.
import { createHash } from 'node:crypto';
import { appendFile, readFile, stat, truncate } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { fromFileError, saying, StudioError } from '../../shared/errors.ts';
import type { LabelledImage } from '../../shared/labels.ts';
import { findingsText, lossLine, readFindings, type Loss } from '../../shared/lossReport.ts';
import { said } from '../../shared/said.ts';
import { writeFileAtomic } from '../files/atomicWrite.ts';
import { makeFolder } from '../files/makeFolder.ts';
import { markOutput } from '../files/outputMarker.ts';
import { checkpointFiles } from '../model/openModel.ts';
import { trainConfigSchema, type TrainConfig } from './config.ts';

/** Paths inside a run folder. */
export const runFiles = {
  ...checkpointFiles,
  config: 'config.json',
  labels: 'labels.json',
  findings: 'findings.json',
  metrics: 'metrics.jsonl',
  report: 'report.html',
} as const;

/** The labels a run uses: exactly what it trains, validates and monitors on. */
export interface RunLabels {
  classes: string[];
  imageRoot: string;
  train: LabelledImage[];
  /** Chooses the best checkpoint; null when nothing was held back. */
  val: LabelledImage[] | null;
  /** Measured along the way but never used to choose; null for none. */
  monitor: LabelledImage[] | null;
  /** What reading the dataset changed or left out, and what it lacks. Kept in a file of its own, not part of what is learned. */
  findings: readonly Loss[];
}

/** One line of metrics.jsonl. */
export type MetricsLine =
  | {
      type: 'step';
      step: number;
      epoch: number;
      heatmapLoss: number;
      sizeLoss: number;
      gradientNorm: number;
      rate: number;
      imagesPerSecond: number;
      trainSeconds: number;
    }
  | {
      type: 'epoch';
      epoch: number;
      step: number;
      trainSeconds: number;
      split: 'val' | 'monitor';
      ap: number | null;
      ap50: number | null;
      ap75: number | null;
      perClass: { name: string; ap: number | null; ap50: number | null }[];
    };

/** A run folder on disk. */
export class RunFolder {
  readonly root: string;

  private constructor(root: string) {
    this.root = root;
  }

  /** Absolute path of one of {@link runFiles}. */
  file(name: keyof typeof runFiles): string {
    return path.join(this.root, runFiles[name]);
  }

  /**
   * Makes a new run folder with its config and labels.
   * @throws run-invalid when the folder already holds a run; file-permission, disk-full naming the folder
   */
  static async create(root: string, config: TrainConfig, labels: RunLabels): Promise<RunFolder> {
    const run = new RunFolder(path.resolve(root));
    if (await exists(run.file('config')))
      throw new StudioError(
        'run-invalid',
        `${run.root} already holds a run. Choose another --out, or continue that one with --resume.`,
      );
    await markOutput(run.root, 'run');
    await makeFolder(path.dirname(run.file('last')));
    const { findings, ...learned } = labels;
    await writeFileAtomic(run.file('findings'), findingsText(findings));
    await writeFileAtomic(run.file('labels'), JSON.stringify(learned));
    await writeFileAtomic(run.file('config'), JSON.stringify(config, null, 2));
    return run;
  }

  /** Opens an existing run. @throws run-invalid when it has no readable config or labels */
  static async open(root: string): Promise<{ run: RunFolder; config: TrainConfig; labels: RunLabels }> {
    const run = new RunFolder(path.resolve(root));
    const config = trainConfigSchema.safeParse(await run.#json('config'));
    if (!config.success)
      throw new StudioError(
        'run-invalid',
        `${run.file('config')} is not a run's settings: ${config.error.issues[0]?.message ?? ''}. Start a new run.`,
        undefined,
        said('run.damaged', { file: run.file('config') }),
      );
    const labels = labelsSchema.safeParse(await run.#json('labels'));
    if (!labels.success) throw saying('run-invalid', 'run.damaged', { file: run.file('labels') });
    return { run, config: config.data, labels: { ...labels.data, findings: await run.findings() } };
  }

  /** What was found about the labels, before the run and during it; nothing for a run of version 0.1.0, which kept no such list. */
  async findings(): Promise<Loss[]> {
    const text = await readFile(this.file('findings'), 'utf8').catch(() => null);
    return text === null ? [] : readFindings(text);
  }

  /** Adds to {@link findings}; what is there already isn't repeated. @throws disk-full, file-permission */
  async addFindings(more: readonly Loss[]): Promise<void> {
    const known = await this.findings();
    const lines = new Set(known.map(lossLine));
    const fresh = more.filter((loss) => !lines.has(lossLine(loss)));
    if (fresh.length > 0) await writeFileAtomic(this.file('findings'), findingsText([...known, ...fresh]));
  }

  /** Appends one line to the metrics. @throws disk-full, file-permission */
  async appendMetrics(line: MetricsLine): Promise<void> {
    await appendFile(this.file('metrics'), `${JSON.stringify(line)}\n`).catch((error: unknown) => {
      throw fromFileError(error, this.file('metrics'));
    });
  }

  /** All metrics; a line cut by a crash, or that is none, is left out. */
  async readMetrics(): Promise<MetricsLine[]> {
    return (await this.#metricsLines()).map(({ line }) => line);
  }

  /** Cuts off what was recorded after `step`, which a resumed run will record again. */
  async truncateMetrics(step: number): Promise<void> {
    const kept = (await this.#metricsLines()).filter(({ line }) => line.step <= step);
    if (await exists(this.file('metrics'))) await truncate(this.file('metrics'), kept.at(-1)?.end ?? 0);
  }

  async #metricsLines(): Promise<{ line: MetricsLine; end: number }[]> {
    const text = (await exists(this.file('metrics'))) ? await readFile(this.file('metrics'), 'utf8') : '';
    const lines: { line: MetricsLine; end: number }[] = [];
    let end = 0;
    for (const part of text.split('\n').slice(0, -1)) {
      end += Buffer.byteLength(part) + 1;
      try {
        const line: unknown = JSON.parse(part);
        if (isMetricsLine(line)) lines.push({ line, end });
      } catch {
        break; // cut by a crash, and with it all that follows
      }
    }
    return lines;
  }

  async #json(name: 'config' | 'labels'): Promise<unknown> {
    const file = this.file(name);
    const text = await readFile(file, 'utf8').catch((error: unknown) => {
      const known = fromFileError(error, file);
      throw known.code === 'file-missing'
        ? saying('run-invalid', 'run.lacksFile', { folder: this.root, file: runFiles[name] }, error)
        : known;
    });
    try {
      return JSON.parse(text);
    } catch (error) {
      throw saying('run-invalid', 'run.damaged', { file }, error);
    }
  }
}

const isMetricsLine = (line: unknown): line is MetricsLine =>
  typeof line === 'object' && line !== null && 'type' in line && 'step' in line && typeof line.step === 'number';

const labelledImage = z.object({
  path: z.string(),
  width: z.number(),
  height: z.number(),
  annotations: z.array(
    z.object({
      box: z.object({ x1: z.number(), y1: z.number(), x2: z.number(), y2: z.number() }),
      classId: z.number(),
      crowd: z.boolean().optional(),
      ignore: z.boolean().optional(),
    }),
  ),
  splits: z.array(z.string()).optional(),
});

const labelsSchema: z.ZodType<Omit<RunLabels, 'findings'>> = z.object({
  classes: z.array(z.string()).min(1),
  imageRoot: z.string(),
  train: z.array(labelledImage),
  val: z.array(labelledImage).nullable(),
  monitor: z.array(labelledImage).nullable(),
});

const exists = (file: string): Promise<boolean> =>
  stat(file).then(
    () => true,
    () => false,
  );

/** Fingerprint of labels, in whatever order their fields are written: runs with the same one learned from the same boxes. */
export const labelsHash = (labels: RunLabels): string =>
  createHash('sha256')
    .update(JSON.stringify(labelsSchema.parse(labels)))
    .digest('hex');
