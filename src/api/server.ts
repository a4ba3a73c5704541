import { Registry } from 'prom-client'
import type { Logger } from 'pino'
import type { Accounts } from '../accounts/accounts.ts'
import type { Hub } from '../live/hub.ts'
import { createRelay } from '../live/relay.ts'
import type { Clock } from '../points/clock.ts'
import { SECOND } from '../points/instant.ts'
import type { NewRecord } from '../points/record.ts'
import type { Sample } from '../points/sample.ts'
import type { Sampler } from '../sampler/sampler.ts'
import type { Settings } from '../settings.ts'
import type { SeriesStore } from '../store/store.ts'
import { allowedHosts } from '../http/allowed-hosts.ts'
import { bounded } from './bounded.ts'
import { origins } from '../http/client-address.ts'
import type { CorsRule } from '../http/cors.ts'
import { createHostGauges } from './host-gauges.ts'
import type { HostRegistry } from './host-registry.ts'
import { newId, openHttp, PATIENCE_MS } from '../http/serve.ts'
import type { Surface } from '../http/surface.ts'
import { identifier } from '../http/identity.ts'
import { openLiveSocket } from './live-socket.ts'
import type { Endpoint } from './endpoint.ts'
import { openApiDocument } from './openapi.ts'
import { openPage } from './page.ts'
import { registerPipeline, type PipelineSources } from './pipeline-metrics.ts'
import { problemsOf } from './problems.ts'
import { apiSurface } from './surface.ts'
import { seriesCounter } from './series-count.ts'
import { createRetentionState } from './retention-state.ts'
import { authRoutes } from './routes/auth.ts'
import { clientCpuRoutes } from './routes/client-cpu.ts'
import { configRoutes } from './routes/config.ts'
import { docsRoutes } from './routes/docs.ts'
import { doctorRoutes, type DoctorReport } from './routes/doctor.ts'
import { eventRoutes } from './routes/events.ts'
import { healthRoutes } from './routes/health.ts'
import { historyRoutes } from './routes/history.ts'
import { hostRoutes } from './routes/hosts.ts'
import { indexRoutes } from './routes/index-page.ts'
import { liveRoutes } from './routes/live.ts'
import { logTail } from './log-tail.ts'
import { logRoutes } from './routes/logs.ts'
import { metricsRoutes } from './routes/metrics.ts'
import { projectRoutes } from './routes/projects.ts'
import { retentionRoutes } from './routes/retention.ts'
import { tokenRoutes } from './routes/tokens.ts'
import { userRoutes } from './routes/users.ts'

export type ServerDeps = {
  readonly settings: Pick<
    Settings,
    | 'PORT'
    | 'HOST'
    | 'BASE_PATH'
    | 'ALLOWED_HOSTS'
    | 'CORS_ORIGINS'
    | 'TRUSTED_PROXIES'
    | 'METRICS_PUBLIC'
    | 'ALLOW_REGISTRATION'
  >
  /** The machine's own name: one of the hosts that are always allowed. */
  readonly machineName: string
  readonly accounts: Accounts
  readonly store: SeriesStore
  readonly hub: Hub<Sample>
  /** Log records as they are stored, the records of one write at a time. */
  readonly logs: Hub<readonly NewRecord[]>
  readonly hosts: HostRegistry
  readonly sampler: Pick<Sampler, 'latest' | 'figures'>
  readonly clock: Clock
  readonly version: string
  /** What `perfwatch doctor` says. */
  readonly examine: () => Promise<DoctorReport>
  /** What the build has made of the page; undefined: there is none. */
  readonly pageFolder: string | undefined
  /** More surfaces on the same port, and the pages of other origins that may call them. */
  readonly surfaces: readonly Surface[]
  /** Counters of what was pushed. */
  readonly push: PipelineSources['push']
  readonly cors: readonly CorsRule[]
  readonly log: Logger
}

export type RunningServer = {
  readonly port: number
  /** Says 1001 to the sockets, lets requests finish, and resolves within about two seconds. */
  close(): Promise<void>
}

/** History questions answered at once, and that wait: each may hold millions of values. */
const QUERIES = { running: 4, waiting: 100 }

/** Opens PerfWatch's own surface on one port: REST, documents, figures and the WebSocket. */
export const startServer = async (deps: ServerDeps): Promise<RunningServer> => {
  const { settings, accounts, store, hub, hosts, sampler, clock, version, log } = deps
  const basePath = settings.BASE_PATH
  const from = origins(settings.TRUSTED_PROXIES)
  const allowed = allowedHosts(settings.ALLOWED_HOSTS, deps.machineName)
  const identify = identifier(accounts.sessions, from)
  const retention = await createRetentionState({ store, accounts, clock })
  const queries = bounded(QUERIES)
  const relay = createRelay({ hub, logTail: logTail(deps.logs), clock })

  const registry = new Registry()
  const stopPipeline = registerPipeline(registry, {
    sampler,
    store,
    hub,
    relay,
    queries,
    push: deps.push,
  })
  const setHostGauges = createHostGauges([registry])

  const { ALLOW_REGISTRATION: registration } = settings
  const folder = deps.pageFolder
  const page = folder === undefined ? undefined : openPage(folder)

  const endpoints: readonly Endpoint[] = [
    ...authRoutes({
      sessions: accounts.sessions,
      users: accounts.users,
      registration,
      identify,
      origins: from,
    }),
    ...userRoutes({ ...accounts, records: store.records }),
    ...tokenRoutes(accounts.tokens),
    ...projectRoutes({ ...accounts, records: store.records }),
    ...eventRoutes({ projects: accounts.projects, records: store.records }),
    ...hostRoutes(hosts, log),
    ...historyRoutes({
      queries,
      origins: from,
      history: {
        store,
        clock,
        host: hosts.self,
        samplingIntervalMs: () => accounts.config.get().sampling_interval_seconds * SECOND,
        seriesCount: seriesCounter(sampler, hosts.self),
      },
    }),
    ...logRoutes(store.records),
    ...clientCpuRoutes({ sessions: accounts.doorSessions, records: store.records }),
    ...configRoutes({ config: accounts.config, retention, version }),
    ...retentionRoutes(accounts.config, retention),
    ...liveRoutes(),
    ...doctorRoutes(deps.examine),
    ...healthRoutes({ version, problems: problemsOf({ store, sampler, clock, accounts }) }),
    ...metricsRoutes({
      registry,
      tokens: accounts.tokens,
      isPublic: settings.METRICS_PUBLIC,
      refresh: () => setHostGauges(sampler.latest()),
    }),
    ...indexRoutes({ version, registration, basePath, page }),
    ...docsRoutes(() =>
      openApiDocument(
        endpoints,
        deps.surfaces.flatMap(({ routes }) => routes),
        { version, basePath },
      ),
    ),
  ]
  const http = openHttp({
    surfaces: [
      apiSurface({
        // the files of the page are no part of the API's document
        endpoints: [...endpoints, ...(page?.routes ?? [])],
        identify,
        secure: from.secure,
      }),
      ...deps.surfaces,
    ],
    basePath,
    allowed,
    origins: from,
    cors: [
      { origins: settings.CORS_ORIGINS, covers: (path) => path.startsWith('/api/') },
      ...deps.cors,
    ],
    monotonic: clock.monotonic,
    log,
  })
  const closeSocket = openLiveSocket(http.server, {
    relay,
    sessions: accounts.sessions,
    identify,
    origins: from,
    allowed,
    hosts,
    basePath,
    errorId: newId,
    log,
  })
  const stop = async (): Promise<void> => {
    closeSocket()
    stopPipeline()
    await Promise.all([http.close(), relay.close(PATIENCE_MS)])
  }
  try {
    const { HOST: host, PORT: port } = settings
    return { port: await http.listen({ host, port, setting: 'PORT' }), close: stop }
  } catch (error) {
    await stop()
    throw error
  }
}
