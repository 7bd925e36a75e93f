// Test projects: `unit` is fast and needs nothing beside node_modules; the others use built output, real files and a browser.
import { defineConfig } from 'vitest/config';

const project = (name: string, include: string[], testTimeout: number) => ({
  test: { name, include, testTimeout, hookTimeout: testTimeout, pool: 'forks' as const },
});

export default defineConfig({
  test: {
    maxWorkers: 2,
    reporters: ['default', './tests/support/summaryReporter.ts'],
    projects: [
      project('unit', ['tests/unit/**/*.test.ts'], 60_000),
      project('parity', ['tests/parity/**/*.test.ts'], 180_000),
      project('integration', ['tests/integration/**/*.test.ts'], 400_000),
      project('e2e', ['tests/e2e/**/*.test.ts'], 600_000),
    ],
  },
});
