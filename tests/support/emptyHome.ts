// A home that nobody has used yet, and what a program does in it: the files that it leaves there, the connections that it tries. ONNX Runtime is silent
// by itself where a variable tells of continuous integration, so the environment holds none of those.
import { spawn, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';

const program = path.resolve(import.meta.dirname, '../../bin/ttfnet-studio.mjs');

/** What a program needs to start here; everything else of this process's environment stays away. */
const needed = /^(PATH|TMPDIR|TEMP|TMP|SystemRoot|LD_LIBRARY_PATH|DISPLAY|WAYLAND_DISPLAY|CHROMIUM|PLAYWRIGHT_\w+)$/i;

/** A home of its own. */
export interface EmptyHome {
  folder: string;
  /** The environment of a person who lives there; what is `undefined` in it must not reach a program. */
  env: NodeJS.ProcessEnv;
  /** All files that are there now, relative, sorted. */
  files(): Promise<string[]>;
  remove(): Promise<void>;
}

/** Makes one. */
export async function emptyHome(): Promise<EmptyHome> {
  const folder = await mkdtemp(path.join(tmpdir(), 'ttfnet-home-'));
  const kept = Object.entries(process.env).map(([name, value]) => [name, needed.test(name) ? value : undefined]);
  return {
    folder,
    env: { ...(Object.fromEntries(kept) as NodeJS.ProcessEnv), HOME: folder, USERPROFILE: folder },
    files: async () => {
      const entries = await readdir(folder, { recursive: true, withFileTypes: true });
      return entries
        .filter((entry) => !entry.isDirectory())
        .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
        .sort();
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** Of a home's files, those of the uploader that ONNX Runtime carries: a device id and a queue. */
export const uploaderFiles = (files: readonly string[]): string[] =>
  files.filter((file) => /onnxruntime|DeveloperTools/i.test(file));

/** Whether connections can be watched on this machine. */
export const watchable = spawnSync('strace', ['-f', '-qq', '-e', 'trace=none', 'true']).status === 0;

/** Whether a program can be run here without any network. */
export const isolatable = spawnSync('unshare', ['-rn', 'true']).status === 0;

/** How a program ended. */
export interface Watched {
  code: number | null;
  output: string;
  /** Addresses of other machines that it turned to; empty, too, where {@link watchable} is false. */
  connections: string[];
}

/** Runs the command line of the built program as a person with that home would. `before` is a command that runs it, in place of the watch. */
export async function runAtHome(
  home: EmptyHome,
  words: readonly string[],
  before?: readonly string[],
): Promise<Watched> {
  const watch = watchConnections();
  const [command, ...rest] = [...(before ?? watch.before), process.execPath, program, ...words];
  const child = spawn(command!, rest, { env: home.env, cwd: home.folder, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => (output += data.toString()));
  const code = await new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve));
  return { code, output, connections: before ? [] : await watch.connections(child.pid!) };
}

/** A watch over one program. */
export interface ConnectionWatch {
  /** The command that runs the program watched, with its process id and under its parent's signals; empty where nothing can be watched. */
  before: readonly string[];
  /** Addresses of other machines that the ended process and its children turned to, those of a browser left out. Once only. */
  connections(pid: number): Promise<string[]>;
}

/** Makes one. */
export function watchConnections(): ConnectionWatch {
  if (!watchable) return { before: [], connections: () => Promise.resolve([]) };
  const log = path.join(tmpdir(), `ttfnet-calls-${randomUUID()}`);
  const calls = 'trace=connect,sendto,sendmsg,sendmmsg,execve,fork,vfork,clone,clone3';
  return {
    before: ['strace', '-D', '-f', '-q', '--seccomp-bpf', '-s', '0', '-e', calls, '-o', log],
    connections: async (pid) => {
      const lines = await endedLog(log, pid);
      await rm(log, { force: true });
      return addressesIn(lines, browsersIn(lines));
    },
  };
}

/** The lines of a log once it says that the process has ended: who watches isn't waited for by who is watched. */
async function endedLog(log: string, pid: number): Promise<string[]> {
  for (;;) {
    const lines = (await readFile(log, 'utf8')).split('\n');
    if (lines.some((line) => new RegExp(`^${pid} +\\+\\+\\+ (exited|killed)`).test(line))) return lines;
    await setTimeout(20);
  }
}

/** Processes of browsers, which the stand-in for Electron starts: what those do is no deed of the program. */
function browsersIn(lines: readonly string[]): Set<string> {
  const started = lines.map((line) => /^(\d+) .*\bexecve\(".*chrom[^"]*"/i.exec(line)?.[1]);
  const browsers = new Set(started.filter((pid) => pid !== undefined));
  const births = lines
    .map((line) => /^(\d+) .*(?:clone3?|fork)\b.* = (\d+)$/.exec(line))
    .filter((birth) => birth !== null);
  for (const [, parent, child] of births) if (browsers.has(parent!)) browsers.add(child!);
  return browsers;
}

function addressesIn(lines: readonly string[], without: ReadonlySet<string>): string[] {
  const addresses = new Set<string>();
  for (const line of lines) {
    const [, pid, address] = /^(\d+) .*sa_family=AF_INET6?\b.*?"([^"]+)"/.exec(line) ?? [];
    if (address !== undefined && !without.has(pid!) && !/^(127\.|::1$)/.test(address)) addresses.add(address);
  }
  return [...addresses];
}
