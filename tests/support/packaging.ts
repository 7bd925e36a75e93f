// Packaging without Electron's binary: the app staged with what a production install has, packed by electron-builder over a folder that looks like Electron.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { chmod, copyFile, cp, link, mkdir, open, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

const root = path.resolve(import.meta.dirname, '../..');
const run = promisify(execFile);

/** The parts of package-lock.json that say what a production install has. */
interface Lock {
  packages: Record<string, { dev?: boolean; devOptional?: boolean }>;
}

/** Folders (`node_modules/...`) of all packages that are installed here and not for development only. */
export async function productionPackages(): Promise<string[]> {
  const lock = JSON.parse(await readFile(path.join(root, 'package-lock.json'), 'utf8')) as Lock;
  const names = Object.entries(lock.packages).filter(([, { dev, devOptional }]) => !dev && !devOptional);
  const there = await Promise.all(names.map(async ([name]) => ((await isPackage(name)) ? [name] : [])));
  return there.flat();
}

async function isPackage(name: string): Promise<boolean> {
  if (name === '') return false;
  return readFile(path.join(root, name, 'package.json')).then(
    () => true,
    () => false, // built for another system
  );
}

/** Makes an app folder of the built program and its production packages, and packs it. Answers electron-builder's output folder. */
export async function pack(folder: string): Promise<string> {
  const app = path.join(folder, 'app');
  for (const name of await productionPackages()) await linkTree(path.join(root, name), path.join(app, name));
  for (const name of ['package.json', 'package-lock.json', 'LICENSE', 'NOTICE.md', 'electron-builder.config.ts'])
    await copyFile(path.join(root, name), path.join(app, name));
  await mkdir(path.join(app, 'src/main'), { recursive: true });
  await copyFile(path.join(root, 'src/main/unpacked.ts'), path.join(app, 'src/main/unpacked.ts')); // the configuration's own
  for (const name of ['out', 'resources']) await cp(path.join(root, name), path.join(app, name), { recursive: true });
  const electron = path.join(folder, 'electron');
  await writeFakeElectron(electron);
  const output = path.join(folder, 'dist');
  const words = [
    '--dir',
    '--linux',
    '--x64',
    '--projectDir',
    app,
    '--config',
    path.join(app, 'electron-builder.config.ts'),
  ];
  const settings = [
    `-c.electronDist=${electron}`,
    `-c.electronVersion=${electronVersion()}`,
    `-c.directories.output=${output}`,
  ];
  await run(process.execPath, [path.join(root, 'node_modules/electron-builder/cli.js'), ...words, ...settings]);
  return path.join(output, 'linux-unpacked');
}

function electronVersion(): string {
  const text = readFileSync(path.join(root, 'node_modules/electron/package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

/** The same files at another place, without copying their bytes where the disk can do that. */
async function linkTree(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [source, target] = [path.join(from, entry.name), path.join(to, entry.name)];
    if (entry.isDirectory()) {
      if (entry.name !== 'node_modules') await linkTree(source, target); // nested packages are in the list themselves
    } else await link(source, target).catch(() => copyFile(source, target));
  }
}

/** Words by which fuses are found in Electron's binary, then the wire: version 1, nine fuses as Electron ships them. */
const fuseWire = Buffer.concat([
  Buffer.from('dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX'),
  Buffer.from([1, 9]),
  Buffer.from('101001101'),
]);

async function writeFakeElectron(folder: string): Promise<void> {
  await mkdir(path.join(folder, 'resources'), { recursive: true });
  await mkdir(path.join(folder, 'locales'));
  await writeFile(path.join(folder, 'electron'), Buffer.concat([Buffer.alloc(100), fuseWire, Buffer.alloc(100)]));
  await chmod(path.join(folder, 'electron'), 0o755);
  for (const name of ['LICENSE', 'LICENSES.chromium.html', 'chrome-sandbox', 'resources.pak', 'icudtl.dat'])
    await writeFile(path.join(folder, name), 'x');
  await writeFile(path.join(folder, 'version'), electronVersion());
  await writeFile(path.join(folder, 'resources', 'default_app.asar'), emptyArchive());
}

function emptyArchive(): Buffer {
  const json = Buffer.from('{"files":{}}');
  const head = Buffer.alloc(16);
  [4, json.length + 8, json.length + 4, json.length].forEach((value, i) => head.writeUInt32LE(value, 4 * i));
  return Buffer.concat([head, json]);
}

interface ArchiveEntry {
  files?: Record<string, ArchiveEntry>;
  size?: number;
  offset?: string;
  unpacked?: boolean;
  integrity?: { hash: string };
}

/** One file of an archive. */
export interface Packed {
  /** `/` as separator, from the archive's root. */
  name: string;
  size: number;
  /** Where its bytes begin in the archive; `null` when it lies beside it. */
  at: number | null;
  /** SHA-256 that the packed program checks. */
  hash: string | undefined;
}

/** Lists an asar archive: a header of JSON behind four little-endian lengths, then the files' bytes. */
export async function listArchive(file: string): Promise<Packed[]> {
  const handle = await open(file);
  try {
    const lengths = Buffer.alloc(16);
    await handle.read(lengths, 0, 16, 0);
    const json = Buffer.alloc(lengths.readUInt32LE(12));
    await handle.read(json, 0, json.length, 16);
    return walk(JSON.parse(json.toString()) as ArchiveEntry, '', 8 + lengths.readUInt32LE(4));
  } finally {
    await handle.close();
  }
}

function walk(entry: ArchiveEntry, name: string, base: number): Packed[] {
  if (entry.files)
    return Object.entries(entry.files).flatMap(([part, inner]) =>
      walk(inner, name === '' ? part : `${name}/${part}`, base),
    );
  const { size = 0, offset, unpacked, integrity } = entry;
  return [{ name, size, at: unpacked ? null : base + Number(offset), hash: integrity?.hash }];
}

/** Writes an archive's files, those beside it too, into a folder, after checking each against its hash. */
export async function extractArchive(file: string, folder: string): Promise<void> {
  const bytes = await readFile(file);
  for (const { name, size, at, hash } of await listArchive(file)) {
    const target = path.join(folder, name);
    await mkdir(path.dirname(target), { recursive: true });
    const content = at === null ? await readFile(path.join(`${file}.unpacked`, name)) : bytes.subarray(at, at + size);
    if (hash !== undefined && createHash('sha256').update(content).digest('hex') !== hash)
      throw new Error(`${name} has another hash than the archive says.`);
    await writeFile(target, content);
  }
}
