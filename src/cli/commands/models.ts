// ttfnet-studio models
import { homedir } from 'node:os';
import path from 'node:path';
import type { Command } from 'commander';
import { addModel, getModel, listModels } from '../../app/tasks/modelsTask.ts';
import type { Session } from '../ending.ts';
import { jsonOption } from '../options.ts';
import { makeProgress, pace } from '../progress.ts';
import { formatTable } from '../table.ts';

const defaultFolder = path.join(homedir(), '.ttfnet-studio', 'models');

interface ModelsOptions {
  folder: string;
  mirror?: string;
  json?: boolean;
}

/** Adds the command and its sub-commands. */
export function addModels(program: Command, session: Session): void {
  const models = program
    .command('models')
    .description('List the networks and weights there are. Nothing is downloaded unless you say `models get`.')
    .option('--folder <folder>', 'folder of downloaded and added weights', defaultFolder)
    .addOption(jsonOption())
    .action(list);
  models
    .command('get')
    .argument('<name>', 'name from the list')
    .description('Download published weights; goes on after a cut, checks the sum.')
    .option('--mirror <url>', 'address of a folder that holds the same files')
    .option('--folder <folder>', 'where to put them', defaultFolder)
    .addOption(jsonOption())
    .action((name: string, options: ModelsOptions) => get(name, options, session));
  models
    .command('add')
    .argument('<file>', 'a .pth or .safetensors file')
    .description('Take a weights file from disk into the list.')
    .option('--folder <folder>', 'where to put it', defaultFolder)
    .addOption(jsonOption())
    .action(add);
}

async function list({ folder, json }: ModelsOptions): Promise<void> {
  const found = await listModels(folder);
  if (json) {
    process.stdout.write(`${JSON.stringify(found)}\n`);
    return;
  }
  process.stdout.write(`${found.base}  the COCO base network, always there: 80 classes, the default start\n\n`);
  const rows = found.published.map((m) => [
    m.name,
    `${m.megabytes.toFixed(0)} MB`,
    m.cocoAp === null ? '-' : String(m.cocoAp),
    m.here ? 'here' : '',
    m.licence,
  ]);
  process.stdout.write(formatTable(['published weights', 'size', 'COCO AP', '', 'licence'], rows));
  const added = found.files.filter((f) => !found.published.some((m) => m.file === f) && !f.includes('.part'));
  for (const file of added) process.stdout.write(`added: ${path.join(folder, file)}\n`);
}

async function get(name: string, { folder, mirror, json }: ModelsOptions, { signal }: Session): Promise<void> {
  const progress = makeProgress(json ?? false);
  const rate = pace();
  const megabytes = (bytes: number): number => Math.round(bytes / 1e6);
  const file = await getModel(name, folder, {
    mirror,
    signal,
    onProgress: (p) =>
      progress.update(
        megabytes(p.received),
        megabytes(p.total ?? p.received),
        rate(megabytes(p.received), megabytes(p.total ?? p.received), 'MB'),
      ),
  });
  progress.stop();
  progress.event({ file });
  if (!json) process.stdout.write(`${file}\n`);
}

async function add(file: string, { folder, json }: ModelsOptions): Promise<void> {
  const added = await addModel(file, folder);
  if (json) process.stdout.write(`${JSON.stringify(added)}\n`);
  else
    process.stdout.write(
      `${added.file}: ${added.kind}, ${added.tensors} tensors${added.entry ? `, the published ${added.entry.name}` : ''}\n`,
    );
}
