// The runner for steadiness: what it counts as failed, and what it says in the end.
import { expect, it } from 'vitest';
import { outcome, plan, verdict, type Report } from '../../steady/outcome.ts';

const test = (fullName: string, ...failureMessages: string[]) => ({
  ...{ fullName, failureMessages },
  status: failureMessages.length > 0 ? 'failed' : 'passed',
});
const report = (...testResults: Report['testResults']): Report => ({ numPassedTests: 1, testResults });

it('counts tests that failed by name, files that could not run, and runs that ended without a report', () => {
  const first = outcome(
    report(
      { name: '/r/a.test.ts', status: 'failed', message: '', assertionResults: [test('group one', 'no'), test('two')] },
      { name: '/r/b.test.ts', status: 'failed', message: 'unreadable', assertionResults: [] },
    ),
    '/r',
  );
  expect(first.passed).toBe(1);
  expect([...first.failed]).toEqual([
    ['a.test.ts > group one', 'no'],
    ['b.test.ts', 'unreadable'],
  ]);
  const second = outcome(
    report({ name: '/r/b.test.ts', status: 'failed', message: '', assertionResults: [test('x', 'no')] }),
    '/r',
  );
  expect(verdict([first, second, outcome(null, '/r'), first])).toEqual([
    'Not steady, of 4 runs failed',
    '  2: a.test.ts > group one',
    '  2: b.test.ts',
    '  1: b.test.ts > x',
    '  1: the run itself',
  ]);
  expect(verdict([outcome(report(), '/r')])).toEqual(['Steady: nothing failed in 1 runs.']);
});

it('takes the number of runs from among vitest’s words', () => {
  expect(plan(['a.test.ts', '--times', '3', '--project', 'unit'])).toEqual({
    times: 3,
    rest: ['a.test.ts', '--project', 'unit'],
  });
  expect(plan([])).toEqual({ times: 20, rest: [] });
  for (const word of ['none', '0', '1.5']) expect(() => plan(['--times', word])).toThrow('whole number');
});
