// Benchmark of one training step (forward, losses, backward, clip, optimizer): blocked and portable graph, and PyTorch, interleaved in one run.
import { parseArgs } from 'node:util';
import { ParameterSet } from '../src/core/nn/parameters.ts';
import { measureMatMul, machineFacts } from '../src/core/runtime/machine.ts';
import type { Profile } from '../src/core/runtime/profile.ts';
import { makeConfig, type TrainConfig } from '../src/core/train/config.ts';
import { TrainingStep } from '../src/core/train/step.ts';
import { isFrozen, type Network } from '../src/core/ttfnet/networks/network.ts';
import { networkNamed } from '../src/core/ttfnet/networks/table.ts';
import { trainingProgram } from '../src/core/ttfnet/programs.ts';
import { graphFlops } from './flops.ts';
import { median } from './median.ts';
import { pyTorchCases, runPyTorch, type PyTorchCase } from './pytorch.ts';

type Layout = 'blocked' | 'portable';

interface Settings {
  network: Network;
  classes: number;
  config: TrainConfig;
  rounds: number;
  comparesWithPyTorch: boolean;
}

interface Measured {
  layout: Layout;
  step: TrainingStep;
  createMs: number;
  stepMs: number[];
  updateMs: number[];
}

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
      json: { type: 'boolean' },
    },
  });
  const defaults = defaultsOf(values.network);
  const frozenStages = Number(values.frozen ?? defaults.frozen);
  const size = Number(values.size);
  return {
    network: networkNamed(values.network),
    classes: defaults.classes,
    config: makeConfig({
      start: values.network,
      batch: Number(values.batch ?? defaults.batch),
      width: size,
      height: size,
      frozenStages,
      optimizer: 'sgd',
      averageDecay: 0,
    }),
    rounds: Number(values.rounds),
    comparesWithPyTorch: !values['no-pytorch'] && frozenStages === defaults.frozen,
  };
}

/** Deterministic pictures and targets: a tenth of the cells weighted, a few centres per class. */
function fill({ buffers }: TrainingStep): void {
  for (let i = 0; i < buffers.image.length; i++) buffers.image[i] = (i * 7919) % 251;
  for (let i = 0; i < buffers.heatmap.length; i++) buffers.heatmap[i] = i % 997 === 0 ? 1 : ((i * 31) % 89) / 200;
  for (let i = 0; i < buffers.boxTarget.length; i++) buffers.boxTarget[i] = (i * 37) % 256;
  for (let i = 0; i < buffers.regWeight.length; i++) buffers.regWeight[i] = i % 10 === 0 ? 0.1 : 0;
}

async function makeStep(
  { network, classes, config }: Settings,
  layout: Layout,
  profile = false,
): Promise<TrainingStep> {
  const step = await TrainingStep.create(network, new Map(), classes, config, { layout, profile });
  fill(step);
  return step;
}

/** So small that weights, and with them the numbers that flow, stay what they were. */
const rate = 1e-9;

async function prepare(settings: Settings, layout: Layout): Promise<Measured> {
  const start = performance.now();
  const step = await makeStep(settings, layout);
  const createMs = performance.now() - start;
  for (let i = 0; i < 2; i++) await step.run(rate); // the first steps grow the memory
  return { layout, step, createMs, stepMs: [], updateMs: [] };
}

async function measure(measured: Measured, steps: number): Promise<void> {
  for (let i = 0; i < steps; i++) {
    const { runMs, updateMs } = await measured.step.run(rate);
    measured.stepMs.push(runMs + updateMs);
    measured.updateMs.push(updateMs);
  }
}

/** Rounds of a few steps of everything, so that a busy machine slows all alike. @returns PyTorch's ms per image, each round's best case */
async function interleave(
  measured: readonly Measured[],
  cases: readonly PyTorchCase[],
  rounds: number,
): Promise<number[]> {
  const found = cases.map((): number[] => []);
  const { threads } = machineFacts();
  for (let round = 0; round < rounds; round++) {
    for (const one of measured) await measure(one, 4);
    for (const [i, one] of cases.entries()) found[i]!.push(await runPyTorch(one, threads));
  }
  return found.sort((a, b) => median(a) - median(b))[0] ?? [];
}

function summary({ layout, stepMs, updateMs, createMs }: Measured, batch: number) {
  return {
    layout,
    msPerImage: median(stepMs) / batch,
    fastestMsPerImage: Math.min(...stepMs) / batch,
    updateMs: median(updateMs),
    javaScriptShare: median(updateMs) / median(stepMs),
    createMs,
  };
}

/** Operations of one step, from the graph before its lowering. */
function stepFlops({ network, classes, config }: Settings): number {
  const parameters = new ParameterSet(new Map(), 0, (name) => isFrozen(network, config.frozenStages, name));
  const weights = { heatmap: config.heatmapWeight, size: config.sizeWeight };
  return graphFlops(trainingProgram(network, parameters, classes, config, weights).graph);
}

async function profileStep(settings: Settings): Promise<Profile> {
  const step = await makeStep(settings, 'blocked', true);
  for (let i = 0; i < 3; i++) await step.run(rate);
  const profile = await step.endProfile();
  await step.release();
  return profile;
}

/**
 * @param args `--network NAME --batch N --frozen STAGES --size PIXELS --rounds N --no-pytorch --json`
 * @returns ms per image of each layout and of PyTorch (medians), ratios of speed, GFLOP/s; prints a report unless `--json`
 */
export async function trainStepBench(args: string[]): Promise<object> {
  const settings = readSettings(args);
  const { network, config } = settings;
  const cases = settings.comparesWithPyTorch
    ? pyTorchCases(network.name, config.batch, config.width)
    : 'PyTorch was not asked for, or trains other stages';
  const measured: Measured[] = [];
  for (const layout of ['blocked', 'portable'] as const) measured.push(await prepare(settings, layout));
  const [matMulBefore, pyTorch] = [
    await measureMatMul(),
    await interleave(measured, typeof cases === 'string' ? [] : cases, settings.rounds),
  ];
  const ceiling = Math.max(matMulBefore, await measureMatMul());
  for (const { step } of measured) await step.release();
  const [blocked, portable] = measured.map((m) => summary(m, config.batch)) as [
    ReturnType<typeof summary>,
    ReturnType<typeof summary>,
  ];
  const pyTorchMs = pyTorch.length > 0 ? median(pyTorch) : null;
  const ratio = ({ msPerImage }: { msPerImage: number }): number | null => pyTorchMs && pyTorchMs / msPerImage;
  const flops = stepFlops(settings);
  const result = {
    network: network.name,
    batch: config.batch,
    size: config.width,
    frozenStages: config.frozenStages,
    msPerImage: blocked.msPerImage,
    blocked,
    portable,
    pyTorchMsPerImage: pyTorchMs,
    pyTorchSkipped: typeof cases === 'string' ? cases : null,
    timesPyTorch: ratio(blocked),
    portableTimesPyTorch: ratio(portable),
    timesPortable: portable.msPerImage / blocked.msPerImage,
    gflopPerStep: flops / 1e9,
    gflops: flops / (blocked.msPerImage * config.batch * 1e6),
    matMulGflops: ceiling,
    peakMemoryMB: Math.round(process.resourceUsage().maxRSS / 1024),
    machine: machineFacts(),
  };
  if (!args.includes('--json')) report(result, await profileStep(settings));
  return result;
}

type Result = { [K in 'network' | 'batch' | 'size' | 'frozenStages' | 'gflops' | 'matMulGflops']: string | number } & {
  blocked: ReturnType<typeof summary>;
  portable: ReturnType<typeof summary>;
  pyTorchMsPerImage: number | null;
  pyTorchSkipped: string | null;
  timesPyTorch: number | null;
};

function report(result: Result, profile: Profile): void {
  const line = (name: string, ms: number, note: string): string =>
    `  ${name.padEnd(10)} ${ms.toFixed(1).padStart(8)} ms per image   ${note}`;
  const share = ({ javaScriptShare }: { javaScriptShare: number }): string =>
    `JavaScript ${(100 * javaScriptShare).toFixed(1)} % of a step`;
  console.log(
    [
      `Training step, ${result.network}, ${result.size}x${result.size}, batch ${result.batch}, ${result.frozenStages} stages frozen`,
      line('blocked', result.blocked.msPerImage, share(result.blocked)),
      line('portable', result.portable.msPerImage, share(result.portable)),
      result.pyTorchMsPerImage === null
        ? `  PyTorch    skipped: ${result.pyTorchSkipped ?? ''}`
        : line('PyTorch', result.pyTorchMsPerImage, `blocked is ${result.timesPyTorch!.toFixed(2)} times as fast`),
      `  ${Number(result.gflops).toFixed(0)} GFLOP/s; this machine's MatMul reaches ${Number(result.matMulGflops).toFixed(0)}`,
      'Where the blocked step spends its time:',
      ...profile.rows
        .slice(0, 14)
        .map(
          ({ op, ms, calls }) =>
            `  ${op.padEnd(20)} ${((100 * ms) / profile.totalMs).toFixed(1).padStart(5)} %  ${calls} calls`,
        ),
    ].join('\n'),
  );
}
