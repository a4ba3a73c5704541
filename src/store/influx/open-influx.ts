import { join } from 'node:path'
import type { Tier } from '../../catalog/tiers.ts'
import type { Clock } from '../../points/clock.ts'
import { nodeDisk } from '../../spool/disk.ts'
import { openQuarantine } from '../../spool/quarantine.ts'
import { LATE_MS } from '../../spool/sender.ts'
import type { RetentionPolicy, SeriesStore } from '../store.ts'
import { backUp } from './backup.ts'
import { bucketName, findShelf, SHELVES, type Shelf } from './buckets.ts'
import type { Server } from './client.ts'
import { createConnection } from './connection.ts'
import { createCounts } from './counts.ts'
import { createCoverage } from './coverage.ts'
import { createEnds } from './ends.ts'
import { createExtents, spanOf } from './extent.ts'
import { unavailable } from './failures.ts'
import { createHealth } from './health.ts'
import { openIntake } from './intake.ts'
import { createJumpWatch } from './jump-watch.ts'
import { collectNames, measurementsScript } from './measurements.ts'
import { createReader } from './read.ts'
import { createReadiness } from './readiness.ts'
import { createRebuild } from './rebuild.ts'
import { createNumbering } from './records/numbering.ts'
import { openRecords } from './records/open-records.ts'
import { removeHost } from './remove-host.ts'
import { createRetention } from './retention.ts'
import { createRollups } from './rollups.ts'
import { createSizes } from './sizes.ts'
import { openState } from './state.ts'
import { createTaskWatch } from './task-watch.ts'
import { createUpkeep } from './upkeep.ts'

export type InfluxOptions = {
  readonly server: Server
  /** INFLUX_TOKEN. */
  readonly token: string | undefined
  /** INFLUX_PROVISION. */
  readonly mode: 'auto' | 'check'
  /** DATA_DIR: tokens, spool and quarantine lie there. */
  readonly folder: string
  readonly clock: Clock
  readonly policy: RetentionPolicy
  /** The `influx` command, for backups. */
  readonly cli?: string
  /** PATH, for the same. */
  readonly path?: string
  /** Of the spool of each dataset; beyond, points are refused. */
  readonly spoolBytes?: number
}

const SPOOL_BYTES = 512 << 20
const REMOVE_WAIT_MS = 5_000

/**
 * Opens the store on InfluxDB 2. Throws an AppError `setup` when it cannot be used. One that is away is no reason
 * not to open where an earlier start has been: points go into the spool then.
 */
export const openInflux = async (options: InfluxOptions): Promise<SeriesStore> => {
  const { server, folder, clock } = options
  const { prefix } = server
  const disk = nodeDisk
  await disk.makeFolder(folder)
  const connection = createConnection(server)
  const { reading, rolling } = connection
  const clockJumped = createJumpWatch(clock)
  const state = await openState(disk, folder)
  const sizes = createSizes(server.url, clock.monotonic)
  const ends = createEnds({ queries: reading, prefix, clock })
  const counts = createCounts({ queries: reading, prefix, clock })
  const quarantineFolder = join(folder, 'quarantine')
  const quarantine = await openQuarantine({ disk, folder: quarantineFolder, now: clock.now })

  const intake = await openIntake({
    disk,
    clock,
    folder: join(folder, 'spool'),
    maxBytes: options.spoolBytes ?? SPOOL_BYTES,
    deliver: (dataset) => connection.deliver(bucketName(prefix, { dataset, tier: 'raw' })),
    quarantine,
    random: Math.random,
    lateBefore: () => Math.max(clock.now() - LATE_MS, rollups.claimedTo()),
    onAccepted: (dataset, points) => {
      ends.note(dataset, points)
      counts.note(dataset, points.length)
    },
  })
  const dirt = intake.dirt('metrics')
  const readiness = createReadiness({
    ...options,
    disk,
    connection,
    state,
    plans: () => retention.plans(),
    onOthers: () => {
      ends.forget(() => true)
      counts.forget(() => true)
    },
  })

  const endsOf = async (tier: Tier) => {
    const shelf = findShelf('metrics', tier)
    return shelf && spanOf([...(await ends.byHost(shelf)).values()])
  }
  const rollups = createRollups({
    queries: rolling,
    prefix,
    clock,
    state,
    dirt,
    rawHorizon: () => retention.rawHorizon(),
    ends: endsOf,
    rebuild: createRebuild({
      read: createReader({ queries: rolling, prefix, horizon: () => null }).read,
      client: () => connection.client('roller'),
      server,
    }),
    onRolled: (tier) => {
      const isMeant = (shelf: Shelf) => shelf.dataset === 'metrics' && shelf.tier === tier
      ends.forget(isMeant)
      counts.forget(isMeant)
    },
  })
  const retention = createRetention({
    clock,
    state,
    ends,
    counts,
    sizes,
    policy: options.policy,
    buckets: {
      get: readiness.bucket,
      set: readiness.setBucket,
      isLeftAlone: readiness.isLeftAlone,
      mayChange: () => options.mode === 'auto',
      client: (shelf) => connection.client(shelf.tier === 'raw' ? 'writer' : 'roller'),
    },
    clockJumped,
    firstDirty: () => Math.min(...dirt.dirtyHours().keys()),
    rollDue: rollups.rollDue,
  })

  const stop = async () => {
    await intake.stop()
    await quarantine.close()
    await state.save()
  }
  try {
    await readiness.makeReady().catch(readiness.goOnWithout)
  } catch (error) {
    await stop()
    throw error
  }

  const { horizon } = retention
  const reader = createReader({ queries: reading, prefix, horizon })
  const covers = createCoverage({ ends, state, dirt, horizon })
  const bucketId = (shelf: Shelf) => readiness.bucket(shelf)?.id ?? ''
  const extent = createExtents({ ends, counts, sizes, bucketId, horizon })
  const watch = createTaskWatch({
    queries: rolling,
    prefix,
    clock,
    state,
    newestRaw: async () => (await endsOf('raw'))?.last,
  })
  const upkeep = createUpkeep({
    clock,
    isReady: readiness.isReady,
    isDenied: () => connection.refused().size > 0,
    provision: async () => {
      await readiness.makeReady()
      intake.wake()
    },
    lookAtTasks: async () => {
      const behind = await watch.look()
      // who looks beside us sees how far the tiers are
      await state.save()
      return behind
    },
    rollTier: rollups.rollTier,
    dirtyHours: () => dirt.dirtyHours().size,
    backlog: () => intake.figures().lines,
    rollDirty: rollups.rollDirty,
    followRetention: retention.follow,
    clockJumped,
  })
  const problems = createHealth({
    url: server.url,
    intake,
    quarantine,
    quarantineFolder,
    others: () => [...upkeep.problems(), ...readiness.problems(), ...watch.problems()],
  })

  let closing: Promise<void> | undefined
  const working = new Set<Promise<unknown>>()
  const answer = async <T>(ask: () => T | Promise<T>): Promise<T> => {
    if (closing !== undefined) throw unavailable('The series store is closed.')
    return ask()
  }
  /** Like `answer`, and `close` waits for it. */
  const work = <T>(ask: () => Promise<T>): Promise<T> =>
    answer(() => {
      const mine = ask()
      working.add(mine)
      const done = () => working.delete(mine)
      mine.then(done, done)
      return mine
    })

  const numbering = createNumbering(state)
  const records = openRecords({
    server,
    connection,
    ends,
    horizon: (dataset) => horizon(dataset, 'raw'),
    taking: {
      numbering,
      append: intake.append,
      flushed: () => intake.flushed(REMOVE_WAIT_MS),
      onRemoved: (dataset) => {
        const isMeant = (shelf: Shelf) => shelf.dataset === dataset
        ends.forget(isMeant)
        ends.forgetWritten(dataset)
        counts.forget(isMeant)
      },
    },
  })

  return {
    records: {
      append: (dataset, list) => answer(() => records.append(dataset, list)),
      find: (query) => answer(() => records.find(query)),
      values: records.values,
      series: (dataset, measurement, tags) =>
        answer(() => records.series(dataset, measurement, tags)),
      remove: (dataset, measurement, tags) =>
        work(() => records.remove(dataset, measurement, tags)),
    },
    write: (dataset, points) => answer(() => intake.write(dataset, points)),
    read: (query) => answer(() => reader.read(query)),
    coverage: (dataset, host) => answer(() => covers.coverage(dataset, host)),
    extent: (dataset, tier) => answer(() => extent(dataset, tier)),
    hosts: () => answer(covers.hosts),
    newest: (host) => answer(() => (readiness.isReady() ? covers.newest(host) : null)),
    measurements: (dataset) =>
      answer(() => reading.ask(measurementsScript(prefix, dataset), collectNames)),
    applyRetention: (policy, { preview = false } = {}) =>
      work(async () => {
        if (preview) return retention.preview(policy)
        const deletions = await retention.apply(policy)
        // tasks too, and whatever else somebody has changed
        upkeep.provisionSoon()
        return deletions
      }),
    rollUp: (range) =>
      work(() => (range === undefined ? rollups.rollDue() : rollups.rollRange(range))),
    maintain: () => work(upkeep.run),
    removeHost: (host) =>
      work(async () => {
        // what is on its way would bring the host back
        if (!(await intake.flushed(REMOVE_WAIT_MS)))
          throw unavailable(
            'Points are still on their way to InfluxDB. Remove the host when it takes them again.',
          )
        await removeHost(server, connection, host)
        ends.forgetHost(host)
        counts.forget(() => true)
      }),
    backup: (to) => {
      const { cli = 'influx', path = '' } = options
      return work(() => backUp({ server, cli, path, token: readiness.operatorToken() }, to))
    },
    health: () => ({ kind: 'influx', problems: problems() }),
    figures: () => ({
      pointsWritten: intake.written(),
      pointsRefused: intake.refused(),
      windowsRolledUp: rollups.windows(),
      dirtyWindows: dirt.dirtyHours().size,
      bytes: sizes.known(SHELVES.map(bucketId)),
      spool: intake.figures(),
      rollupHoursLeft: rollups.hoursLeft(),
      lastRetention: state.retentionAt(),
    }),
    close: () => {
      closing ??= (async () => {
        rollups.stop()
        await Promise.allSettled(working)
        await stop()
      })()
      return closing
    },
  }
}
