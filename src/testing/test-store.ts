import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inject } from 'vitest'
import type { Clock } from '../points/clock.ts'
import { openEmbedded } from '../store/embedded/open-embedded.ts'
import { openInflux } from '../store/influx/open-influx.ts'
import type { RangeQuery } from '../store/range-query.ts'
import type { SeriesStore } from '../store/store.ts'
import { createMemoryStore, type MemoryStore } from './memory-store.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** The store under what stands on stores; the projects of vitest.config.ts name it. */
    store: 'memory' | 'embedded' | 'influx'
    /** Of the one server of all files, where the store is on InfluxDB. */
    influxUrl: string
  }
}

/** Of the InfluxDB that src/testing/influxd-of-suite.ts starts. */
const SUITE_TOKEN = 'an-operator-token-for-the-suites-0123456789'

/** Whatever the store is made of, a test sees what it is asked, and can let it fail. */
export type TestStore = SeriesStore & Pick<MemoryStore, 'queries' | 'failWith' | 'setProblems'>

type TestClock = Pick<Clock, 'now'>

/**
 * An empty store for the tests of what stands on stores: the one in memory, or a real one in the projects `on
 * embedded` and `on influx`. Rolls up only when `rollUp` is called.
 */
export const openTestStore = async ({ clock }: { clock: TestClock }): Promise<TestStore> => {
  const kind = inject('store')
  if (kind === 'memory') return createMemoryStore({ clock })
  const folder = mkdtempSync(join(tmpdir(), 'perfwatch-test-store-'))
  // the times of a test go by on both clocks
  const both = { now: clock.now, monotonic: clock.now }
  const store =
    kind === 'embedded' ? openEmbedded({ folder, clock: both }) : await openOnInflux(folder, both)
  return watched(store, () => rmSync(folder, { recursive: true, force: true }))
}

/** An organisation of its own for each store. */
const openOnInflux = (folder: string, clock: Clock): Promise<SeriesStore> =>
  openInflux({
    server: { url: inject('influxUrl'), org: randomUUID(), prefix: 'perfwatch' },
    token: SUITE_TOKEN,
    mode: 'auto',
    folder,
    clock,
    policy: [],
  })

const watched = (store: SeriesStore, onClosed: () => void): TestStore => {
  const queries: RangeQuery[] = []
  let failure: Error | undefined
  let problems: readonly string[] = []
  let closed: Promise<void> | undefined
  const unless = <Args extends unknown[], Answer>(ask: (...args: Args) => Promise<Answer>) => {
    return (...args: Args): Promise<Answer> =>
      failure === undefined ? ask(...args) : Promise.reject(failure)
  }
  return {
    queries,
    failWith: (error) => {
      failure = error
    },
    setProblems: (sentences) => {
      problems = sentences
    },
    records: store.records,
    write: unless(store.write),
    read: unless((query) => {
      queries.push(query)
      return store.read(query)
    }),
    coverage: unless(store.coverage),
    extent: unless(store.extent),
    hosts: unless(store.hosts),
    newest: unless(store.newest),
    measurements: unless(store.measurements),
    applyRetention: unless(store.applyRetention),
    rollUp: unless(store.rollUp),
    maintain: unless(store.maintain),
    removeHost: unless(store.removeHost),
    backup: unless(store.backup),
    health: () => ({ ...store.health(), problems: [...store.health().problems, ...problems] }),
    figures: store.figures,
    close: () => (closed ??= store.close().then(onClosed)),
  }
}
