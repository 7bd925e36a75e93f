// The built program's browser mode (`ttfnet-studio serve`) in a process of its own, for tests and measurements that need the real thing.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

/** How to start it. */
export interface ProgramOptions {
  /** Folder that may be looked into. */
  root: string;
  /** The program's own folder: settings, recent projects, jobs. */
  data: string;
  /** Folder to open as soon as a page connects. */
  project?: string;
  /** Hears what it logs, which else goes to this process's own error stream. */
  onLog?: (text: string) => void;
  /** Its environment, else that of this process. */
  env?: NodeJS.ProcessEnv;
  /** A command that runs it. */
  before?: readonly string[];
}

/** The running program. */
export interface ServedProgram {
  pid: number;
  /** The link that lets the next browser in. */
  readonly url: string;
  /** Milliseconds from starting the process until it printed its link. */
  startMs: number;
  /** How it ended, as a code or a signal; `null` while it runs. */
  readonly ended: number | NodeJS.Signals | null;
  /** Ends it as Ctrl+C does. */
  close(): Promise<void>;
  /** Ends it as a crash or a power cut does: nothing of it runs any more. */
  kill(): Promise<void>;
}

const program = path.resolve(import.meta.dirname, '../../bin/ttfnet-studio.mjs');

/** Starts it (needs `npm run build`) and waits for its link. */
export async function startProgram(options: ProgramOptions): Promise<ServedProgram> {
  const start = performance.now();
  const { root, data, project, onLog, env = process.env, before = [] } = options;
  const words = [program, 'serve', ...(project ? [project] : []), '--root', root];
  const [command, ...rest] = [...before, process.execPath, ...words];
  const child = spawn(command!, rest, {
    env: { ...env, TTFNET_STUDIO_DATA: data },
    stdio: ['ignore', 'pipe', onLog ? 'pipe' : 'inherit'],
  });
  child.stderr?.on('data', (data: Buffer) => onLog?.(data.toString()));
  let url = await linkOf(child);
  child.stdout?.on('data', (data: Buffer) => (url = /http:\/\/\S+/.exec(data.toString())?.[0] ?? url));
  const end = async (signal: NodeJS.Signals) => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill(signal);
    await gone;
  };
  return {
    ...{ pid: child.pid!, startMs: performance.now() - start },
    ...{ close: () => end('SIGINT'), kill: () => end('SIGKILL') },
    get url() {
      return url;
    },
    get ended() {
      return child.exitCode ?? child.signalCode;
    },
  };
}

function linkOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    child.stdout?.on('data', (data: Buffer) => {
      text += data.toString();
      const link = /http:\/\/\S+/.exec(text)?.[0];
      if (link !== undefined) resolve(link);
    });
    child.once('exit', (code) => reject(new Error(`serve ended with code ${code ?? 'none'}: ${text}`)));
  });
}
