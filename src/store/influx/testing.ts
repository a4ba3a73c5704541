import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock, type Clock } from '../../points/clock.ts'
import { influxAdmin, type InfluxAdmin } from '../../testing/influx-admin.ts'
import { influxForTests, startInfluxd, type InfluxServer } from '../../testing/influxd.ts'
import type { SeriesStore } from '../store.ts'
import { openInflux, type InfluxOptions } from './open-influx.ts'

export const OPERATOR = 'the-operator-token-of-the-tests-0123456789'
export const ORG = 'perfwatch'

/** Null: this machine has no influxd, and the file's tests are skipped. */
export const binaries = influxForTests()

/** A server with one PerfWatch on it; the store is opened when it is asked for. */
export type Lab = {
  readonly server: InfluxServer
  readonly admin: InfluxAdmin
  /** DATA_DIR. */
  readonly folder: string
  /** Lets so much time go by for what PerfWatch does now and then. */
  pass(ms: number): void
  open(over?: Partial<InfluxOptions>): Promise<SeriesStore>
  end(): Promise<void>
}

export const startLab = async (flags: readonly string[] = []): Promise<Lab> => {
  if (binaries === null) throw new Error('There is no influxd.')
  const server = await startInfluxd(binaries, flags)
  const folder = mkdtempSync(join(tmpdir(), 'perfwatch-influx-'))
  const opened: SeriesStore[] = []
  let passed = 0
  const clock: Clock = {
    now: systemClock.now,
    monotonic: () => systemClock.monotonic() + passed,
  }
  return {
    server,
    admin: influxAdmin(server.url, OPERATOR),
    folder,
    pass: (ms) => {
      passed += ms
    },
    open: async (over) => {
      const store = await openInflux({
        server: { url: server.url, org: ORG, prefix: 'perfwatch' },
        token: OPERATOR,
        mode: 'auto',
        folder,
        clock,
        policy: [],
        ...over,
      })
      opened.push(store)
      return store
    },
    end: async () => {
      for (const store of opened) await store.close()
      await server.end()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
