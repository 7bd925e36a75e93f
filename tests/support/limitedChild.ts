// Runs tasks one after another in a child process with limits: what would hang or eat the memory ends the child, never the tests.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** What became of one task: the child prints it as a line of JSON. */
export interface Outcome {
  task: string;
  /** Code of the error that the task ended with; null where it ended well, `other` for an error that isn't ours, `died` for the child's end. */
  code: string | null;
  /** Everything that was said: the error's message, or what was left out. */
  said: string[];
  /** Most memory that the child has had until now, in millions of bytes. */
  peakMegabytes: number;
}

/** Limits of a child. */
export interface Limits {
  /** Of JavaScript's memory. */
  heapMegabytes: number;
  /** Without a finished task, after which the child is killed: far more than any task needs, also on a busy machine. */
  seconds: number;
}

/** Runs `script` with the tasks as arguments. A task in which the child ends or hangs gets the code `died`; the rest goes on in a new child. */
export async function runLimited(script: string, tasks: readonly string[], limits: Limits): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  while (outcomes.length < tasks.length) {
    const left = tasks.slice(outcomes.length);
    const { done, end } = await runChild(script, left, limits);
    outcomes.push(...done);
    if (done.length < left.length)
      outcomes.push({ task: left[done.length]!, code: 'died', said: [end], peakMegabytes: 0 });
  }
  return outcomes;
}

async function runChild(
  script: string,
  tasks: readonly string[],
  { heapMegabytes, seconds }: Limits,
): Promise<{ done: Outcome[]; end: string }> {
  const args = ['--import', 'tsx', `--max-old-space-size=${heapMegabytes}`, script, ...tasks];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const done: Outcome[] = [];
  let errors = '';
  child.stderr.on('data', (text: Buffer) => (errors = (errors + text.toString()).slice(-2000)));
  const closed = new Promise<string>((resolve) =>
    child.on('close', (code, signal) => resolve(`${signal ?? `code ${code ?? '?'}`} ${errors}`)),
  );
  const kill = () => child.kill('SIGKILL');
  let watch = setTimeout(kill, seconds * 1000);
  for await (const line of createInterface({ input: child.stdout })) {
    done.push(JSON.parse(line) as Outcome);
    clearTimeout(watch);
    watch = setTimeout(kill, seconds * 1000);
  }
  const end = await closed;
  clearTimeout(watch);
  return { done, end };
}
