// What lies outside the packed program's archive (native libraries, the base network's weights) and is covered by no other check: its hashes, written
// when it is packed into a list inside the archive, compared before anything of it is loaded.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** The list inside the archive, relative to the app's folder: SHA-256 by path, with `/` as separator. */
export const unpackedList = 'out/main/unpacked.json';

/** Signing for macOS rewrites native code, and macOS checks the signature itself. */
const signed = /\.(node|dylib)$/;

/**
 * Files beside the archive that are not as they were packed, or were not packed at all.
 * @param archive its path; its files outside lie in a folder beside it, of its name and `.unpacked`
 * @param list the hashes, where they are not read from inside the archive
 */
export function strangeFiles(
  archive: string,
  list = path.join(archive, unpackedList),
  platform: string = process.platform,
): string[] {
  const folder = `${archive}.unpacked`;
  if (!existsSync(folder)) return [];
  const hashes = readList(list);
  return filesIn(folder).filter(
    (name) => !(platform === 'darwin' && signed.test(name)) && hashes[name] !== hashOf(path.join(folder, name)),
  );
}

/** The hashes of all files below `folders` of an app's folder, for the list. */
export function listHashes(app: string, folders: readonly string[]): Record<string, string> {
  const names = folders.flatMap((folder) => filesIn(path.join(app, folder)).map((name) => `${folder}/${name}`));
  return Object.fromEntries(names.map((name) => [name, hashOf(path.join(app, name))]));
}

/** Folders of an app's packages that hold native code or weights: what can come to lie outside of the archive. */
export function nativeFolders(app: string): string[] {
  const packages = readdirSync(path.join(app, 'node_modules')).flatMap((name) =>
    name.startsWith('@') ? readdirSync(path.join(app, 'node_modules', name)).map((part) => `${name}/${part}`) : [name],
  );
  const outside = /\.(node|so|so\..*|dylib|dll)$|^models\/centernet\./;
  return packages
    .map((name) => `node_modules/${name}`)
    .filter((folder) => filesIn(path.join(app, folder)).some((name) => outside.test(name)));
}

/** Without a list nothing is known: every file is strange. */
const readList = (file: string): Record<string, string> =>
  existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>) : {};

const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)).replaceAll('\\', '/'));

/** Of a package's description only what decides what is loaded counts: packing leaves the rest out. */
function hashOf(file: string): string {
  const bytes = readFileSync(file);
  const content = path.basename(file) === 'package.json' ? whatItLoads(bytes.toString()) : bytes;
  return createHash('sha256').update(content).digest('hex');
}

function whatItLoads(text: string): string {
  const { name, version, type, main, exports, imports } = JSON.parse(text) as Record<string, unknown>;
  return JSON.stringify([name, version, type, main, exports, imports]);
}
