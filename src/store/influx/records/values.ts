import { DAY, HOUR, MINUTE } from '../../../points/instant.ts'
import type { RecordSelection, ValueBlock } from '../../records.ts'
import type { Ends } from '../ends.ts'
import type { CellCollector, Queries } from '../queries.ts'
import { blockReader, seqIn } from './rows.ts'
import { conditionsOf, fieldIs, rowsScript } from './scripts.ts'

type Deps = {
  readonly queries: Queries
  readonly prefix: string
  readonly span: (dataset: RecordSelection['dataset']) => Promise<Ends | undefined>
  readonly horizon: (dataset: RecordSelection['dataset']) => number | null
}

/** A block of so many values is a good size: a request costs as much as thousands of rows. */
const WANTED_ROWS = 100_000
const FIRST_MS = HOUR

/** Every value of a number field in time order, a stretch of time after the other. */
export const createValues = ({ queries, prefix, span, horizon }: Deps) =>
  async function* (selection: RecordSelection, field: string): AsyncGenerator<ValueBlock> {
    const { dataset, range } = selection
    const conditions = conditionsOf(selection)
    const all = conditions === undefined ? undefined : await span(dataset)
    if (all === undefined || conditions === undefined) return
    const to = Math.min(range.to, all.last + 1)
    let from = Math.max(range.from, all.first, horizon(dataset) ?? -Infinity)
    let width = FIRST_MS
    while (from < to) {
      const end = Math.min(to, from + width)
      const script = rowsScript(prefix, dataset, [...conditions, fieldIs(field)], { from, to: end })
      const block = await queries.ask(script, collectValues)
      if (block.at.length > 0) yield block
      width = nextWidth(width, block.at.length)
      from = end
    }
  }

const nextWidth = (width: number, rows: number): number =>
  Math.min(
    400 * DAY,
    Math.max(MINUTE, rows === 0 ? width * 8 : width * Math.min(8, WANTED_ROWS / rows)),
  )

/** Numbers in the order of time, then of `seq`; a table of texts has none. */
const collectValues = (): CellCollector<ValueBlock> => {
  const at: number[] = []
  const seqs: number[] = []
  const values: number[] = []
  const blockFor = blockReader()
  return {
    cells: (row, table) => {
      const { time, value, isNumber } = blockFor(table)
      if (time === undefined || value === undefined || !isNumber || row.isEmpty(value.index)) return
      at.push(row.time(time.index))
      seqs.push(seqIn(row.text(time.index)))
      values.push(row.number(value.index))
    },
    answer: () => {
      const places = Array.from(at, (_, place) => place)
      // rows of one series are in order; those of several stand behind one another
      const inOrder = at.every((ms, place) => place === 0 || ms >= (at[place - 1] ?? 0))
      if (!inOrder)
        places.sort((a, b) => (at[a] ?? 0) - (at[b] ?? 0) || (seqs[a] ?? 0) - (seqs[b] ?? 0))
      return {
        at: Float64Array.from(places, (place) => at[place] ?? 0),
        value: Float64Array.from(places, (place) => values[place] ?? 0),
      }
    },
  }
}
