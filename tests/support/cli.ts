// Runs the built command line in a process of its own, as a person would.
import { spawn, type ChildProcess } from 'node:child_process';
import path from 'node:path';

const program = path.resolve(import.meta.dirname, '../../bin/ttfnet-studio.mjs');

/** How a call ended. */
export interface CliResult {
  code: number | null;
  stdout: string;
  stderr: string;
  /** Lines of standard output that are JSON objects. */
  events: Record<string, unknown>[];
}

/** Starts the program. `env` is added to this process's. */
export function startCli(
  args: readonly string[],
  env: Record<string, string> = {},
): { process: ChildProcess; result: Promise<CliResult> } {
  const child = spawn(process.execPath, [program, ...args], { env: { ...process.env, ...env } });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const result = new Promise<CliResult>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr, events: jsonLines(stdout) }));
  });
  return { process: child, result };
}

/** Runs the program to its end. */
export const runCli = (...args: string[]): Promise<CliResult> => startCli(args).result;

function jsonLines(text: string): Record<string, unknown>[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}
