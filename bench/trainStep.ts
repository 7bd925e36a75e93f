// Benchmark of training steps (forward, losses, backward, clip, optimizer) and of the network forward, against PyTorch, interleaved in one run.
import { parseArgs } from 'node:util';
import { ParameterSet } from '../src/core/nn/parameters.ts';
import { measureMatMul, machineFacts } from '../src/core/runtime/machine.ts';
import type { Profile } from '../src/core/runtime/profile.ts';
import { isFrozen } from '../src/core/ttfnet/networks/network.ts';
import { networkNamed } from '../src/core/ttfnet/networks/table.ts';
import { trainingProgram } from '../src/core/ttfnet/programs.ts';
import { graphFlops } from './flops.ts';
import { median } from './median.ts';
import { pyTorchCases, pyTorchMissing, type PyTorchTask } from './pytorch.ts';
import {
  configOf,
  fill,
  forwardContender,
  makeStep,
  pyTorchContender,
  stepContender,
  type Contender,
  type StepContender,
  type Subject,
} from './trainStepCases.ts';

interface Settings extends Subject {
  frozenStages: number;
  rounds: number;
  /** What to measure beside the blocked step; see {@link allCases}. */
  cases: ReadonlySet<string>;
  pyTorchSkipped: string | null;
}

/** The step in PyTorch, the portable step, nothing frozen, the network forward, the whole backbone frozen. */
const allCases = ['pytorch', 'portable', 'unfrozen', 'forward', 'backbone'];

/** What PyTorch's scripts train: MobileNetV3 whole with three classes; TTFNets with stem and first stage frozen and 80. */
const defaultsOf = (network: string): { batch: number; frozen: number; classes: number } =>
  network.startsWith('ttfnet') ? { batch: 4, frozen: 2, classes: 80 } : { batch: 8, frozen: 0, classes: 3 };

function readSettings(args: string[]): Settings {
  const { values } = parseArgs({
    args,
    options: {
      network: { type: 'string', default: 'mobilenetv3-0.75' },
      batch: { type: 'string' },
      frozen: { type: 'string' },
      size: { type: 'string', default: '512' },
      rounds: { type: 'string', default: '3' },
      'no-pytorch': { type: 'boolean', default: false },
      cases: { type: 'string', default: allCases.join() },
      json: { type: 'boolean' },
    },
  });
  const defaults = defaultsOf(values.network);
  const frozenStages = Number(values.frozen ?? defaults.frozen);
  const otherStages = frozenStages === defaults.frozen ? null : 'PyTorch trains other stages';
  return {
    network: networkNamed(values.network),
    classes: defaults.classes,
    batch: Number(values.batch ?? defaults.batch),
    size: Number(values.size),
    frozenStages,
    rounds: Number(values.rounds),
    cases: new Set(values.cases.split(',')),
    pyTorchSkipped: values['no-pytorch'] ? 'it was not asked for' : (otherStages ?? pyTorchMissing(values.network)),
  };
}

/** Everything to measure beside the blocked step: of TTFNets also with nothing frozen and forward, of MobileNetV3 with its backbone frozen. */
async function otherContenders(settings: Settings): Promise<Contender[]> {
  const { network, cases, frozenStages } = settings;
  const paper = network.name.startsWith('ttfnet');
  const found: Contender[] = [];
  if (cases.has('portable')) found.push(await stepContender('portable', settings, 'portable', frozenStages));
  if (cases.has('pytorch')) found.push(...pyTorch(settings, 'step', 'pyTorch'));
  if (cases.has('backbone') && !paper)
    found.push(await stepContender('backboneFrozen', settings, 'blocked', network.stages.length));
  if (cases.has('unfrozen') && paper)
    found.push(
      await stepContender('unfrozen', settings, 'blocked', 0),
      ...pyTorch(settings, 'unfrozen', 'pyTorchUnfrozen'),
    );
  if (cases.has('forward') && paper)
    found.push(
      await forwardContender('forward', settings),
      ...pyTorch({ ...settings, batch: 1 }, 'forward', 'pyTorchForward'),
    );
  return found;
}

function pyTorch(settings: Settings, task: PyTorchTask, name: string): Contender[] {
  if (settings.pyTorchSkipped !== null) return [];
  const cases = pyTorchCases(settings.network.name, task, settings.batch, settings.size);
  return cases.length > 0 ? [pyTorchContender(name, cases)] : [];
}

/** Operations of one step, from the graph before its lowering. */
function stepFlops(settings: Settings): number {
  const { network, classes, frozenStages } = settings;
  const config = configOf(settings, frozenStages);
  const parameters = new ParameterSet(new Map(), 0, (name) => isFrozen(network, frozenStages, name));
  const weights = { heatmap: config.heatmapWeight, size: config.sizeWeight };
  return graphFlops(trainingProgram(network, parameters, classes, config, weights).graph);
}

async function profileStep(settings: Settings): Promise<Profile> {
  const step = await makeStep(settings, 'blocked', settings.frozenStages, true);
  fill(step);
  for (let i = 0; i < 3; i++) await step.run(1e-9);
  const profile = await step.endProfile();
  await step.release();
  return profile;
}

/** Rounds of a few runs of everything, so that a busy machine slows all alike. @returns GFLOP/s of the MatMul ceiling, best of all rounds */
async function interleave(contenders: readonly Contender[], rounds: number): Promise<number> {
  let ceiling = await measureMatMul();
  for (let round = 0; round < rounds; round++) {
    for (const one of contenders) await one.round();
    ceiling = Math.max(ceiling, await measureMatMul());
  }
  for (const one of contenders) await one.release();
  return ceiling;
}

/** Resident memory of the process at its highest, in MB of 1024² bytes. */
const peakMemory = (): number => Math.round(process.resourceUsage().maxRSS / 1024);

const summary = ({ times, updateMs, createMs }: StepContender, batch: number) => ({
  msPerImage: median(times),
  fastestMsPerImage: Math.min(...times),
  javaScriptShare: median(updateMs) / (median(times) * batch),
  createMs,
});

/**
 * @param args `--network NAME --batch N --frozen STAGES --size PIXELS --rounds N --cases pytorch,portable,.. --no-pytorch --json`
 * @returns ms per image of everything measured (medians), ratios of speed, GFLOP/s; prints a report unless `--json`
 */
export async function trainStepBench(args: string[]): Promise<object> {
  const settings = readSettings(args);
  const { network, batch } = settings;
  const blocked = await stepContender('blocked', settings, 'blocked', settings.frozenStages);
  const peakMemoryMB = peakMemory(); // before anything else takes some
  const all = [blocked, ...(await otherContenders(settings))];
  const ceiling = await interleave(all, settings.rounds);
  const ms = Object.fromEntries(all.map(({ name, times }) => [name, median(times)]));
  const flops = stepFlops(settings);
  const result = {
    network: network.name,
    batch,
    size: settings.size,
    frozenStages: settings.frozenStages,
    msPerImage: ms['blocked']!,
    medians: ms,
    ratios: ratios(ms),
    blocked: summary(blocked, batch),
    pyTorchSkipped: settings.pyTorchSkipped,
    gflopPerStep: flops / 1e9,
    gflops: flops / (ms['blocked']! * batch * 1e6),
    matMulGflops: ceiling,
    peakMemoryMB,
    machine: machineFacts(),
  };
  if (!args.includes('--json')) report(result, await profileStep(settings));
  return result;
}

/** How many times as fast: the second's time over the first's, of the pairs that were both measured. */
const pairs: Readonly<Record<string, readonly [string, string]>> = {
  timesPyTorch: ['blocked', 'pyTorch'],
  portableTimesPyTorch: ['portable', 'pyTorch'],
  timesPortable: ['blocked', 'portable'],
  unfrozenTimesPyTorch: ['unfrozen', 'pyTorchUnfrozen'],
  forwardTimesPyTorch: ['forward', 'pyTorchForward'],
  backboneFrozenTimesFull: ['backboneFrozen', 'blocked'],
};

const ratios = (ms: Readonly<Record<string, number>>): Record<string, number> =>
  Object.fromEntries(
    Object.entries(pairs).flatMap(([name, [a, b]]) => (ms[a] && ms[b] ? [[name, ms[b] / ms[a]] as const] : [])),
  );

type Result = { [K in 'network' | 'batch' | 'size' | 'frozenStages']: string | number } & {
  [K in 'gflops' | 'matMulGflops' | 'peakMemoryMB']: number;
} & {
  medians: Readonly<Record<string, number>>;
  ratios: Readonly<Record<string, number>>;
  blocked: ReturnType<typeof summary>;
  pyTorchSkipped: string | null;
};

function report(result: Result, profile: Profile): void {
  const { blocked } = result;
  console.log(
    [
      `Training step, ${result.network}, ${result.size}x${result.size}, batch ${result.batch}, ${result.frozenStages} stages frozen; medians`,
      ...Object.entries(result.medians).map(
        ([name, ms]) => `  ${name.padEnd(24)} ${ms.toFixed(1).padStart(8)} ms/image`,
      ),
      ...Object.entries(result.ratios).map(([name, times]) => `  ${name.padEnd(24)} ${times.toFixed(2).padStart(8)}`),
      ...(result.pyTorchSkipped === null ? [] : [`  PyTorch skipped: ${result.pyTorchSkipped}`]),
      `  ${result.gflops.toFixed(0)} GFLOP/s of the network's own operations; this machine's MatMul reaches ${result.matMulGflops.toFixed(0)}`,
      `  ${result.peakMemoryMB} MB at most, made in ${blocked.createMs.toFixed(0)} ms, update in JavaScript ${(100 * blocked.javaScriptShare).toFixed(1)} % of a step`,
      'Where the blocked step spends its time:',
      ...profile.rows
        .slice(0, 16)
        .map(
          ({ op, ms, calls }) =>
            `  ${op.padEnd(20)} ${((100 * ms) / profile.totalMs).toFixed(1).padStart(5)} %  ${calls} calls`,
        ),
    ].join('\n'),
  );
}
