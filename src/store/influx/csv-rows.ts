import { decimalIn } from './decimal.ts'
import { createByteTimeReader, nanosecondsIn } from './rfc3339.ts'

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

/**
 * The rows of a table that differ in time and number only: all else of it is its key. They are put straight into these
 * lists, but for those without a number.
 */
export type Run = {
  /** The columns; side by side, as InfluxDB has them, they are read fastest. */
  readonly time: number
  readonly value: number
  readonly at: number[]
  readonly values: number[]
  /** Behind the millisecond of each time, where they matter. */
  readonly nanoseconds?: number[]
}

/** What to do with a row; a run takes it, and those behind it that are alike. */
export type OnRow = (row: CsvRow, table: CsvTable) => Run | undefined

export type CsvReader = {
  /** So far, those of runs too. */
  rows(): number
  push(chunk: Uint8Array): void
  /** A last line without its end is a row too. */
  end(): void
}

const COMMA = 44
const QUOTE = 34
const LF = 10
const CR = 13
const HASH = 35
/** Ends a time. */
const ZULU = 90
/** A row begins with a column that has no name. */
const FIRST = 1
const DEFAULT = '#default'
const DATATYPE = '#datatype'

/**
 * Reads annotated CSV as InfluxDB answers it, in pieces of any length. `onRow` is given the same row object each time,
 * and one table object for all rows of a block.
 */
export const createCsvReader = (onRow: OnRow): CsvReader => {
  let bytes: Buffer = Buffer.alloc(0)
  const starts: number[] = []
  const ends: number[] = []
  let cells = 0
  let defaults: readonly string[] = []
  let types: readonly string[] = []
  let table: CsvTable | undefined
  let rows = 0
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
        ? decimalIn(bytes, starts[column + FIRST] ?? 0, ends[column + FIRST] ?? 0)
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

  const takeLine = (from: number): Run | undefined => {
    if (cells < 2) table = undefined
    else if (bytes[from] === HASH) {
      table = undefined
      const annotation = textAt(0)
      if (annotation === DEFAULT) defaults = textsFrom(FIRST)
      else if (annotation === DATATYPE) types = textsFrom(FIRST)
    } else if (table === undefined)
      table = {
        columns: textsFrom(FIRST).map((label, index) => ({
          label,
          index,
          defaultValue: defaults[index] ?? '',
          type: types[index] ?? '',
        })),
      }
    else {
      rows += 1
      return onRow(row, table)
    }
    return undefined
  }

  /** Takes the row of the moment, whose line began at `from`, and the lines from `next` on that are of its table; the place behind them. */
  const takeRun = (run: Run, from: number, next: number): number => {
    const { time, value, at, values, nanoseconds } = run
    if (!row.isEmpty(value)) {
      at.push(row.time(time))
      values.push(row.number(value))
      nanoseconds?.push(row.nanoseconds(time))
    }
    if (value !== time + 1) return next
    const text = bytes
    const head = text.subarray(from, starts[time + FIRST] ?? from)
    const tail = text.subarray(ends[value + FIRST] ?? next, next)
    // what is quoted may hold commas and more lines
    if (head.includes(QUOTE) || tail.includes(QUOTE)) return next
    const timeBytes = (ends[time + FIRST] ?? from) - from - head.length
    let line = next
    while (beginsWith(text, line, head)) {
      const timeStart = line + head.length
      const timeEnd = timeStart + timeBytes
      // as a rule all have as many decimals
      if (text[timeEnd - 1] !== ZULU || text[timeEnd] !== COMMA) break
      const valueStart = timeEnd + 1
      const valueEnd = plainEnd(text, valueStart)
      const behind = valueEnd + tail.length
      // the tail is that of the table, so its length tells it
      if (text[valueEnd] !== tail[0] || text[behind - 1] !== LF) break
      if (valueEnd > valueStart) {
        at.push(readTime(text, timeStart, timeEnd))
        values.push(decimalIn(text, valueStart, valueEnd))
        nanoseconds?.push(nanosecondsIn(text, timeStart, timeEnd))
      }
      rows += 1
      line = behind
    }
    return line
  }

  const push = (chunk: Uint8Array) => {
    const piece = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    bytes = bytes.length === 0 ? piece : Buffer.concat([bytes, piece])
    let from = 0
    for (;;) {
      const next = readLine(from)
      if (next < 0) break
      const run = takeLine(from)
      from = run === undefined ? next : takeRun(run, from, next)
    }
    bytes = bytes.subarray(from)
  }

  return {
    rows: () => rows,
    push,
    end: () => {
      if (bytes.length > 0) push(Buffer.from('\n'))
    },
  }
}

const beginsWith = (bytes: Buffer, from: number, head: Buffer): boolean => {
  for (let i = 0; i < head.length; i++) if (bytes[from + i] !== head[i]) return false
  return true
}

/** Behind the digits and letters from here on; a number with a plus sign is more than that. */
const plainEnd = (bytes: Buffer, from: number): number => {
  let at = from
  while ((bytes[at] ?? 0) > COMMA) at++
  return at
}
