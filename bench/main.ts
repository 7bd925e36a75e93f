// `npm run bench -- NAME [arguments]`: one measurement, or all of them; JSON into bench/results/ and onto standard output.
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { machineFacts } from '../src/core/runtime/machine.ts';

type Bench = (args: readonly string[]) => Promise<object>;

/** Every bench; loaded when it is asked for. */
const benches: Readonly<Record<string, () => Promise<Bench>>> = {
  'detect-folder': async () => (await import('./detectFolder.ts')).detectFolderBench,
  bccd: async () => (await import('./bccd.ts')).bccdBench,
  'few-images': async () => (await import('./fewImages.ts')).fewImagesBench,
  store: async () => (await import('./store.ts')).storeBench,
};

const results = path.join(import.meta.dirname, 'results');

async function measure(name: string, args: readonly string[]): Promise<void> {
  const load = benches[name];
  if (!load) throw new Error(`There is no bench "${name}". Choose from ${Object.keys(benches).join(', ')}.`);
  const result = {
    bench: name,
    date: new Date().toISOString(),
    machine: machineFacts(),
    ...(await (
      await load()
    )(args)),
  };
  await mkdir(results, { recursive: true });
  await writeFile(path.join(results, `${name}.json`), `${JSON.stringify(result, null, 2)}\n`);
  process.stdout.write(`${JSON.stringify(result)}\n`);
}

const [name, ...args] = process.argv.slice(2);
if (name === undefined) for (const each of Object.keys(benches)) await measure(each, []);
else await measure(name, args);
