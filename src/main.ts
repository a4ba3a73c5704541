import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Logger } from 'pino'
import type { Config } from './accounts/config.ts'
import { prepareDataFolder } from './accounts/data-folder.ts'
import { openAccounts, type OpenedAccounts } from './accounts/open-accounts.ts'
import { createHostRegistry } from './api/host-registry.ts'
import { announcing } from './api/log-tail.ts'
import { createLog } from './api/log.ts'
import { builtPage } from './api/page.ts'
import { startServer } from './api/server.ts'
import { createHub } from './live/hub.ts'
import { systemClock } from './points/clock.ts'
import { DAY, MINUTE, SECOND, toIso, type Instant } from './points/instant.ts'
import type { NewRecord } from './points/record.ts'
import type { Sample } from './points/sample.ts'
import { toPoints } from './points/to-points.ts'
import { openPush } from './push/routes.ts'
import { readInventory } from './sampler/inventory.ts'
import { startSampler } from './sampler/sampler.ts'
import { systemTimers } from './sampler/timers.ts'
import { allowedHosts } from './http/allowed-hosts.ts'
import { origins } from './http/client-address.ts'
import { identifier } from './http/identity.ts'
import { banner, type BannerFacts } from './serve/banner.ts'
import { every } from './serve/every.ts'
import { examiner } from './serve/examine.ts'
import { exitSignal } from './serve/exit-signal.ts'
import { openDoors } from './serve/open-doors.ts'
import { openHostCollectors } from './serve/host-collectors.ts'
import { ownHostName } from './serve/host-name.ts'
import { openStore } from './serve/open-store.ts'
import { machineName, processEnvironment, type Settings } from './settings.ts'
import { lockFolder } from './store/embedded/lock.ts'
import { retentionPolicy } from './store/retention-policy.ts'
import type { SeriesStore } from './store/store.ts'
import { VERSION } from './version.ts'

const clock = systemClock
const timers = systemTimers

/** How often the store is asked to do what is due; nearly free when nothing is. */
const MAINTAIN_EVERY_MS = SECOND

/**
 * Runs the server until SIGINT or SIGTERM, then ends it in order: no more requests, the last tick written,
 * sockets told, files closed. Rejects with an AppError `setup` when it cannot start; then nothing is left open.
 */
export const serve = async (settings: Settings): Promise<void> => {
  const log = createLog(settings.LOG_LEVEL)
  // what is opened is closed in reverse, also when a later room does not open
  const closing: (() => Promise<void> | void)[] = []
  // from the start on: a signal while the rooms open ends the server in order too
  const ended = exitSignal(process)
  try {
    await open(settings, log, (close) => closing.push(close))
    const signal = await ended
    log.info({ signal }, 'PerfWatch ends.')
  } finally {
    for (const close of closing.toReversed())
      try {
        await close()
      } catch (err) {
        log.error({ err }, 'A part did not close; the others do.')
      }
  }
}

const open = async (
  settings: Settings,
  log: Logger,
  onClose: (close: () => Promise<void> | void) => void,
): Promise<void> => {
  const warnings = prepareDataFolder(settings.DATA_DIR)
  const lock = lockFolder(settings.DATA_DIR)
  onClose(lock.release)

  const opened = await openAccounts({
    folder: settings.DATA_DIR,
    clock,
    adminUsername: settings.ADMIN_USERNAME,
    adminPassword: settings.ADMIN_PASSWORD,
    printPassword: settings.PRINT_PASSWORD,
    jwtSecret: settings.JWT_SECRET,
    jwtExpireHours: settings.JWT_EXPIRE_HOURS,
    samplingIntervalSeconds: settings.SAMPLING_INTERVAL_SECONDS,
    onProblem: (message, err) => log.warn({ err }, message),
  })
  const { accounts } = opened
  onClose(accounts.close)
  for (const warning of [...warnings, ...opened.warnings]) log.warn(warning)
  const self = await ownHostName(accounts.facts, settings.HOST_NAME, machineName())

  const { store, name, notes } = await openStore(settings, accounts.config.get(), clock, {
    path: processEnvironment()['PATH'] ?? '',
  })
  onClose(store.close)
  for (const { says, advice } of notes) log.warn(`${says} ${advice}`)
  const upkeep = every(MAINTAIN_EVERY_MS, store.maintain, (err) =>
    log.error({ err }, 'The upkeep of the store failed; it is tried again.'),
  )
  onClose(upkeep.stop)

  const measuring = await openHostCollectors(settings, accounts.config.get(), { clock, timers })
  onClose(async () => {
    const stuck = measuring.stuck()
    await measuring.close()
    // a thread waits in the kernel for a dead file system, and a normal end would wait for the thread
    if (stuck.length > 0) onceAllIsClosed(() => process.kill(process.pid, 'SIGKILL'))
  })
  const listenerFailed = (err: unknown) => log.error({ err }, 'A live listener failed.')
  const hub = createHub<Sample>(listenerFailed)
  const logs = createHub<readonly NewRecord[]>(listenerFailed)
  const sampler = startSampler({
    clock,
    timers,
    intervalMs: accounts.config.get().sampling_interval_seconds * SECOND,
    host: self,
    collectors: measuring.collectors,
    newest: await newestTick(store, self, log),
    onSample: async (sample) => {
      hub.publish(sample)
      await store.write('metrics', toPoints(sample))
    },
    log,
  })
  onClose(sampler.stop)
  onClose(
    accounts.config.onChange((config) => {
      sampler.reconfigure(config.sampling_interval_seconds * SECOND)
      measuring.reconfigure(config)
      applyRetention(store, config, log)
    }),
  )

  const hosts = createHostRegistry({
    store,
    facts: accounts.facts,
    config: accounts.config,
    clock,
    self,
  })
  const from = origins(settings.TRUSTED_PROXIES)
  const records = announcing(store.records, logs)
  const doors = openDoors({
    settings,
    accounts,
    records,
    clock,
    identify: identifier(accounts.sessions, from),
    origins: from,
    allowed: allowedHosts(settings.ALLOWED_HOSTS, machineName()),
    log,
  })
  onClose(doors.close)
  const push = openPush({ accounts, store, records, clock })
  const server = await startServer({
    settings,
    machineName: machineName(),
    accounts,
    store,
    hub,
    logs,
    hosts,
    sampler,
    clock,
    version: VERSION,
    examine: examiner(ownCommand(), settings.DATA_DIR),
    pageFolder: builtPage(),
    surfaces: [...doors.surfaces, push.surface],
    push: push.figures,
    cors: doors.cors,
    log,
  })
  onClose(server.close)
  const ownPorts = await doors.listen()
  const takeInventory = async () =>
    hosts.remember(self, await readInventory({ timers, osRelease: osRelease(settings) }))
  onClose(daily(takeInventory, log))
  sayReady(settings, opened, { port: server.port, ownPorts, hostName: self, store: name })
}

/** How this process was started, before the name of the command. */
const ownCommand = (): readonly string[] => [...process.execArgv, process.argv[1] ?? '']

/** Points further ahead than this were stored by a clock that was wrong, and must not stop the sampling. */
const CLOCK_ERROR_MS = 10 * MINUTE

const newestTick = async (
  store: SeriesStore,
  host: string,
  log: Logger,
): Promise<Instant | null> => {
  const newest = await store.newest(host)
  if (newest === null || newest <= clock.now() + CLOCK_ERROR_MS) return newest
  log.warn(
    { newest: toIso(newest) },
    'There are points of this host in the future: its clock was wrong, or is. Sampling goes on.',
  )
  return null
}

/** After the closing that runs now, which is quick; the timer alone keeps nothing alive. */
const onceAllIsClosed = (then: () => void): void => {
  process.once('beforeExit', then)
  setTimeout(then, 2 * SECOND).unref()
}

/** Retention follows the settings at once; deleting may take a while, and a failure is tried again by the upkeep. */
const applyRetention = (store: SeriesStore, config: Config, log: Logger): void => {
  store.applyRetention(retentionPolicy(config)).then(
    (deleted) => log.info({ deleted }, 'The retention follows the new configuration.'),
    (err: unknown) => log.warn({ err }, 'The retention could not be applied yet.'),
  )
}

/** Now and once a day; the start does not wait for it. */
const daily = (work: () => Promise<void>, log: Logger): (() => Promise<void>) => {
  const failed = (err: unknown) => log.warn({ err }, 'The host could not be described.')
  const first = work().catch(failed)
  const again = every(DAY, work, failed)
  return async () => {
    await Promise.all([again.stop(), Promise.race([first, Promise.resolve()])])
  }
}

/** In a container the host's own name of its system; undefined: we are on the host. */
const osRelease = ({ HOST_ROOT }: Settings): string | undefined => {
  if (HOST_ROOT === '/') return undefined
  try {
    return readFileSync(join(HOST_ROOT, 'etc/os-release'), 'utf8')
  } catch {
    return undefined
  }
}

const sayReady = (
  settings: Settings,
  { accounts, firstStart }: OpenedAccounts,
  facts: Pick<BannerFacts, 'port' | 'ownPorts' | 'hostName' | 'store'>,
): void => {
  const text = banner({
    ...facts,
    version: VERSION,
    host: settings.HOST,
    basePath: settings.BASE_PATH,
    samplingSeconds: accounts.config.get().sampling_interval_seconds,
    registrationIsOpen: settings.ALLOW_REGISTRATION && settings.DOORS.length > 0,
    firstStart,
  })
  process.stderr.write(`${text}\n`)
}
