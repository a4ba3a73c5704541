import { collectSeries, type FoundSeries, type PartOf } from './columns.ts'
import type { CsvTable } from './csv-rows.ts'
import type { CellCollector, Queries } from './queries.ts'
import type { RangeScript } from './range-script.ts'

/** One question of a batch; `script` puts `name` before the names of its results. */
export type BatchedQuestion = {
  readonly script: (name: string) => RangeScript
  readonly partOf: PartOf
}

type Waiting = BatchedQuestion & {
  readonly resolve: (found: readonly FoundSeries[]) => void
  readonly reject: (error: unknown) => void
}

const MOST_IN_ONE = 8
/** Between a question's place in the batch and the name of its result. */
const BEHIND_PLACE = '/'

/**
 * Sends questions of the same moment as one script: a stretch of history is put together from several tiers, and a
 * request costs InfluxDB as much as thousands of rows.
 */
export const createBatching = (queries: Queries) => {
  let waiting: Waiting[] = []

  const send = (batch: readonly Waiting[]) => {
    const scripts = batch.map(({ script }, place) => script(`${place}${BEHIND_PLACE}`))
    const collect = () =>
      collectBatch(
        scripts.map((asked, place) =>
          collectSeries(asked, (result, measurement, field) =>
            batch[place]?.partOf(
              result.slice(result.indexOf(BEHIND_PLACE) + 1),
              measurement,
              field,
            ),
          ),
        ),
      )
    queries.ask(scripts.map(({ script }) => script).join('\n\n'), collect).then(
      (answers) => batch.forEach(({ resolve }, place) => resolve(answers[place] ?? [])),
      (error: unknown) => batch.forEach(({ reject }) => reject(error)),
    )
  }

  const flush = () => {
    const all = waiting
    waiting = []
    for (let at = 0; at < all.length; at += MOST_IN_ONE) send(all.slice(at, at + MOST_IN_ONE))
  }

  return (question: BatchedQuestion): Promise<readonly FoundSeries[]> =>
    new Promise((resolve, reject) => {
      if (waiting.length === 0) queueMicrotask(flush)
      waiting.push({ ...question, resolve, reject })
    })
}

/** Each result has a block of rows of its own, and is of one question. */
const collectBatch = <Answer>(
  parts: readonly CellCollector<Answer>[],
): CellCollector<readonly Answer[]> => {
  let block: CsvTable | undefined
  let part: CellCollector<Answer> | undefined
  return {
    cells: (row, table) => {
      if (table !== block) {
        block = table
        const column = table.columns.find(({ label }) => label === 'result')
        const result = column && (row.text(column.index) || column.defaultValue)
        part = parts[Number.parseInt(result ?? '', 10)]
      }
      return part?.cells(row, table)
    },
    answer: () => parts.map((one) => one.answer()),
  }
}
