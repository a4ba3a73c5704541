import { DeleteAPI } from '@influxdata/influxdb-client-apis'
import { AppError } from '../../../app-error.ts'
import type { RecordDataset } from '../../../catalog/records.ts'
import { cleanMeasurement } from '../../../points/line-protocol.ts'
import type { StoredRecord } from '../../../points/record.ts'
import type { RecordStore } from '../../records.ts'
import { validateRecords } from '../../validate.ts'
import { bucketName, findShelf } from '../buckets.ts'
import type { Server } from '../client.ts'
import type { Connection } from '../connection.ts'
import { ALL_TIME, type EndsBook } from '../ends.ts'
import { spanOf } from '../extent.ts'
import { asAppError, unavailable } from '../failures.ts'
import { storedTags } from '../names.ts'
import { ALL_TIMES, quotedInPredicate } from '../remove-host.ts'
import { createFinder } from './find.ts'
import type { createNumbering } from './numbering.ts'
import { conditionsOf, seriesScript } from './scripts.ts'
import { collectSeries } from './series.ts'
import { createValues } from './values.ts'

export type RecordDeps = {
  readonly server: Server
  readonly connection: Pick<Connection, 'reading' | 'client'>
  readonly ends: EndsBook
  readonly horizon: (dataset: RecordDataset) => number | null
  /** Takes them into the spool, as `write` does points; absent: beside a server, which alone takes any. */
  readonly taking?: {
    readonly numbering: ReturnType<typeof createNumbering>
    append(dataset: RecordDataset, records: readonly StoredRecord[]): Promise<void>
    flushed(): Promise<boolean>
    /** The dataset holds less than before. */
    onRemoved(dataset: RecordDataset): void
  }
}

export const openRecords = (deps: RecordDeps): RecordStore => {
  const { server, connection, ends, horizon, taking } = deps
  const { reading: queries } = connection
  const { prefix } = server
  const span = async (dataset: RecordDataset) => {
    const shelf = findShelf(dataset, 'raw')
    return shelf && spanOf([...(await ends.byHost(shelf)).values()])
  }
  const looking = { queries, prefix, span, horizon }
  const taker = () => {
    if (taking === undefined)
      throw unavailable('Beside a server InfluxDB is open for questions and rollups only.')
    return taking
  }
  return {
    find: createFinder(looking),
    values: createValues(looking),
    append: async (dataset, given) => {
      const { numbering, append } = taker()
      await numbering.append(validateRecords(given), (records) => append(dataset, records))
    },
    series: async (dataset, measurement, tags) => {
      const conditions = conditionsOf({ dataset, measurement, tags })
      if (conditions === undefined) return []
      const range = { ...ALL_TIME, from: horizon(dataset) ?? ALL_TIME.from }
      return queries.ask(seriesScript(prefix, dataset, conditions, range), collectSeries)
    },
    remove: async (dataset, measurement, tags) => {
      const { numbering, flushed, onRemoved } = taker()
      if (Object.keys(tags).length === 0)
        throw new AppError({ code: 'invalid', detail: 'Name a tag of what is to be removed.' })
      // what is on its way would come after the deletion
      if (!(await flushed()))
        throw unavailable(
          'Records are still on their way to InfluxDB. Remove them when it takes them again.',
        )
      const bucket = bucketName(prefix, { dataset, tier: 'raw' })
      const equal = { _measurement: cleanMeasurement(measurement), ...storedTags(tags) }
      const predicate = Object.entries(equal)
        .map(([name, value]) => `${quotedInPredicate(name)}=${quotedInPredicate(value)}`)
        .join(' AND ')
      const body = { ...ALL_TIMES, predicate }
      try {
        await new DeleteAPI(connection.client('writer')).postDelete({
          org: server.org,
          bucket,
          body,
        })
      } catch (error) {
        throw asAppError(error, { url: server.url, token: 'the writer token' })
      }
      numbering.forget()
      onRemoved(dataset)
    },
  }
}
