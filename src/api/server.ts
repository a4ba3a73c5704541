import { randomBytes } from 'node:crypto'
import { Registry } from 'prom-client'
import type { Logger } from 'pino'
import type { Accounts } from '../accounts/accounts.ts'
import type { Hub } from '../live/hub.ts'
import { createRelay } from '../live/relay.ts'
import type { Clock } from '../points/clock.ts'
import { SECOND } from '../points/instant.ts'
import type { Sample } from '../points/sample.ts'
import type { Sampler } from '../sampler/sampler.ts'
import type { Settings } from '../settings.ts'
import type { SeriesStore } from '../store/store.ts'
import { allowedHosts } from './allowed-hosts.ts'
import { createApp, withoutBase } from './app.ts'
import { bounded } from './bounded.ts'
import { origins } from './client-address.ts'
import { cors } from './cors.ts'
import { createHostGauges } from './host-gauges.ts'
import type { HostRegistry } from './host-registry.ts'
import { closer, createHttpServer, listen } from './http-server.ts'
import { identifier } from './identity.ts'
import { openLiveSocket } from './live-socket.ts'
import { openApiDocument } from './openapi.ts'
import { registerPipeline } from './pipeline-metrics.ts'
import { problemsOf } from './problems.ts'
import { seriesCounter } from './series-count.ts'
import { createRetentionState } from './retention-state.ts'
import { authRoutes } from './routes/auth.ts'
import { configRoutes } from './routes/config.ts'
import { docsRoutes } from './routes/docs.ts'
import { healthRoutes } from './routes/health.ts'
import { historyRoutes } from './routes/history.ts'
import { hostRoutes } from './routes/hosts.ts'
import { indexRoutes } from './routes/index-page.ts'
import { liveRoutes } from './routes/live.ts'
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
  >
  /** The machine's own name: one of the hosts that are always allowed. */
  readonly machineName: string
  readonly accounts: Accounts
  readonly store: SeriesStore
  readonly hub: Hub<Sample>
  readonly hosts: HostRegistry
  readonly sampler: Pick<Sampler, 'latest' | 'figures'>
  readonly clock: Clock
  readonly version: string
  readonly log: Logger
}

export type RunningServer = {
  readonly port: number
  /** Says 1001 to the sockets, lets requests finish, and resolves within about two seconds. */
  close(): Promise<void>
}

/** Requests and sockets have this long to end by themselves when the server stops. */
const PATIENCE_MS = 2 * SECOND
/** History questions answered at once, and that wait: each may hold millions of values. */
const QUERIES = { running: 4, waiting: 100 }

const id = (): string => randomBytes(6).toString('hex')

/** Opens PerfWatch's own surface on one port: REST, documents, figures and the WebSocket. */
export const startServer = async (deps: ServerDeps): Promise<RunningServer> => {
  const { settings, accounts, store, hub, hosts, sampler, clock, version, log } = deps
  const basePath = settings.BASE_PATH
  const from = origins(settings.TRUSTED_PROXIES)
  const allowed = allowedHosts(settings.ALLOWED_HOSTS, deps.machineName)
  const identify = identifier(accounts.sessions, from)
  const retention = await createRetentionState({ store, accounts, clock })
  const queries = bounded(QUERIES)
  const relay = createRelay({ hub, clock })

  const registry = new Registry()
  const stopPipeline = registerPipeline(registry, { sampler, store, hub, relay, queries })
  const setHostGauges = createHostGauges([registry])

  const endpoints = [
    ...authRoutes({ sessions: accounts.sessions, identify, origins: from }),
    ...userRoutes(accounts.users),
    ...tokenRoutes(accounts.tokens),
    ...projectRoutes(accounts.projects),
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
    ...configRoutes({ config: accounts.config, retention, version }),
    ...retentionRoutes(accounts.config, retention),
    ...liveRoutes(),
    ...healthRoutes({ version, problems: problemsOf({ store, sampler, clock, accounts }) }),
    ...metricsRoutes({
      registry,
      tokens: accounts.tokens,
      isPublic: settings.METRICS_PUBLIC,
      refresh: () => setHostGauges(sampler.latest()),
    }),
    ...indexRoutes(version, basePath),
    ...docsRoutes(() => openApiDocument(app, { version, basePath })),
  ]
  const app = createApp({
    endpoints,
    basePath,
    hosts: allowed,
    identify,
    secure: from.secure,
    errorId: id,
    log,
  })

  const server = createHttpServer({
    fetch: app.fetch,
    cors: cors(settings.CORS_ORIGINS),
    pathOf: (target) => withoutBase(basePath, target.split('?', 1)[0] ?? '/'),
    addressOf: from.address,
    requestId: id,
    monotonic: clock.monotonic,
    log,
  })
  const close = closer(server)
  const closeSocket = openLiveSocket(server, {
    relay,
    sessions: accounts.sessions,
    identify,
    origins: from,
    allowed,
    hosts,
    basePath,
    errorId: id,
    log,
  })
  const stop = async (): Promise<void> => {
    closeSocket()
    stopPipeline()
    await Promise.all([close(PATIENCE_MS), relay.close(PATIENCE_MS)])
  }
  try {
    return { port: await listen(server, settings.PORT, settings.HOST), close: stop }
  } catch (error) {
    await stop()
    throw error
  }
}
