import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Processes, not threads: suites start servers, workers and databases of their own.
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 240_000,
    hookTimeout: 240_000,
    // What is waited for is a state: on a busy machine it may come late.
    expect: { poll: { timeout: 120_000 } },
    globalSetup: ['test/support/global-setup.ts'],
    setupFiles: ['test/support/built-children.ts'],
  },
});
