// Test projects: `unit` is fast and needs nothing beside node_modules; the others use built output, real files and a browser.
import { defineConfig } from 'vitest/config';
import { driverEnvironment } from './tests/support/softwareDriver.ts';

const desktop = 'tests/integration/desktop.test.ts';
const runner = './tests/support/browserRunner.ts';

const poll = { timeout: 20_000 };

const project = (name: string, include: string[], testTimeout: number, more: object = {}) => ({
  // A state is waited for as long as it takes on a loaded machine, not for the second that is the runner's default.
  test: { name, include, testTimeout, hookTimeout: testTimeout, pool: 'forks' as const, expect: { poll }, ...more },
});

export default defineConfig({
  test: {
    maxWorkers: 2,
    reporters: ['default', './tests/support/summaryReporter.ts'],
    projects: [
      project('unit', ['tests/unit/**/*.test.ts'], 60_000),
      project('webgpu', ['tests/webgpu/**/*.test.ts'], 600_000, { env: driverEnvironment() }),
      project('parity', ['tests/parity/**/*.test.ts'], 180_000),
      project('integration', ['tests/integration/**/*.test.ts'], 400_000, { exclude: [desktop] }),
      project('e2e', ['tests/e2e/**/*.test.ts'], 600_000, { runner, globalSetup: './tests/support/builtPages.ts' }),
      // In a runner of their own (see package.json): beside the others the window's program was seen to stop answering.
      project('desktop', [desktop], 300_000, { runner }),
    ],
  },
});
