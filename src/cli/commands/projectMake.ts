// ttfnet-studio project create, import, export
import { Option, type Command } from 'commander';
import { formatNames, writtenFormatNames, type FormatName, type WrittenFormatName } from '../../app/tasks/names.ts';
import { createTask, type CreateOutcome } from '../../app/tasks/projectCreate.ts';
import { exportTask } from '../../app/tasks/projectExport.ts';
import { importTask, type ImportOutcome } from '../../app/tasks/projectImport.ts';

import type { Split } from '../../shared/labels.ts';
import { inEnglish } from '../../shared/said.ts';
import { exitCodes, type Session } from '../ending.ts';
import { jsonOption, rawCsvOption } from '../options.ts';
import { describeLosses, followTask, many, someLines } from './projectText.ts';

type ScanResult = CreateOutcome['scan'];

interface CreateOptions {
  name?: string;
  import?: boolean;
  format?: FormatName;
  annotations?: string;
  json?: boolean;
}

interface ImportOptions {
  format?: FormatName;
  annotations?: string;
  json?: boolean;
}

interface ExportOptions {
  to: WrittenFormatName;
  out: string;
  copyImages?: boolean;
  linkImages?: boolean;
  split?: Split;
  rawCsv?: boolean;
  json?: boolean;
}

const formatOption = (): Option =>
  new Option('--format <format>', 'format of the annotations; found by itself when left out').choices([...formatNames]);

const annotationsOption = (): Option =>
  new Option('--annotations <folder>', 'folder of the annotation files, where it is elsewhere');

/** Adds the commands that make a project, fill it and write it out. */
export function addProjectMakers(project: Command, session: Session): void {
  addCreate(project, session);
  addImport(project, session);
  addExport(project, session);
}

function addCreate(project: Command, session: Session): void {
  project
    .command('create')
    .argument('<folder>', 'folder with the pictures; the project is made in it')
    .description('Make a project of a folder with pictures, labelled or not. The pictures stay as they are.')
    .option('--name <name>', "the project's name; default: the folder's")
    .option('--import', 'take in the annotations that lie beside the pictures')
    .addOption(formatOption())
    .addOption(annotationsOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nA read-only folder gets its project beside it, or in the program\'s own folder.\n--format and --annotations imply --import.\n\nExamples:\n  $ ttfnet-studio project create holiday --name "Summer 2026"\n  $ ttfnet-studio project create VOC2012 --import\n  $ ttfnet-studio project create images --annotations labels --format yolo',
    )
    .action((folder: string, options: CreateOptions) => create(folder, options, session));
}

async function create(folder: string, options: CreateOptions, session: Session): Promise<void> {
  const { name, format, annotations, json } = options;
  const { progress, options: task } = followTask(json ?? false, session);
  const made = await createTask({ folder, name, format, annotations, import: options.import ?? false }, task);
  progress.stop();
  progress.event(made);
  if (!json) process.stdout.write(describeMade(folder, made));
  endAfter(failedIn(made.scan), session);
}

function describeMade(folder: string, { file, name, scan, found, imported }: CreateOutcome): string {
  const [first] = found;
  const hint = first
    ? `There are annotations too: they look like ${found.map((f) => f.format).join(' or ')} (${first.looksFor}).\nTake them in with: ttfnet-studio project import ${folder}\n`
    : '';
  return `Made "${name}" with ${many(scan.added, 'picture')}: ${file}\n${describeUnreadable(scan)}${imported ? describeImport(imported) : hint}`;
}

function describeUnreadable({ unreadable, passedOver }: ScanResult): string {
  const list = (head: string, lines: readonly string[]): string =>
    lines.length === 0 ? '' : `${head}:\n${someLines(lines)}`;
  const left = passedOver.map(({ path, said }) => `${path}: ${inEnglish(said)}`);
  return (
    list(
      `${many(unreadable.length, 'picture')} could not be read`,
      unreadable.map((u) => u.reason),
    ) + list(`${many(left.length, 'file or folder was', 'files and folders were')} passed over`, left)
  );
}

/** Pictures that could not be read, and folders that could not be entered. */
const failedIn = ({ unreadable, passedOver }: ScanResult): number =>
  unreadable.length + passedOver.filter(({ said }) => said.key === 'walk.unreadable').length;

function describeImport({ report, added, findingsFile }: ImportOutcome): string {
  const { boxes, duplicates, newImages, newClasses } = added;
  const there = duplicates > 0 ? `, ${many(duplicates, 'box', 'boxes')} were there already` : '';
  return `${describeLosses('Read', report, findingsFile)}Added ${many(boxes, 'box', 'boxes')}, ${many(newClasses, 'class', 'classes')}, ${many(newImages, 'picture')}${there}\n`;
}

/** Some files failed: the rest was done. */
function endAfter(failed: number, session: Session): void {
  if (failed > 0) session.end(exitCodes.partial);
}

function addImport(project: Command, session: Session): void {
  project
    .command('import')
    .argument('<project>', "the project's folder or file")
    .argument('[data]', "folder with annotations of the project's pictures; default: the project's own folder")
    .description('Take new pictures of the folder into the project, and labels from annotation files.')
    .addOption(formatOption())
    .addOption(annotationsOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      "\nLabels are added, never replaced; boxes that are there already to the last digit are left out, so the same import\ncan be run again. One undo takes all of it back. Annotations are matched to the project's pictures by their names.\n\nExamples:\n  $ ttfnet-studio project import cells                     new pictures, and annotations that lie there\n  $ ttfnet-studio project import cells from-anna --format coco",
    )
    .action((target: string, data: string | undefined, options: ImportOptions) =>
      importInto(target, data, options, session),
    );
}

async function importInto(
  target: string,
  folder: string | undefined,
  { format, annotations, json }: ImportOptions,
  session: Session,
): Promise<void> {
  const { progress, options } = followTask(json ?? false, session);
  const source = { ...(folder === undefined ? {} : { folder }), format, annotations };
  const { scan, imported } = await importTask(target, source, options);
  progress.stop();
  progress.event({ scan, imported });
  if (!json) {
    const { added, moved, changed, missing } = scan;
    process.stdout.write(
      `Pictures: ${added} new, ${moved.length} moved, ${changed.length} with other content, ${missing} missing\n${describeUnreadable(scan)}`,
    );
    process.stdout.write(imported ? describeImport(imported) : 'There are no annotations of a known format.\n');
  }
  endAfter(failedIn(scan), session);
}

function addExport(project: Command, session: Session): void {
  project
    .command('export')
    .argument('<project>', "the project's folder or file")
    .description('Write the labels of the labelled and reviewed images in a format that others read.')
    .addOption(new Option('--to <format>', 'format to write').choices([...writtenFormatNames]).makeOptionMandatory())
    .requiredOption('--out <folder>', 'new or empty folder to write')
    .option('--copy-images', 'copy the pictures along')
    .addOption(new Option('--link-images', 'link the pictures instead of copying them').conflicts('copyImages'))
    .addOption(new Option('--split <name>', 'only images of this split').choices(['train', 'val', 'test']))
    .addOption(rawCsvOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nSuggestions of a model that nobody accepted are not written.\n\nExamples:\n  $ ttfnet-studio project export cells --to yolo --out for-yolo --link-images\n  $ ttfnet-studio project export cells --to coco --split test --out test-labels',
    )
    .action((target: string, options: ExportOptions) => exportFrom(target, options, session));
}

async function exportFrom(target: string, options: ExportOptions, session: Session): Promise<void> {
  const { to, out, split, json, copyImages, linkImages, rawCsv = false } = options;
  const images = copyImages ? 'copy' : linkImages ? 'link' : 'none';
  const { progress, options: task } = followTask(json ?? false, session);
  const request = { to, out, images, split, rawCsv } as const;
  const { written, imageRoot, findingsFile } = await exportTask(target, request, task);
  progress.stop();
  progress.event({ written, imageRoot, out, findingsFile });
  if (json) return;
  const stay =
    images === 'none' ? `The pictures stay in ${imageRoot}; to read this back, name it with --images.\n` : '';
  process.stdout.write(`${describeLosses('Wrote', written, findingsFile)}${stay}`);
}
