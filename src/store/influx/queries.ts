import type { InfluxDB } from '@influxdata/influxdb-client'
import { AppError } from '../../app-error.ts'
import { createCsvReader, type CsvTable, type CsvRow, type OnRow } from './csv-rows.ts'
import { asAppError, isBusy, isCutOff, unavailable } from './failures.ts'
import { createSlots } from './slots.ts'

/** Takes the rows of an answer as they come. `table` is the same object for all rows of a block. */
export type Collector<Answer> = {
  /** The texts of a row. */
  row(values: readonly string[], table: CsvTable): void
  answer(): Answer
}
/** As `Collector`, for thousands of rows: takes out of the bytes what it needs. */
export type CellCollector<Answer> = {
  readonly cells: OnRow
  answer(): Answer
}
type AnyCollector<Answer> = Collector<Answer> | CellCollector<Answer>

export type Queries = {
  ask<Answer>(script: string, collect: () => AnyCollector<Answer>): Promise<Answer>
}

export type QueriesOptions = {
  /** The client of the moment. */
  readonly client: () => InfluxDB
  readonly org: string
  readonly url: string
  /** The token as a person would look for it, for the sentence of a refusal. */
  readonly token: string
  /** From the moment that it is sent. */
  readonly deadlineMs: number
  readonly atOnce: number
  readonly mostRows: number
  /** Hears of a failure before it becomes a sentence. */
  readonly onFailure?: (error: unknown) => void
}

const MOST_TRIES = 5
const PAUSE_MS = 50

/** Asks in Flux: a few at once, each with a deadline, an answer of at most so many rows. */
export const createQueries = (options: QueriesOptions): Queries => {
  const { deadlineMs } = options
  const slots = createSlots(options.atOnce)
  const path = `/api/v2/query?${new URLSearchParams({ org: options.org }).toString()}`

  const once = <Answer>(script: string, collector: AnyCollector<Answer>): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const given = new AbortController()
      const end = (settle: () => void) => {
        clearTimeout(timer)
        settle()
      }
      // not within a chunk of the answer: Node throws out of an abort there when the chunk is the last one
      const giveUp = (error: AppError) =>
        end(() => (reject(error), setImmediate(() => given.abort())))
      const timer = setTimeout(() => giveUp(late(deadlineMs)), deadlineMs)
      const sending = { ...SENDING, signal: given.signal }
      const take = takerOf(collector)
      const reader = createCsvReader((row, table) => {
        const failure = failureIn(row, table)
        if (failure === undefined) return take(row, table)
        giveUp(refused(options.url, failure))
        return undefined
      })
      // not by the query API: what is cancelled there goes on at the server, and says here that it is complete
      options.client().transport.send(path, bodyOf(script), sending, {
        next: (chunk) => {
          reader.push(chunk)
          if (reader.rows() > options.mostRows) giveUp(tooMany(options.mostRows))
        },
        error: (error) => end(() => reject(error)),
        complete: () => {
          reader.end()
          end(() => resolve(collector.answer()))
        },
      })
    })

  const patiently = async <Answer>(
    script: string,
    collect: () => AnyCollector<Answer>,
  ): Promise<Answer> => {
    for (let tries = 1; ; tries++)
      try {
        return await once(script, collect())
      } catch (error) {
        const again = isBusy(error) || (isCutOff(error) && tries === 1)
        if (!again || tries >= MOST_TRIES) throw error
        await pause(PAUSE_MS * tries)
      }
  }

  return {
    ask: async (script, collect) => {
      try {
        return await slots(() => patiently(script, collect))
      } catch (error) {
        options.onFailure?.(error)
        throw asAppError(error, options)
      }
    },
  }
}

const takerOf = <Answer>(collector: AnyCollector<Answer>): OnRow => {
  if ('cells' in collector) return collector.cells
  return (row, table) => {
    collector.row(row.texts(), table)
    return undefined
  }
}

/** A query that fails after it has begun to answer says so in a table of its own, with status 200. */
const failureIn = (row: CsvRow, { columns }: CsvTable): string | undefined =>
  columns[0]?.label === 'error' ? row.text(0) || 'unknown' : undefined

const refused = (url: string, reason: string): AppError =>
  unavailable(`InfluxDB at ${url} broke a query off: ${reason}.`)

const SENDING = {
  method: 'POST',
  headers: { 'content-type': 'application/json; charset=utf-8', accept: 'application/csv' },
}

const bodyOf = (script: string): string =>
  JSON.stringify({
    query: script,
    type: 'flux',
    dialect: { header: true, delimiter: ',', annotations: ['datatype', 'default'] },
  })

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

const late = (ms: number): AppError =>
  unavailable(
    `InfluxDB did not answer within ${Math.round(ms / 1_000)} seconds. Ask for a shorter range, or look at the load of its machine.`,
  )

const tooMany = (rows: number): AppError =>
  new AppError({
    code: 'invalid',
    detail: `The answer would have more than ${rows} rows. Ask for a shorter range, fewer fields or a coarser interval.`,
  })
