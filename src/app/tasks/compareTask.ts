// Comparing settings: trains each of them with each seed on the same labels, one after the other, and writes one report of all.
import path from 'node:path';
import { StudioError } from '../../shared/errors.ts';
import { findingsText, type Loss } from '../../shared/lossReport.ts';
import type { SplitChoice } from '../../core/dataset/splits.ts';
import { writeFileAtomic } from '../../core/files/atomicWrite.ts';
import { makeFolder } from '../../core/files/makeFolder.ts';
import type { ComparedSetting } from '../../core/report/compare.ts';
import { renderComparison } from '../../core/report/comparison.ts';
import { comparisonData, type ComparisonData } from '../../core/report/comparisonData.ts';
import { holdFolder } from '../../core/store/folderLock.ts';
import { checkLabels } from '../../core/train/checkLabels.ts';
import { curveOf, progressOf, trainOn, type RunProgress } from '../../core/train/comparison.ts';
import { makeConfig, type TrainConfig } from '../../core/train/config.ts';
import type { RunLabels } from '../../core/train/runFolder.ts';
import { writeSetting } from '../../core/train/settingText.ts';
import type { TrainEvent, TrainOptions } from '../../core/train/events.ts';
import type { Variant } from '../../core/train/variants.ts';
import { labelsOfRun, readDataset, type DatasetRequest } from './readDataset.ts';
import { completeSettings, type SettingsRequest } from './trainSettings.ts';
import type { TrainListener } from './trainTask.ts';

/** Files of a comparison; the runs lie beside them in `runs/`. */
const files = { report: 'report.html', results: 'results.json', findings: 'findings.json' } as const;

/** What to compare, on what, into which folder. */
export interface CompareRequest extends SettingsRequest {
  data: DatasetRequest;
  splits: SplitChoice;
  variants: readonly Variant[];
  /** How often each is trained; the seeds count up from that of the settings. */
  seeds: number;
  /** Name of the variant that the others are measured against; the weakest unless given. */
  baseline?: string;
  out: string;
}

/** Which run of a comparison is in hand. */
export interface RunInHand {
  variant: string;
  seed: number;
  /** Counts from 1. */
  index: number;
  of: number;
  folder: string;
}

/** How a run ended: `stopped` goes on when the comparison is called again. */
export type RunEnding = 'finished' | 'stopped' | 'diverged';

/** What a comparison tells while it works. */
export interface CompareListener extends TrainListener {
  /** What the labels leave out, change or lack; `file` has all of it. Once for all runs. */
  onFindings?: (findings: readonly Loss[], file: string) => void;
  onRun?: (run: RunInHand) => void;
  onEvent?: (event: TrainEvent, run: RunInHand) => void;
  /** @param reason a sentence where the run diverged */
  onRunEnd?: (run: RunInHand, ending: RunEnding, reason?: string) => void;
}

/** A comparison as far as it got. */
export interface CompareOutcome extends ComparisonData {
  report: string;
  results: string;
  /** Whether every run came to its end. */
  complete: boolean;
}

interface Planned extends RunInHand {
  config: TrainConfig;
}

/**
 * Trains what is not trained yet and writes report.html and results.json, anew after every run. Called again with the same `out` it
 * goes on: ended runs stay as they are, an interrupted one continues from its last checkpoint, more seeds or variants are added. A run
 * that diverges is kept as far as it got, and the others go on.
 * @throws argument-invalid, dataset-empty; folder-in-use while another program writes `out`; run-invalid when `out` holds runs of other settings or labels; else as startTraining
 */
export async function compareTask(
  request: CompareRequest,
  options: Omit<TrainOptions, 'onEvent'>,
  listener: CompareListener = {},
): Promise<CompareOutcome> {
  const planned = plan(request, await complete(request, listener));
  const read = labelsOfRun(await readDataset(request.data), request.splits);
  const labels = await checkLabels(read, options.signal);
  if (!labels.val?.length)
    throw new StudioError(
      'argument-invalid',
      'There are no validation images to compare on. Name a split of the dataset with --val-split.',
    );
  const out = path.resolve(request.out);
  await makeFolder(out);
  return holdFolder(out, async () => {
    await writeFileAtomic(path.resolve(out, files.findings), findingsText(labels.findings));
    listener.onFindings?.(labels.findings, path.resolve(out, files.findings));
    return trainAll(request, planned, labels, options, listener);
  });
}

async function trainAll(
  request: CompareRequest,
  planned: readonly Planned[],
  labels: RunLabels,
  options: Omit<TrainOptions, 'onEvent'>,
  listener: CompareListener,
): Promise<CompareOutcome> {
  const progress = new Map<Planned, RunProgress>();
  for (const run of planned) progress.set(run, await progressOf(run.folder, run.config, labels));
  const ended = (): Planned[] => planned.filter((run) => progress.get(run) === 'ended');
  let outcome = await write(request, planned, labels, ended());
  let diverged = false;
  for (const run of planned.filter((r) => progress.get(r) !== 'ended')) {
    if (options.signal?.aborted) break;
    const ending = await trainOne(run, progress.get(run)!, labels, options, listener);
    if (ending !== 'stopped') progress.set(run, 'ended');
    diverged ||= ending === 'diverged';
    outcome = await write(request, planned, labels, ended());
  }
  return { ...outcome, complete: ended().length === planned.length && !diverged };
}

async function trainOne(
  run: Planned,
  progress: RunProgress,
  labels: RunLabels,
  options: Omit<TrainOptions, 'onEvent'>,
  listener: CompareListener,
): Promise<RunEnding> {
  listener.onRun?.(run);
  const tell = (ending: RunEnding, reason?: string): RunEnding => {
    listener.onRunEnd?.(run, ending, reason);
    return ending;
  };
  const seen = { stopped: false };
  const onEvent = (event: TrainEvent): void => {
    if (event.type === 'end') seen.stopped = event.reason === 'stopped';
    listener.onEvent?.(event, run);
  };
  try {
    await trainOn(progress, run.folder, run.config, labels, { ...options, onEvent });
    return tell(seen.stopped ? 'stopped' : 'finished');
  } catch (error) {
    if (!(error instanceof StudioError) || error.code !== 'training-diverged') throw error;
    return tell('diverged', error.message);
  }
}

/** The settings of each variant, those that all share included. */
async function complete(
  { variants, ...request }: CompareRequest,
  { onNotes }: CompareListener,
): Promise<TrainConfig[]> {
  const notes = new Set<string>();
  const configs: TrainConfig[] = [];
  for (const variant of variants) {
    const chosen = await completeSettings({ ...request, settings: { ...request.settings, ...variant.settings } });
    configs.push(makeConfig(chosen.settings));
    for (const note of chosen.notes) notes.add(note);
  }
  onNotes?.([...notes]);
  return configs;
}

/** All runs, seed by seed, so that an early report compares like with like. */
function plan({ variants, seeds, baseline, out }: CompareRequest, configs: readonly TrainConfig[]): Planned[] {
  if (baseline !== undefined && !variants.some(({ name }) => name === baseline))
    throw new StudioError(
      'argument-invalid',
      `No setting is called ${JSON.stringify(baseline)}. Choose the baseline from ${variants.map(({ name }) => name).join(', ')}.`,
    );
  const folders = folderNames(variants.map(({ name }) => name));
  const first = configs[0]!.seed;
  return Array.from({ length: seeds }, (_, i) => first + i).flatMap((seed, round) =>
    variants.map((variant, i) => ({
      variant: variant.name,
      seed,
      index: round * variants.length + i + 1,
      of: seeds * variants.length,
      folder: path.resolve(out, 'runs', folders[i]!, `seed-${seed}`),
      config: { ...configs[i]!, seed },
    })),
  );
}

/** Folder names that any file system takes; different for different names. */
function folderNames(names: readonly string[]): string[] {
  const plain = names.map((name) =>
    name
      .toLowerCase()
      .replace(/[^a-z0-9.]+/g, '-')
      .replace(/^[-.]+|[-.]+$/g, ''),
  );
  return plain.map((name, i) => (name === '' || plain.indexOf(name) !== i ? `${name || 'setting'}-${i + 1}` : name));
}

async function write(
  { variants, baseline, out, data }: CompareRequest,
  planned: readonly Planned[],
  labels: RunLabels,
  ended: readonly Planned[],
): Promise<Omit<CompareOutcome, 'complete'>> {
  const settings: ComparedSetting[] = [];
  for (const { name } of variants)
    settings.push({
      name,
      runs: await Promise.all(ended.filter((r) => r.variant === name).map((r) => curveOf(r.folder))),
    });
  const summary = comparisonData(settings, baseline);
  const shared = sharedSettings(planned, labels);
  const title = variants.map(({ name }) => name).join(' against ');
  const subtitle = `${path.basename(path.resolve(data.folder))}, ${ended.length} of ${planned.length} runs`;
  const page = renderComparison({ title, subtitle, shared, settings, baseline: summary.baseline ?? undefined });
  const written = { report: path.resolve(out, files.report), results: path.resolve(out, files.results) };
  await makeFolder(path.resolve(out));
  await writeFileAtomic(written.report, page);
  const plannedSettings = variants.map(({ name, settings: own }) => ({ name, settings: own }));
  const json = {
    shared: Object.fromEntries(shared.map((s) => [s.name, s.value])),
    compared: plannedSettings,
    ...summary,
  };
  await writeFileAtomic(written.results, `${JSON.stringify(json, null, 2)}\n`);
  return { ...written, ...summary };
}

/** What all runs have in common: the data, and every setting that is the same in all. */
function sharedSettings(planned: readonly Planned[], labels: RunLabels): { name: string; value: string }[] {
  const keys = Object.keys(planned[0]!.config) as (keyof TrainConfig)[];
  const common = keys.filter((key) => {
    const values = new Set(planned.map(({ config }) => JSON.stringify(config[key])));
    return key !== 'seed' && values.size === 1;
  });
  return [
    { name: 'images to train on', value: String(labels.train.length) },
    { name: 'images to measure on', value: String(labels.val!.length) },
    { name: 'seeds', value: [...new Set(planned.map(({ seed }) => seed))].join(', ') },
    ...common.map((key) => {
      const [name, value] = writeSetting(key, planned[0]!.config[key]);
      return { name, value };
    }),
  ];
}
