import { log } from '../catalog/records.ts'
import { logMatcher, parseLogFilter, toEntry } from '../history/logs.ts'
import { invalid, type Parameters } from '../history/parameters.ts'
import type { Hub } from '../live/hub.ts'
import type { LogScope, LogTail } from '../live/log-tail.ts'
import type { NewRecord } from '../points/record.ts'
import type { RecordStore } from '../store/records.ts'
import { logView } from './routes/logs.ts'

/** The same store; log records that it has taken are told to the hub. */
export const announcing = (
  records: RecordStore,
  hub: Pick<Hub<readonly NewRecord[]>, 'publish'>,
): RecordStore => ({
  ...records,
  append: async (dataset, batch) => {
    await records.append(dataset, batch)
    if (dataset === log.dataset && batch.length > 0) hub.publish(batch)
  },
})

/** The live tail speaks as `GET /api/logs` does: the same filter, the same records. */
export const logTail = (hub: LogTail['hub']): LogTail => ({
  hub,
  matcher: (filter, scope) => {
    const wanted = parseLogFilter(textsIn(filter))
    const matches = logMatcher(wanted)
    return (record) => isWithin(record, scope) && matches(record)
  },
  view: ({ seq = 0, ...record }) => logView(toEntry({ ...record, seq })),
})

const isWithin = ({ tags }: NewRecord, scope: LogScope): boolean =>
  scope.kind === 'all' || tags['user'] === scope.user

const textsIn = (filter: unknown): Parameters => {
  if (filter === undefined || filter === null) return {}
  if (typeof filter !== 'object' || Array.isArray(filter)) throw invalid('filter must be an object')
  const texts: Record<string, string> = {}
  for (const [name, value] of Object.entries(filter)) {
    if (value === null || value === undefined) continue
    if (typeof value !== 'string') throw invalid(`filter: ${name} must be a string`)
    texts[name] = value
  }
  return texts
}
