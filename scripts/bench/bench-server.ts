import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openAccounts } from '../../src/accounts/open-accounts.ts'
import { createHostRegistry } from '../../src/api/host-registry.ts'
import { createLog } from '../../src/api/log.ts'
import { startServer } from '../../src/api/server.ts'
import { createHub } from '../../src/live/hub.ts'
import type { Clock } from '../../src/points/clock.ts'
import type { NewRecord } from '../../src/points/record.ts'
import type { Sample } from '../../src/points/sample.ts'
import { parseSettings } from '../../src/settings.ts'
import { openEmbedded, type EmbeddedStore } from '../../src/store/embedded/open-embedded.ts'
import type { SeriesStore } from '../../src/store/store.ts'

const CREDENTIALS = { username: 'admin', password: 'for the bench' }

/** The product's own server over an embedded store in a temporary folder. */
export const openBenchServer = (clock: Clock, host: string) =>
  serveStore((folder): EmbeddedStore => openEmbedded({ folder, clock }), clock, host)

/** The product's own server over any store; its log is written and thrown away. */
export const serveStore = async <Store extends SeriesStore>(
  openStore: (folder: string) => Store | Promise<Store>,
  clock: Clock,
  host: string,
) => {
  const folder = mkdtempSync(join(tmpdir(), 'bench-server-'))
  const { accounts } = await openAccounts({
    folder,
    clock,
    adminUsername: CREDENTIALS.username,
    adminPassword: CREDENTIALS.password,
    jwtExpireHours: 24,
  })
  const store = await openStore(folder)
  const hub = createHub<Sample>((error) => {
    throw error
  })
  const server = await startServer({
    settings: parseSettings({ PORT: '0' }),
    machineName: 'localhost',
    accounts,
    store,
    hub,
    logs: createHub<readonly NewRecord[]>(() => undefined),
    hosts: createHostRegistry({
      store,
      facts: accounts.facts,
      config: accounts.config,
      clock,
      self: host,
    }),
    sampler: {
      latest: hub.latest,
      figures: () => ({
        ticks: 0,
        skippedLate: 0,
        skippedOverlap: 0,
        skippedOld: 0,
        undelivered: 0,
        collectors: {},
      }),
    },
    clock,
    version: 'bench',
    examine: async () => ({ healthy: true, findings: [] }),
    pageFolder: undefined,
    surfaces: [],
    push: () => ({ linesTaken: 0, linesDropped: 0, stringsDropped: 0, linesRestamped: 0 }),
    cors: [],
    log: createLog('info', { write: () => undefined }),
  })
  const login = await accounts.sessions.login({ ...CREDENTIALS, address: '127.0.0.1' })
  return {
    folder,
    store,
    hub,
    port: server.port,
    token: login.accessToken,
    async close() {
      await server.close()
      await store.close()
      await accounts.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
