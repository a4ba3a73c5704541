import { createByteTimeReader, nanosecondsIn } from './rfc3339.ts'
import { createSteady } from './steady-rows.ts'

/** What a table's header says of its columns; `index` is the place in a row. */
export type CsvTable = {
  readonly columns: readonly {
    readonly label: string
    readonly index: number
    readonly defaultValue: string
    /** `double`, `string`, `dateTime:RFC3339`; '' where it was not told. */
    readonly type: string
  }[]
}

/** The row of the moment, out of the bytes as they came: what is not asked for is not made. */
export type CsvRow = {
  isEmpty(column: number): boolean
  /** '' where there is nothing. */
  text(column: number): string
  /** NaN where there is nothing, or no number. */
  number(column: number): number
  /** Milliseconds. */
  time(column: number): number
  /** The nanoseconds behind the millisecond of a time, 0..999,999. */
  nanoseconds(column: number): number
  texts(): readonly string[]
}

export type CsvReader = {
  push(chunk: Uint8Array): void
  /** A last line without its end is a row too. */
  end(): void
}

const COMMA = 44
const QUOTE = 34
const LF = 10
const CR = 13
const HASH = 35
/** A row begins with a column that has no name. */
const FIRST = 1
const DEFAULT = '#default'
const GROUP = '#group'
const DATATYPE = '#datatype'

/**
 * Reads annotated CSV as InfluxDB answers it, in pieces of any length. `onRow` is given the same row object each time,
 * and one table object for all rows of a block.
 */
export const createCsvReader = (onRow: (row: CsvRow, table: CsvTable) => void): CsvReader => {
  let bytes: Buffer = Buffer.alloc(0)
  const starts: number[] = []
  const ends: number[] = []
  let cells = 0
  let defaults: readonly string[] = []
  let varying: readonly boolean[] = []
  const steady = createSteady(starts, ends)
  let types: readonly string[] = []
  let table: CsvTable | undefined
  const readTime = createByteTimeReader()

  const textAt = (cell: number): string => {
    const start = starts[cell] ?? 0
    const end = ends[cell] ?? 0
    if (cell >= cells || start === end) return ''
    if (bytes[start] !== QUOTE) return bytes.toString('utf8', start, end)
    return bytes.toString('utf8', start + 1, end - 1).replaceAll('""', '"')
  }
  const textsFrom = (cell: number): readonly string[] =>
    Array.from({ length: Math.max(0, cells - cell) }, (_, i) => textAt(cell + i))

  const row: CsvRow = {
    isEmpty: (column) => column + FIRST >= cells || starts[column + FIRST] === ends[column + FIRST],
    text: (column) => textAt(column + FIRST),
    number: (column) =>
      column + FIRST < cells
        ? numberIn(bytes, starts[column + FIRST] ?? 0, ends[column + FIRST] ?? 0)
        : Number.NaN,
    time: (column) => readTime(bytes, starts[column + FIRST] ?? 0, ends[column + FIRST] ?? 0),
    nanoseconds: (column) =>
      nanosecondsIn(bytes, starts[column + FIRST] ?? 0, ends[column + FIRST] ?? 0),
    texts: () => textsFrom(FIRST),
  }

  /** Finds the cells of the line that begins at `from`; the place behind it, or -1 when it is not complete. */
  const readLine = (from: number): number => {
    let start = from
    let quoted = false
    cells = 0
    for (let at = from; at < bytes.length; at++) {
      const byte = bytes[at] ?? 0
      // nearly all bytes are of digits and letters
      if (byte > COMMA) continue
      if (byte === QUOTE) quoted = !quoted
      else if (quoted) continue
      else if (byte === COMMA) {
        starts[cells] = start
        ends[cells++] = at
        start = at + 1
      } else if (byte === LF) {
        starts[cells] = start
        ends[cells++] = at > start && bytes[at - 1] === CR ? at - 1 : at
        return at + 1
      }
    }
    return -1
  }

  const takeLine = (from: number) => {
    if (cells < 2) table = undefined
    else if (bytes[from] === HASH) {
      table = undefined
      const annotation = textAt(0)
      if (annotation === DEFAULT) defaults = textsFrom(FIRST)
      else if (annotation === DATATYPE) types = textsFrom(FIRST)
      else if (annotation === GROUP) varying = textsFrom(0).map((text) => text === 'false')
    } else if (table === undefined)
      table = {
        columns: textsFrom(FIRST).map((label, index) => ({
          label,
          index,
          defaultValue: defaults[index] ?? '',
          type: types[index] ?? '',
        })),
      }
    else onRow(row, table)
  }

  const push = (chunk: Uint8Array) => {
    const piece = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    bytes = bytes.length === 0 ? piece : Buffer.concat([bytes, piece])
    let from = 0
    for (;;) {
      const known = steady.readLine(bytes, from)
      // a search that a piece has cut short has counted too few
      if (known >= 0) cells = steady.cells()
      const next = known < 0 ? readLine(from) : known
      if (next < 0) break
      // a search that a chunk has cut short has counted too few
      takeLine(from)
      if (table === undefined) steady.forget()
      else if (known < 0) steady.learn(bytes, { from, next, cells, varying })
      from = next
    }
    bytes = bytes.subarray(from)
  }

  return {
    push,
    end: () => {
      if (bytes.length > 0) push(Buffer.from('\n'))
    },
  }
}

const ZERO = 48
const MINUS = 45
const DOT = 46
/** So many digits are an exact integer, and the powers of ten up to there are exact: one division rounds right. */
const EXACT_DIGITS = 15
const POWERS = Array.from({ length: EXACT_DIGITS + 1 }, (_, power) => 10 ** power)

/** A decimal number, as `Number` reads it; most are short, and need no text. */
const numberIn = (bytes: Buffer, start: number, end: number): number => {
  if (start >= end) return Number.NaN
  const negative = bytes[start] === MINUS
  let whole = 0
  let decimals = -1
  const from = negative ? start + 1 : start
  if (end - from > EXACT_DIGITS + 1) return Number(bytes.toString('latin1', start, end))
  for (let at = from; at < end; at++) {
    const byte = bytes[at] ?? 0
    const digit = byte - ZERO
    if (digit >= 0 && digit <= 9) {
      whole = whole * 10 + digit
      if (decimals >= 0) decimals += 1
    } else if (byte === DOT && decimals < 0) decimals = 0
    else return Number(bytes.toString('latin1', start, end))
  }
  if (decimals > EXACT_DIGITS || whole > 10 ** EXACT_DIGITS)
    return Number(bytes.toString('latin1', start, end))
  const value = decimals > 0 ? whole / (POWERS[decimals] ?? 1) : whole
  return negative ? -value : value
}
