import type { Sql } from '../database.ts'
import { numberAt, pragma } from '../database.ts'
import { createMemo } from '../memo.ts'
import type { Pace } from '../pace.ts'
import { RECORDS_SCHEMA } from '../schema.ts'
import { FOLDED } from './tables.ts'

/** A transaction of some 2 ms. */
const LINES_PER_STEP = 250
/** Pages that one step of merging may write. */
const MERGE_PAGES = 16
const MERGES_PER_STEP = 40
/** So many lines may wait to be indexed: a search looks through them one by one, in a millisecond or two. */
const LINES_AT_REST = 4_000
/** What a trigram is made of. */
const LENGTH = 3

export type TextIndex = ReturnType<typeof createTextIndex>

/**
 * The trigrams of the log lines, of those up to a mark by id; later lines are indexed by the maintenance, so that
 * no line waits for it. Contentless and without places: it names lines that may hold a text, the caller looks.
 */
export const createTextIndex = (sql: Sql) => {
  const memo = createMemo(sql, 'log-text', 0)
  let lastId = 0
  const measure = () => {
    lastId = memo.get()
    if (pragma(sql, 'user_version') < RECORDS_SCHEMA) return
    const row = sql.first('SELECT coalesce(max(id), 0) FROM log')
    // Beyond the mark also when the lines before it are gone: an indexed id is never given again.
    if (row !== undefined) lastId = Math.max(lastId, numberAt(row, 0))
  }
  measure()

  const indexSome = () => {
    const row = sql.first(
      'SELECT max(id) FROM (SELECT id FROM log WHERE id > ? ORDER BY id LIMIT ?)',
      [memo.get(), LINES_PER_STEP],
    )
    const last = row?.[0]
    if (typeof last !== 'number') {
      // The lines that waited were deleted.
      memo.set(lastId)
      return
    }
    sql.transaction(() => {
      sql.run(
        `INSERT INTO log_text(rowid, msg)
         SELECT id, ${FOLDED} FROM log WHERE id > ? AND id <= ? AND msg IS NOT NULL ORDER BY id`,
        [memo.get(), last],
      )
      memo.set(last)
    })
  }

  const changes = () => {
    const row = sql.first('SELECT total_changes()')
    return row === undefined ? 0 : numberAt(row, 0)
  }

  /** Merges in small steps what the library else would now and then merge at a stretch. */
  const merge = async (pace: Pace) => {
    for (let step = 0; step < MERGES_PER_STEP; step++) {
      const before = changes()
      sql.run("INSERT INTO log_text(log_text, rank) VALUES('merge', ?)", [MERGE_PAGES])
      if (changes() - before < 2) return
      if (pace.due()) await pace.rest()
    }
  }

  return {
    /** The id of the next line. */
    nextId: (): number => (lastId += 1),
    lastId: (): number => lastId,
    /** Lines up to this id are indexed. */
    mark: memo.get,
    isDue: (): boolean => lastId - memo.get() > LINES_AT_REST,
    /** Indexes what waits. */
    run: async (pace: Pace) => {
      while (lastId > memo.get()) {
        indexSome()
        if (pace.due()) await pace.rest()
        await merge(pace)
      }
    },
    /**
     * The ids of the indexed lines that may hold a folded text, at most `limit`; undefined: the text is too short
     * to be looked up.
     */
    candidates: (folded: string, limit: number): readonly number[] | undefined => {
      const trigrams = trigramsOf(folded)
      if (trigrams.length === 0) return undefined
      return sql
        .all('SELECT rowid FROM log_text WHERE log_text MATCH ? LIMIT ?', [
          trigrams.map((one) => `"${one.replaceAll('"', '""')}"`).join(' '),
          limit,
        ])
        .map((row) => numberAt(row, 0))
    },
    /** Within the caller's transaction, before the lines are deleted. `where` picks rows of `log`. */
    forget: (where: string, values: readonly number[]) => {
      sql.run(
        `DELETE FROM log_text WHERE rowid IN (SELECT id FROM log WHERE ${where} AND id <= ?)`,
        [...values, memo.get()],
      )
    },
    reload: () => {
      memo.reload()
      const known = lastId
      measure()
      lastId = Math.max(known, lastId)
    },
  }
}

/** Beyond this a text is rare enough. */
const MOST_TRIGRAMS = 16

/** Trigrams that together cover the text, as far as they go: each costs a walk through its lines. */
const trigramsOf = (folded: string): readonly string[] => {
  const letters = Array.from(folded)
  if (letters.length < LENGTH) return []
  const found = new Set<string>()
  for (let at = 0; at < letters.length && found.size < MOST_TRIGRAMS; at += LENGTH) {
    const start = Math.min(at, letters.length - LENGTH)
    found.add(letters.slice(start, start + LENGTH).join(''))
  }
  return [...found]
}
