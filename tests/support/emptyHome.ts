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
const needed =
  /^(PATH|TMPDIR|TEMP|TMP|SystemRoot|LD_LIBRARY_PATH|DISPLAY|WAYLAND_DISPLAY|TTFNET_BROWSER|PLAYWRIGHT_\w+)$/i;

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

const runs = (command: string, ...words: string[]): boolean => spawnSync(command, words).status === 0;

/** Why connections can't be watched on this machine; null where they can. */
export const unwatchable = runs('strace', '-f', '-qq', '-e', 'trace=none', 'true')
  ? null
  : 'strace can watch nothing here';

/** Why no program can be run here without any network; null where one can. */
export const notApart = runs('unshare', '-rn', 'true') ? null : 'unshare can give no network of its own here';

/** How a program ended. */
export interface Watched {
  code: number | null;
  output: string;
  /** Addresses of other machines that it turned to; empty, too, where {@link unwatchable} says why. */
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
  /** Addresses of other machines that the ended process and its children turned to. Once only. */
  connections(pid: number): Promise<string[]>;
}

/** Makes one, over its child processes too. Not for a program that starts a browser: that is too slow to be used then. */
export function watchConnections(): ConnectionWatch {
  if (unwatchable !== null) return { before: [], connections: () => Promise.resolve([]) };
  const log = path.join(tmpdir(), `ttfnet-calls-${randomUUID()}`);
  const calls = ['-e', 'trace=connect,sendto,sendmsg,sendmmsg', '-s', '0', '-o', log];
  return {
    before: ['strace', '-D', '-f', '-q', '--seccomp-bpf', ...calls],
    connections: async (pid) => {
      const lines = await endedLog(log, pid);
      await rm(log, { force: true });
      const addresses = lines.map((line) => /sa_family=AF_INET6?\b.*?"([^"]+)"/.exec(line)?.[1]);
      return [...new Set(addresses.filter((a) => a !== undefined))].filter((a) => !/^(127\.|::1$)/.test(a));
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
