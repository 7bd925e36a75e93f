// What one of many runs of the tests has shown, and what all of them have.
import path from 'node:path';

/** The used part of vitest's JSON report. */
export interface Report {
  numPassedTests: number;
  testResults: {
    /** Absolute path of the file. */
    name: string;
    status: string;
    message: string;
    assertionResults: { fullName: string; status: string; failureMessages: string[] | null }[];
  }[];
}

/** How one run ended: what failed, by name, with its first message. */
export interface Outcome {
  passed: number;
  failed: Map<string, string>;
}

/** The command line's words: how often to run, and what is vitest's. Error: no whole number after `--times`. */
export function plan(words: readonly string[]): { times: number; rest: string[] } {
  const at = words.indexOf('--times');
  if (at < 0) return { times: 20, rest: [...words] };
  const times = Number(words[at + 1]);
  if (!Number.isInteger(times) || times < 1) throw new Error('--times takes a whole number from 1 on.');
  return { times, rest: words.filter((_, i) => i !== at && i !== at + 1) };
}

/** Reads a report; null is that of a run that ended without one. Files are named from `folder`. */
export function outcome(report: Report | null, folder: string): Outcome {
  if (report === null) return { passed: 0, failed: new Map([['the run itself', 'It ended without a report.']]) };
  const failed = new Map<string, string>();
  for (const { name, status, message, assertionResults } of report.testResults) {
    const file = path.relative(folder, name);
    const tests = assertionResults.filter((test) => test.status === 'failed');
    for (const test of tests) failed.set(`${file} > ${test.fullName}`, test.failureMessages?.[0] ?? '');
    if (status === 'failed' && tests.length === 0) failed.set(file, message); // unreadable, or its preparation failed
  }
  return { passed: report.numPassedTests, failed };
}

/** The last lines of all runs: each test that failed, by name, the most frequent first. */
export function verdict(outcomes: readonly Outcome[]): string[] {
  const counts = new Map<string, number>();
  for (const name of outcomes.flatMap(({ failed }) => [...failed.keys()]))
    counts.set(name, (counts.get(name) ?? 0) + 1);
  const most = [...counts].toSorted((a, b) => b[1] - a[1]);
  if (most.length === 0) return [`Steady: nothing failed in ${outcomes.length} runs.`];
  return [`Not steady, of ${outcomes.length} runs failed`, ...most.map(([name, count]) => `  ${count}: ${name}`)];
}
