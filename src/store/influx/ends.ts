import type { Dataset } from '../../catalog/datasets.ts'
import type { Clock } from '../../points/clock.ts'
import { MINUTE } from '../../points/instant.ts'
import { cleanName } from '../../points/line-protocol.ts'
import type { Row } from './intake.ts'
import { bucketName, SHELVES, type Shelf } from './buckets.ts'
import { source } from './flux-text.ts'
import type { Collector, Queries } from './queries.ts'
import { remember, type Remembered } from './remembered.ts'
import { createTimeReader } from './rfc3339.ts'

/** The first and the last row, in milliseconds. */
export type Ends = { readonly first: number; readonly last: number }

/** By host; points without the tag `host` are under the empty name. */
type EndsByHost = ReadonlyMap<string, Ends>

export type EndsBook = {
  /** Of one shelf, by host. */
  byHost(shelf: Shelf): Promise<EndsByHost>
  /** Rows of ours that were accepted: they count at once. */
  note(dataset: Dataset, rows: readonly Row[]): void
  /** Something was rolled up, or deleted. */
  forget(shelves: (shelf: Shelf) => boolean): void
  /** What of our own writes was deleted again. */
  forgetWritten(dataset: Dataset): void
  /** A host that was removed. */
  forgetHost(host: string): void
}

/** The tasks write a window of the finest tier each minute. */
const FRESH_MS = MINUTE

/** Ends of times in all directions, as InfluxDB can hold them. */
export const ALL_TIME = { from: -Infinity, to: Infinity }

/**
 * Where data begins and ends. Asking all series of a bucket costs milliseconds a host, and it hardly ever changes
 * but by our own writes, so it is remembered.
 */
export const createEnds = (options: {
  readonly queries: Queries
  readonly prefix: string
  readonly clock: Clock
}): EndsBook => {
  const { queries, prefix, clock } = options
  const written = new Map<Dataset, Map<string, Ends>>()
  const books = new Map<Shelf, Remembered<EndsByHost>>(
    SHELVES.map((shelf) => [
      shelf,
      remember({
        freshMs: FRESH_MS,
        monotonic: clock.monotonic,
        load: () => queries.ask(endsScript(prefix, shelf), collectEnds),
      }),
    ]),
  )

  return {
    byHost: async (shelf) => {
      const found = (await books.get(shelf)?.get()) ?? new Map<string, Ends>()
      const ours = shelf.tier === 'raw' ? written.get(shelf.dataset) : undefined
      return ours === undefined ? found : together(found, ours)
    },
    note: (dataset, points) => {
      const hosts = written.get(dataset) ?? new Map<string, Ends>()
      written.set(dataset, hosts)
      for (const [host, ends] of endsIn(points)) {
        const name = host === '' ? '' : cleanName(host)
        hosts.set(name, joined(hosts.get(name), ends))
      }
    },
    forget: (isMeant) => {
      for (const [shelf, book] of books) if (isMeant(shelf)) book.forget()
    },
    forgetWritten: (dataset) => void written.delete(dataset),
    forgetHost: (host) => {
      for (const hosts of written.values()) hosts.delete(cleanName(host))
      for (const book of books.values()) book.forget()
    },
  }
}

/** By the host as it is written; without the tag it is the empty name. */
const endsIn = (points: readonly Row[]): ReadonlyMap<string, Ends> => {
  const found = new Map<string, { first: number; last: number }>()
  for (const { tags, at } of points) {
    const host = tags['host'] ?? ''
    const ends = found.get(host)
    if (ends === undefined) found.set(host, { first: at, last: at })
    else if (at < ends.first) ends.first = at
    else if (at > ends.last) ends.last = at
  }
  return found
}

const joined = (a: Ends | undefined, b: Ends): Ends =>
  a === undefined ? b : { first: Math.min(a.first, b.first), last: Math.max(a.last, b.last) }

const together = (a: EndsByHost, b: EndsByHost): EndsByHost => {
  const all = new Map(a)
  for (const [host, ends] of b) all.set(host, joined(all.get(host), ends))
  return all
}

/** All series of a bucket; of a tier only the values, whose companions are as old. */
export const everySeries = ({ tier }: Shelf): string =>
  tier === 'raw' ? 'r["_measurement"] != ""' : 'r["_field"] !~ /_(min|max|n)$/'

export const endsScript = (prefix: string, shelf: Shelf): string => {
  const rows = source(bucketName(prefix, shelf), ALL_TIME, [everySeries(shelf)])
  const end = (fn: 'first' | 'last', of: 'min' | 'max') => `${rows}
    |> ${fn}()
    |> keep(columns: ["_time", "host"])
    |> group(columns: ["host"])
    |> ${of}(column: "_time")
    |> yield(name: "${fn}")`
  return `${end('first', 'min')}\n\n${end('last', 'max')}`
}

const collectEnds = (): Collector<EndsByHost> => {
  const first = new Map<string, number>()
  const last = new Map<string, number>()
  const readTime = createTimeReader()
  return {
    row: (values, meta) => {
      const of = (label: string) => {
        const column = meta.columns.find((one) => one.label === label)
        return column && (values[column.index] || column.defaultValue)
      }
      const into = of('result') === 'first' ? first : last
      into.set(of('host') ?? '', readTime(of('_time') ?? ''))
    },
    answer: () =>
      new Map(
        [...first].map(([host, at]) => [host, { first: at, last: last.get(host) ?? at }] as const),
      ),
  }
}
