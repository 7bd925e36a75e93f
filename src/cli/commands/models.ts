// ttfnet-studio models
import path from 'node:path';
import type { Command } from 'commander';
import { defaultModelsFolder } from '../../app/tasks/modelsFolder.ts';
import { addModel, getModel, listModels, type ModelsList } from '../../app/tasks/modelsTask.ts';
import type { Session } from '../ending.ts';
import { jsonOption } from '../options.ts';
import { makeProgress, pace } from '../progress.ts';
import { formatTable } from '../table.ts';

interface ModelsOptions {
  folder: string;
  mirror?: string;
  json?: boolean;
}

/** Adds the command and its sub-commands, which share --folder and --json with it. */
export function addModels(program: Command, session: Session): void {
  const models = program
    .command('models')
    .description('List the networks and weights there are. Nothing is downloaded unless you say `models get`.')
    .option('--folder <folder>', 'folder of downloaded and added weights', defaultModelsFolder)
    .addOption(jsonOption())
    .configureHelp({ showGlobalOptions: true })
    .action(list);
  // Read through the command: an option that the parent knows too is the parent's wherever it stands.
  const all = (command: Command): ModelsOptions => command.optsWithGlobals<ModelsOptions>();
  models
    .command('get')
    .argument('<name>', 'name from the list')
    .description('Download published weights: goes on where a cut download ended, and checks the SHA-256.')
    .option('--mirror <url>', 'address of a folder that holds the same files')
    .action((name: string, _: unknown, command: Command) => get(name, all(command), session));
  models
    .command('add')
    .argument('<file>', 'a .pth or .safetensors file')
    .description('Check a weights file on this disk and copy it into the folder.')
    .action((file: string, _: unknown, command: Command) => add(file, all(command)));
}

async function list({ folder, json }: ModelsOptions): Promise<void> {
  const found = await listModels(folder);
  process.stdout.write(json ? `${JSON.stringify(found)}\n` : describe(found, folder));
}

/** The list for people: a table, the licences below it once each, and the files that can be given to --model. */
function describe({ base, published, files }: ModelsList, folder: string): string {
  const licences = [...new Set(published.map((m) => m.licence))];
  const rows = published.map((m) => [
    m.name,
    m.kind,
    `${m.megabytes.toFixed(0)} MB`,
    m.cocoAp === null ? '-' : m.cocoAp.toFixed(1),
    m.sha256,
    `[${licences.indexOf(m.licence) + 1}]`,
    m.here ? 'yes' : 'no',
  ]);
  const table = formatTable(['published', 'kind', 'size', 'COCO AP', 'SHA-256 begins', 'licence', 'here'], rows);
  const lines = [
    `${base}: the COCO base network, always there; 80 classes, the default start`,
    '',
    table,
    ...licences.map((text, i) => `[${i + 1}] ${text}`),
    '',
    ...(files.length > 0 ? ['For --model and --start:'] : [`No files in ${folder} yet.`]),
    ...files.map((file) => `  ${path.join(folder, file)}`),
  ];
  return `${lines.join('\n')}\n`;
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
  }).finally(() => progress.stop());
  progress.event({ file });
  if (!json) process.stdout.write(`${file}\n`);
}

async function add(file: string, { folder, json }: ModelsOptions): Promise<void> {
  const added = await addModel(file, folder);
  const known = added.entry ? `; it is the published ${added.entry.name}` : '';
  process.stdout.write(json ? `${JSON.stringify(added)}\n` : `${added.file}: ${added.tensors} tensors${known}\n`);
}
