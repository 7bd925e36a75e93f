// Ends a run with the names of all tests that were left out, each with its reason, and one plain line, "N passed, N failed, N skipped", that any log reader understands.
import type { Reporter, TestCase, TestModule, TestSuite, Vitest } from 'vitest/node';
import type {} from './leftOut.ts';

export default class SummaryReporter implements Reporter {
  #named = false;

  onInit(vitest: Vitest): void {
    this.#named = vitest.config.testNamePattern !== undefined; // whoever asks for one test by name knows about the others
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    const names = this.#named ? [] : leftOut(modules);
    process.stdout.write(`\n${[...names, counted(modules)].join('\n')}\n`);
  }
}

function counted(modules: readonly TestModule[]): string {
  const count = { passed: 0, failed: 0, skipped: 0, pending: 0 };
  for (const module of modules) {
    for (const test of module.children.allTests()) count[test.result().state] += 1;
    // Files that can't be read, and preparations that fail, fail no test: their tests never ran.
    count.failed += [module, ...module.children.allSuites()].filter((one) => one.errors().length > 0).length;
  }
  return `${count.passed} passed, ${count.failed} failed, ${count.skipped + count.pending} skipped`;
}

/** A heading per reason, the names below it; titles that hold the reason themselves come first. */
function leftOut(modules: readonly TestModule[]): string[] {
  const names = new Map<string, string[]>();
  for (const one of modules.flatMap(skipped)) {
    const why = reason(one);
    names.set(why, [...(names.get(why) ?? []), `  ${one.module.relativeModuleId} > ${one.fullName}`]);
  }
  const groups = [...names].toSorted(([a], [b]) => a.localeCompare(b));
  return groups.flatMap(([why, list]) => [`Left out: ${list.length}${why && `, ${why}`}`, ...list, '']);
}

/** Tests, and groups that name no test because they can't without what is missing. */
function skipped(module: TestModule): (TestCase | TestSuite)[] {
  const empty = [...module.children.allSuites()].filter(
    (suite) => suite.state() === 'skipped' && suite.children.size === 0,
  );
  return [...module.children.allTests('skipped'), ...empty];
}

/** Empty where the title says it. A test that should have run and was skipped has lost what it needs: a failure that is counted itself. */
function reason(one: TestCase | TestSuite): string {
  const wanted = one.type === 'test' && one.options.mode === 'run';
  return one.meta().leftOut ?? (wanted ? 'their preparation failed' : '');
}
