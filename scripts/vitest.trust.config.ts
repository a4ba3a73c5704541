import { defineConfig } from 'vitest/config'

// What costs minutes and is worth them: `npm run trust`.
export default defineConfig({
  test: {
    include: ['src/**/*.trust.ts', 'scripts/**/*.trust.ts'],
    environment: 'node',
    globalSetup: 'src/testing/scratch-of-suite.ts',
    testTimeout: 300_000,
    hookTimeout: 300_000,
    pool: 'forks',
    maxWorkers: 1,
  },
})
