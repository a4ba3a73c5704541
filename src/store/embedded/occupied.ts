import { join } from 'node:path'
import { DAY, instant, type Instant } from '../../points/instant.ts'
import { numberAt, openSql } from './database.ts'
import { SERIES_FILE } from './schema.ts'
import { SHELVES } from './shelves.ts'
import type { HistoryPart } from '../history-import.ts'

/** Never bound: numbers are bound as reals, and a clock that was wrong gives times before 1970. */
const dayOf = (column: string) => `${column} - ((${column} % ${DAY}) + ${DAY}) % ${DAY}`

const DAYS = `
  SELECT DISTINCT tier, ${dayOf('t0')}, ${dayOf('t1')} FROM chunk
  UNION SELECT DISTINCT tier, ${dayOf('time')}, ${dayOf('time')} FROM hot`

/**
 * The days (UTC) of each dataset and tier that hold rows, ascending: who reads everything should not have to ask for
 * each hour since a clock stood at 1970. A day may be listed whose rows are hidden or between those of a chunk.
 */
export const occupiedDays = (
  folder: string,
): readonly (HistoryPart & { readonly days: readonly Instant[] })[] => {
  const sql = openSql(join(folder, SERIES_FILE))
  try {
    sql.exec('PRAGMA query_only = ON')
    const days = new Map<number, Set<number>>(SHELVES.map(({ id }) => [id, new Set<number>()]))
    for (const row of sql.all(DAYS))
      for (let day = numberAt(row, 1); day <= numberAt(row, 2); day += DAY)
        days.get(numberAt(row, 0))?.add(day)
    return SHELVES.map(({ id, dataset, tier }) => ({
      dataset,
      tier,
      days: [...(days.get(id) ?? [])].toSorted((a, b) => a - b).map(instant),
    }))
  } finally {
    sql.close()
  }
}
