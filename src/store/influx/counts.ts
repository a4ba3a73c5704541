import type { Dataset } from '../../catalog/datasets.ts'
import type { Clock } from '../../points/clock.ts'
import { HOUR } from '../../points/instant.ts'
import { bucketName, SHELVES, type Shelf } from './buckets.ts'
import { ALL_TIME, everySeries } from './ends.ts'
import { source } from './flux-text.ts'
import type { Collector, Queries } from './queries.ts'
import { remember, type Remembered } from './remembered.ts'

export type CountBook = {
  /** Rows of a shelf, as counted within the last hour, and what we have written since. */
  of(shelf: Shelf): Promise<number>
  /** Rows of a shelf in a range, counted now. */
  within(shelf: Shelf, range: { readonly from: number; readonly to: number }): Promise<number>
  note(dataset: Dataset, points: number): void
  forget(shelves: (shelf: Shelf) => boolean): void
}

const FRESH_MS = HOUR

/** How many rows there are. InfluxDB counts values of fields; a series has as many rows as its fullest field. */
export const createCounts = (options: {
  readonly queries: Queries
  readonly prefix: string
  readonly clock: Clock
}): CountBook => {
  const { queries, prefix, clock } = options
  const since = new Map<Dataset, number>()
  const within: CountBook['within'] = (shelf, range) =>
    queries.ask(countScript(prefix, shelf, range), collectOne)
  const books = new Map<Shelf, Remembered<number>>(
    SHELVES.map((shelf) => [
      shelf,
      remember({
        freshMs: FRESH_MS,
        monotonic: clock.monotonic,
        load: () => {
          if (shelf.tier === 'raw') since.set(shelf.dataset, 0)
          return within(shelf, ALL_TIME)
        },
      }),
    ]),
  )
  return {
    of: async (shelf) => {
      const counted = (await books.get(shelf)?.get()) ?? 0
      return counted + (shelf.tier === 'raw' ? (since.get(shelf.dataset) ?? 0) : 0)
    },
    within,
    note: (dataset, points) => since.set(dataset, (since.get(dataset) ?? 0) + points),
    forget: (isMeant) => {
      for (const [shelf, book] of books) if (isMeant(shelf)) book.forget()
    },
  }
}

export const countScript = (
  prefix: string,
  shelf: Shelf,
  range: { readonly from: number; readonly to: number },
): string => `${source(bucketName(prefix, shelf), range, [everySeries(shelf)])}
    |> count()
    |> group(columns: ["_field", "_value"], mode: "except")
    |> max()
    |> group()
    |> sum()`

const collectOne = (): Collector<number> => {
  let found = 0
  return {
    row: (values, meta) => {
      const column = meta.columns.find(({ label }) => label === '_value')
      if (column !== undefined) found = Number(values[column.index] ?? 0)
    },
    answer: () => found,
  }
}
