import type { RecordSelection, ValueBlock } from '../../records.ts'
import type { Ends } from '../ends.ts'
import type { CellCollector, Queries } from '../queries.ts'
import { momentAt } from './moment.ts'
import { blockReader } from './rows.ts'
import { conditionsOf, fieldIs, rowsScript } from './scripts.ts'
import { slicesOf } from './slices.ts'

type Deps = {
  readonly queries: Queries
  readonly prefix: string
  readonly span: (dataset: RecordSelection['dataset']) => Promise<Ends | undefined>
  readonly horizon: (dataset: RecordSelection['dataset']) => number | null
}

/** A block of so many values is a good size: a request costs as much as thousands of rows. */
const BLOCK_ROWS = 64_000
/** InfluxDB makes the next ones while one is taken. */
const AHEAD = 2

/** Every value of a number field in time order, a slice of time after the other. */
export const createValues = ({ queries, prefix, span, horizon }: Deps) =>
  async function* (selection: RecordSelection, field: string): AsyncGenerator<ValueBlock> {
    const { dataset, range } = selection
    const conditions = conditionsOf(selection)
    const all = conditions === undefined ? undefined : await span(dataset)
    if (all === undefined || conditions === undefined) return
    const from = Math.max(range.from, all.first, horizon(dataset) ?? -Infinity)
    const to = Math.min(range.to, all.last + 1)
    if (from >= to) return
    const rows = { prefix, dataset, conditions: [...conditions, fieldIs(field)] }
    const stretch = { from: momentAt(from), to: momentAt(to) }
    const slices = await slicesOf(queries, rows, stretch, BLOCK_ROWS)
    const coming: Promise<ValueBlock>[] = []
    let next = 0
    const askNext = () => {
      const slice = slices[next++]
      if (slice === undefined) return
      const block = queries.ask(rowsScript(rows, slice), collectValues)
      // who stops before its turn comes hears nothing of it
      block.catch(() => undefined)
      coming.push(block)
    }
    for (let ahead = 0; ahead <= AHEAD; ahead++) askNext()
    for (let block = coming.shift(); block !== undefined; block = coming.shift()) {
      const ready = await block
      askNext()
      if (ready.at.length > 0) yield ready
    }
  }

/** Numbers in the order of time, then of `seq`; a table of texts has none. */
const collectValues = (): CellCollector<ValueBlock> => {
  const at: number[] = []
  const seqs: number[] = []
  const values: number[] = []
  const blockFor = blockReader()
  return {
    cells: (_, table) => {
      const { time, value, isNumber } = blockFor(table)
      if (time === undefined || value === undefined || !isNumber) return undefined
      return { time: time.index, value: value.index, at, values, nanoseconds: seqs }
    },
    answer: () => {
      const order = inOrder(at, seqs)
      const pick = (numbers: readonly number[]) =>
        Float64Array.from(order, (place) => numbers[place] ?? 0)
      return { at: pick(at), value: pick(values) }
    },
  }
}

/** Places in the order of time. The rows of a series are in order, and those of several stand behind one another. */
const inOrder = (at: readonly number[], seqs: readonly number[]): Uint32Array => {
  const isBefore = (a: number, b: number): boolean => {
    const [first, second] = [at[a] ?? 0, at[b] ?? 0]
    return first < second || (first === second && (seqs[a] ?? 0) < (seqs[b] ?? 0))
  }
  let places = Uint32Array.from(at, (_, place) => place)
  let runs = [0]
  for (let place = 1; place < at.length; place++) if (isBefore(place, place - 1)) runs.push(place)
  // two runs become one until there is one
  while (runs.length > 1) {
    const merged = new Uint32Array(places.length)
    const next: number[] = []
    for (let run = 0; run < runs.length; run += 2) {
      const from = runs[run] ?? 0
      const middle = runs[run + 1] ?? places.length
      const to = runs[run + 2] ?? places.length
      next.push(from)
      let [left, right] = [from, middle]
      for (let place = from; place < to; place++) {
        const [a, b] = [places[left] ?? 0, places[right] ?? 0]
        const takesLeft = right >= to || (left < middle && !isBefore(b, a))
        merged[place] = takesLeft ? a : b
        if (takesLeft) left += 1
        else right += 1
      }
    }
    places = merged
    runs = next
  }
  return places
}
