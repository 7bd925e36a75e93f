// Runs benchmarks by name: npm run bench -- [NAME] [arguments] [--json]; all of them without a name. Each result also lands in bench/results/.
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

interface Bench {
  summary: string;
  /** Loads only what this benchmark needs. */
  load: () => Promise<(args: string[]) => Promise<object>>;
  /** Whether it writes its own report when `--json` isn't given. */
  reports?: boolean;
}

/** Every benchmark by name. */
const benches: Readonly<Record<string, Bench>> = {
  'train-step': {
    summary: 'milliseconds per image of a training step, blocked and portable, against PyTorch',
    load: async () => (await import('./trainStep.ts')).trainStepBench,
    reports: true,
  },
  store: {
    summary: 'the project store with 100,000 images and a million boxes',
    load: async () => (await import('./store.ts')).storeBench,
  },
  'detect-folder': {
    summary: 'detection over a folder of photos',
    load: async () => (await import('./detectFolder.ts')).detectFolderBench,
  },
  bccd: {
    summary: 'fine-tuning on BCCD: AP50 by images and minutes',
    load: async () => (await import('./bccd.ts')).bccdBench,
  },
  'few-images': {
    summary: 'the quick preset on five and twenty images: it learns and does not diverge',
    load: async () => (await import('./fewImages.ts')).fewImagesBench,
  },
  interface: {
    summary:
      'the interface in Chromium over the real host: start, next image, 5,000 boxes, 100,000 images, heatmap, memory',
    load: async () => (await import('./interface.ts')).interfaceBench,
    reports: true,
  },
};

async function runBench(name: string, args: string[]): Promise<void> {
  const bench = benches[name]!;
  const result = await (await bench.load())(args);
  const folder = path.join(import.meta.dirname, 'results');
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, `${name}.json`), `${JSON.stringify(result, null, 2)}\n`);
  if (args.includes('--json')) console.log(JSON.stringify(result));
  else if (!bench.reports) console.log(JSON.stringify(result, null, 2));
}

const [first, ...rest] = process.argv.slice(2);
const named = first !== undefined && !first.startsWith('-');
if (named && !(first in benches)) {
  const list = Object.entries(benches).map(([name, { summary }]) => `  ${name.padEnd(14)} ${summary}`);
  console.error(`There is no benchmark "${first}". There are:\n${list.join('\n')}`);
  process.exitCode = 2;
} else if (named) await runBench(first, rest);
else for (const name of Object.keys(benches)) await runBench(name, process.argv.slice(2));
