import { defineConfig } from 'vitest/config'
import { influxForTests } from './src/testing/influxd.ts'

/** What stands on a store; src/testing/test-store.ts opens the one that a project names. */
const ON_STORES = [
  'src/history/{range,compare,csv,types}.test.ts',
  'src/api/*.test.ts',
  'src/doors/*/*.test.ts',
  'src/push/push.test.ts',
]

const shared = {
  environment: 'node',
  // for what hangs: how fast a machine is, is not tested
  testTimeout: 60_000,
  hookTimeout: 60_000,
  expect: { poll: { timeout: 10_000 } },
  pool: 'forks',
} as const

export default defineConfig({
  test: {
    maxWorkers: 2,
    globalSetup: 'src/testing/scratch-of-suite.ts',
    projects: [
      {
        test: {
          ...shared,
          name: 'all',
          include: ['src/**/*.test.ts', 'scripts/**/*.test.ts'],
          provide: { store: 'memory' },
        },
      },
      {
        test: {
          ...shared,
          name: 'on embedded',
          include: ON_STORES,
          provide: { store: 'embedded' },
        },
      },
      // a test of the adapter says so when this machine has no influxd
      ...(influxForTests() === null
        ? []
        : [
            {
              test: {
                ...shared,
                name: 'on influx',
                include: ON_STORES,
                globalSetup: 'src/testing/influxd-of-suite.ts',
                provide: { store: 'influx' as const },
              },
            },
          ]),
    ],
  },
})
