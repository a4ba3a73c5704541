import { join } from 'node:path'
import type { Dataset } from '../../catalog/datasets.ts'
import type { Tier } from '../../catalog/tiers.ts'
import { DAY, HOUR, instant, windowStart } from '../../points/instant.ts'
import { readCursor } from '../../spool/cursor.ts'
import { nodeDisk, type Disk } from '../../spool/disk.ts'
import type { RetentionPolicy, SeriesStore } from '../store.ts'
import { backUp } from './backup.ts'
import { findShelf, SHELVES } from './buckets.ts'
import { clientFor } from './client.ts'
import { createConnection } from './connection.ts'
import { createCounts } from './counts.ts'
import { createCoverage } from './coverage.ts'
import { createEnds } from './ends.ts'
import { createExtents, spanOf } from './extent.ts'
import { unavailable } from './failures.ts'
import { cutOf } from './keeping.ts'
import { collectNames, measurementsScript } from './measurements.ts'
import type { InfluxOptions } from './open-influx.ts'
import { daysOf } from './provision/bucket-plan.ts'
import { checkProvisioned, taskProblems } from './provision/check.ts'
import { setup } from './provision/lacks.ts'
import { findOrganisation } from './provision/organisation.ts'
import { checkServer } from './provision/server-check.ts'
import { checkStanding } from './provision/standing.ts'
import { readTokens } from './provision/tokens-file.ts'
import { createReader } from './read.ts'
import { openRecords } from './records/open-records.ts'
import { createRebuild } from './rebuild.ts'
import { createRollups } from './rollups.ts'
import { createSizes } from './sizes.ts'
import { openState } from './state.ts'

export type BesideOptions = Omit<InfluxOptions, 'spoolBytes'>

/**
 * The same data beside a server, which alone writes points and keeps the tasks: answers questions, rolls a range up
 * again, makes backups. Nothing is provisioned. Throws an AppError `setup` where a server has not been yet.
 */
export const openInfluxBeside = async (options: BesideOptions): Promise<SeriesStore> => {
  const { server, folder, clock, policy } = options
  const { prefix } = server
  const disk = nodeDisk
  const connection = createConnection(server)
  const { reading, rolling } = connection
  const { buckets, operator, problems } = await lookAround(options, disk, connection.use)
  const state = await openState(disk, folder)
  const sizes = createSizes(server.url, clock.monotonic)
  const ends = createEnds({ queries: reading, prefix, clock })
  const counts = createCounts({ queries: reading, prefix, clock })
  const horizon = horizonOf(policy, clock.now)
  const dirty = await dirtyHoursOf(disk, folder)
  const reader = createReader({ queries: reading, prefix, horizon })
  // what is dirty stays so until the server has rolled it up itself
  const dirt = { dirtyHours: () => dirty, clean: () => {} }
  const covers = createCoverage({ ends, state, dirt, horizon })
  const extent = createExtents({
    ends,
    counts,
    sizes,
    bucketId: (shelf) => buckets.get(shelf)?.id ?? '',
    horizon,
  })
  const endsOf = async (tier: Tier) => {
    const shelf = findShelf('metrics', tier)
    return shelf && spanOf([...(await ends.byHost(shelf)).values()])
  }
  const rollups = createRollups({
    queries: rolling,
    prefix,
    clock,
    // the marks are the server's to move
    state: { ...state, setMark: () => {}, save: async () => {} },
    dirt: { dirtyHours: () => new Map(), clean: () => {} },
    rawHorizon: () => {
      const raw = findShelf('metrics', 'raw')
      const keeping = raw && buckets.get(raw)?.keeping
      return Math.max(
        state.rawCut(),
        keeping === undefined ? -Infinity : cutOf(keeping, clock.now()),
      )
    },
    ends: endsOf,
    rebuild: createRebuild({
      read: createReader({ queries: rolling, prefix, horizon: () => null }).read,
      client: () => connection.client('roller'),
      server,
    }),
    onRolled: () => {},
  })

  const refuse = (): Promise<never> =>
    Promise.reject(unavailable('Beside a server InfluxDB is open for questions and rollups only.'))

  return {
    records: openRecords({
      server,
      connection,
      ends,
      horizon: (dataset) => horizon(dataset, 'raw'),
    }),
    write: refuse,
    read: reader.read,
    coverage: covers.coverage,
    extent,
    hosts: covers.hosts,
    newest: covers.newest,
    measurements: (dataset) => reading.ask(measurementsScript(prefix, dataset), collectNames),
    applyRetention: refuse,
    rollUp: async (range) => {
      if (range === undefined) return refuse()
      // newer windows are the tasks' own: they may have points on their way
      const to = instant(Math.min(range.to, windowStart(clock.now() - HOUR, HOUR)))
      return range.from < to ? rollups.rollRange({ from: range.from, to }) : 0
    },
    maintain: async () => {},
    removeHost: refuse,
    backup: (to) =>
      backUp(
        { server, cli: options.cli ?? 'influx', path: options.path ?? '', token: operator },
        to,
      ),
    health: () => ({ kind: 'influx', problems }),
    figures: () => ({
      pointsWritten: 0,
      pointsRefused: 0,
      windowsRolledUp: rollups.windows(),
      dirtyWindows: dirty.size,
      bytes: sizes.known(SHELVES.map((shelf) => buckets.get(shelf)?.id ?? '')),
      rollupHoursLeft: rollups.hoursLeft(),
      lastRetention: state.retentionAt(),
    }),
    close: async () => rollups.stop(),
  }
}

/** Reads find nothing before this, as at the server. */
const horizonOf =
  (policy: RetentionPolicy, now: () => number) =>
  (dataset: Dataset, tier: Tier): number | null => {
    const shelf = findShelf(dataset, tier)
    const days = shelf === undefined ? null : daysOf(policy, shelf)
    return days === null ? null : windowStart(now() - days * DAY, HOUR)
  }

/** The tokens that a server has left in the folder, or with INFLUX_PROVISION=check the one that is given; and what they find. */
export const lookAround = async (
  { server, token, mode, folder }: BesideOptions,
  disk: Disk,
  use: ReturnType<typeof createConnection>['use'],
) => {
  const problems = [...(await checkServer(server.url))]
  if (mode === 'check') {
    if (token === undefined) throw setup('INFLUX_TOKEN: INFLUX_PROVISION=check needs it.')
    use({ writer: token, roller: token, reader: token, operator: token })
    const client = clientFor(server, token)
    const found = await checkProvisioned(
      client,
      server,
      await findOrganisation(client, server, false),
    )
    return {
      buckets: found.buckets,
      operator: token,
      problems: [...problems, ...found.problems],
    }
  }
  const kept = await readTokens(disk, folder)
  if (kept === undefined)
    throw setup(
      `There are no tokens for InfluxDB in ${join(folder, '')}: start the server once, or name its data folder with --data-dir or DATA_DIR.`,
    )
  const { buckets, orgID } = await checkStanding(server, kept)
  const operator = token ?? kept.operator?.token
  use({
    writer: kept.scoped.writer?.token ?? '',
    roller: kept.scoped.roller?.token ?? '',
    reader: kept.scoped.reader?.token ?? '',
    operator,
  })
  if (operator !== undefined)
    problems.push(...(await taskProblems(clientFor(server, operator), orgID, server.prefix)))
  return { buckets, operator, problems }
}

/** The hours that the server's spool has told to be rolled up again, by its newest note on disk. */
const dirtyHoursOf = async (disk: Disk, folder: string): Promise<ReadonlyMap<number, number>> => {
  const { dirtyHours } = await readCursor(disk, join(folder, 'spool', 'metrics'))
  return new Map(dirtyHours.map((hour) => [hour, 0] as const))
}
