import { SEQ_LIMIT } from '../../../points/record.ts'
import type { Sql } from '../database.ts'
import { createMemo } from '../memo.ts'

/** Numbers that are given out before the file is told again; as many are skipped by a restart. */
const RESERVE = 1_000

/** Numbers for records that bring none: one after the other, never begun anew, whatever a crash cuts off. */
export const createNumbers = (sql: Sql) => {
  const memo = createMemo(sql, 'record-numbers', 0)
  let next = memo.get()
  return {
    /** Within a transaction of the caller. */
    take: (): number => {
      if (next >= memo.get()) memo.set(next + RESERVE)
      return next++ % SEQ_LIMIT
    },
    /** After a transaction that failed: what it has reserved is not in the file. */
    reload: () => {
      memo.reload()
      next = Math.max(next, memo.get())
    },
  }
}
