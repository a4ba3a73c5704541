import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { instant } from '../../points/instant.ts'
import { fakeClock } from '../../testing/fake-clock.ts'
import {
  influxForTests,
  NO_INFLUXD,
  startInfluxd,
  type InfluxServer,
} from '../../testing/influxd.ts'
import { describeRecords } from '../records.contract.ts'
import { describeStore } from '../store.contract.ts'
import { openInflux } from './open-influx.ts'

const start = instant(Date.parse('2025-01-18T00:00:00Z'))
const TOKEN = 'an-operator-token-for-tests-0123456789'

const binaries = influxForTests()
if (binaries === null) {
  console.log(NO_INFLUXD)
  describe('the store on InfluxDB', () => it.skip('not run: no influxd'))
} else {
  let server: InfluxServer
  let stores = 0
  beforeAll(async () => {
    // rollups are asked for here; tasks of dozens of stores would only be in the way
    server = await startInfluxd(binaries, ['--no-tasks'])
  })
  afterAll(() => server.end())

  const openHarness = async () => {
    const folder = mkdtempSync(join(tmpdir(), 'perfwatch-store-'))
    const time = fakeClock({ start })
    // one server for all, an organisation of its own for each
    const org = `store-${++stores}`
    const open = () =>
      openInflux({
        server: { url: server.url, org, prefix: 'perfwatch' },
        token: TOKEN,
        mode: 'auto',
        folder,
        clock: time.clock,
        policy: [],
      })
    let store = await open()
    return {
      get store() {
        return store
      },
      start,
      pass: time.block,
      setWall: time.setWall,
      settle: async () => void (await store.rollUp()),
      compact: async () => {},
      reopen: async () => {
        await store.close()
        store = await open()
        return store
      },
      backupFile: join(folder, 'copy'),
      openBackup: () => Promise.reject(new Error('not here')),
      close: async () => {
        await store.close()
        rmSync(folder, { recursive: true })
      },
    }
  }
  const traits = {
    deletesItself: false,
    backsUp: false,
    keepsAnyText: false,
    meansAnyNumbers: false,
    // nothing is deleted, but reads are cut by the clock of the moment
    guardsClock: false,
  }
  describeStore('the store on InfluxDB', openHarness, traits)
  describeRecords('the store on InfluxDB', openHarness, traits)
}
