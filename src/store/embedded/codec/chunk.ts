import { deflateRawSync, inflateRawSync } from 'node:zlib'
import type { Column } from '../../range-query.ts'
import { mapParts, type Rows } from '../../rows.ts'
import {
  BrokenChunk,
  createReader,
  createWriter,
  type ByteReader,
  type ByteWriter,
} from './bytes.ts'
import { readNumbers, writeNumbers } from './numbers.ts'

/** `main`: times, values and counts; `spread`: minima and maxima, null where there are none. */
export type Blobs = { readonly main: Uint8Array; readonly spread: Uint8Array | null }

/** An opened chunk; each column is decoded when it is asked for. */
export type OpenChunk = {
  readonly at: Float64Array
  /** How many positions the chunk knows. */
  readonly fields: number
  /** The column at a position, with `min` and `max` only where the spread was given; undefined: no values. */
  column(position: number): Column | undefined
}

const VERSION = 1
const LEVEL = 6
/** What a reader accepts at most: far above what the store writes, far below what would hurt. */
const MOST_ROWS = 65_536
const MOST_BYTES = 64 * 1024 * 1024

/*
 * main   = version, deflated: rows, fields, times, per field (size of values, size of counts), sections
 * spread = version, deflated: fields, per field (size of minima, size of maxima), sections
 * A section of values begins with its presence: 0, or 1 and a bitmap; counts, minima and maxima have that of the values.
 */

/** Encodes rows; throws a plain Error where they break the rules of `Rows`. */
export const encodeChunk = (rows: Rows): Blobs => ({
  main: encodeMain(rows),
  spread: encodeSpread(rows),
})

/** The main part alone: each part takes milliseconds, so a caller may rest between the two. */
export const encodeMain = ({ at, columns }: Rows): Uint8Array => {
  if (at.length === 0 || at.length > MOST_ROWS)
    throw new Error(`A chunk cannot have ${at.length} rows.`)
  const sections = columns.flatMap((column) => {
    const dense = column && densified(column)
    if (column === undefined || dense === undefined) return [NOTHING, NOTHING]
    const { n } = dense
    const values = section((out) => {
      writePresence(out, column.value, dense.value.length)
      writeNumbers(out, dense.value, n)
    })
    return [values, n === undefined ? NOTHING : section((out) => writeNumbers(out, n))]
  })
  const out = createWriter()
  out.varint(at.length)
  out.varint(columns.length)
  writeTimes(out, at)
  writeSections(out, sections)
  return packed(out.finish())
}

/** The minima and maxima alone; null where there are none. */
export const encodeSpread = ({ columns }: Rows): Uint8Array | null => {
  const sections = columns.flatMap((column) => {
    const dense = column && densified(column)
    return [dense?.min, dense?.max].map((part) =>
      part === undefined ? NOTHING : section((out) => writeNumbers(out, part)),
    )
  })
  if (sections.every((one) => one.length === 0)) return null
  const out = createWriter()
  out.varint(columns.length)
  writeSections(out, sections)
  return packed(out.finish())
}

/** Opens what `encodeChunk` wrote; throws `BrokenChunk` for anything else, here or when a column is decoded. */
export const openChunk = (main: Uint8Array, spread?: Uint8Array | null): OpenChunk => {
  const from = unpacked(main)
  const count = from.varint()
  if (count === 0 || count > MOST_ROWS) throw new BrokenChunk(`${count} rows`)
  const fields = from.varint()
  if (fields * 2 > from.left()) throw new BrokenChunk('it ends too early')
  const at = readTimes(from, count)
  const values = readSections(from, fields)
  const extremes = spread === undefined || spread === null ? undefined : openSpread(spread, fields)
  return {
    at,
    fields,
    column: (position) => {
      const coded = values[position * 2]
      if (coded === undefined || coded.length === 0) return undefined
      const reader = createReader(coded)
      const presence = readPresence(reader, count)
      const spreadOut = (bytes: Uint8Array) =>
        scattered(readNumbers(createReader(bytes), presence.count), presence, count)
      const counted = values[position * 2 + 1]
      const n =
        counted === undefined || counted.length === 0
          ? undefined
          : readNumbers(createReader(counted), presence.count)
      const min = extremes?.[position * 2]
      const max = extremes?.[position * 2 + 1]
      return {
        value: scattered(readNumbers(reader, presence.count, n), presence, count),
        ...(n === undefined ? {} : { n: scattered(n, presence, count) }),
        ...(min === undefined || min.length === 0 ? {} : { min: spreadOut(min) }),
        ...(max === undefined || max.length === 0 ? {} : { max: spreadOut(max) }),
      }
    },
  }
}

type Section = Uint8Array
const NOTHING: Section = new Uint8Array(0)

const section = (write: (out: ByteWriter) => void): Section => {
  const out = createWriter()
  write(out)
  return out.finish()
}

const writeSections = (out: ByteWriter, sections: readonly Section[]) => {
  for (const one of sections) out.varint(one.length)
  for (const one of sections) out.put(one)
}

const readSections = (from: ByteReader, fields: number): Uint8Array[] => {
  const sizes = Array.from({ length: fields * 2 }, () => from.varint())
  return sizes.map((size) => from.take(size))
}

const openSpread = (spread: Uint8Array, fields: number): Uint8Array[] => {
  const from = unpacked(spread)
  if (from.varint() !== fields) throw new BrokenChunk('its two parts do not belong together')
  return readSections(from, fields)
}

const packed = (payload: Uint8Array): Uint8Array => {
  const deflated = deflateRawSync(payload, { level: LEVEL })
  const blob = new Uint8Array(deflated.length + 1)
  blob[0] = VERSION
  blob.set(deflated, 1)
  return blob
}

const unpacked = (blob: Uint8Array): ByteReader => {
  if (blob[0] !== VERSION) throw new BrokenChunk(`version ${blob[0] ?? 'missing'} is unknown`)
  try {
    return createReader(inflateRawSync(blob.subarray(1), { maxOutputLength: MOST_BYTES }))
  } catch {
    throw new BrokenChunk('it cannot be inflated')
  }
}

const writeTimes = (out: ByteWriter, at: Float64Array) => {
  const deltas = new Float64Array(at.length - 1)
  for (let i = 1; i < at.length; i++) {
    const delta = (at[i] ?? 0) - (at[i - 1] ?? 0)
    if (!Number.isSafeInteger(at[i]) || !(delta > 0))
      throw new Error('Times must be whole milliseconds in ascending order.')
    deltas[i - 1] = delta
  }
  if (!Number.isSafeInteger(at[0])) throw new Error('Times must be whole milliseconds.')
  out.double(at[0] ?? 0)
  writeNumbers(out, deltas)
}

const readTimes = (from: ByteReader, count: number): Float64Array => {
  const at = new Float64Array(count)
  let time = from.double()
  const deltas = readNumbers(from, count - 1)
  at[0] = time
  for (let i = 1; i < count; i++) {
    const delta = deltas[i - 1] ?? 0
    if (!(delta > 0)) throw new BrokenChunk('its times do not ascend')
    time += delta
    at[i] = time
  }
  if (!Number.isSafeInteger(at[0]) || !Number.isSafeInteger(time))
    throw new BrokenChunk('its times are impossible')
  return at
}

type Presence = { readonly count: number; readonly bitmap: Uint8Array | undefined }

const countPresent = (values: Float64Array): number => {
  let present = 0
  for (const value of values) if (!Number.isNaN(value)) present += 1
  return present
}

const writePresence = (out: ByteWriter, values: Float64Array, present: number) => {
  if (present === values.length) {
    out.byte(0)
    return
  }
  out.byte(1)
  const bitmap = out.hole(Math.ceil(values.length / 8))
  for (let i = 0; i < values.length; i++)
    if (!Number.isNaN(values[i])) bitmap[i >> 3] = (bitmap[i >> 3] ?? 0) | (1 << (i & 7))
}

const readPresence = (from: ByteReader, rows: number): Presence => {
  if (from.byte() === 0) return { count: rows, bitmap: undefined }
  const bitmap = from.take(Math.ceil(rows / 8))
  let count = 0
  for (let i = 0; i < rows; i++) count += ((bitmap[i >> 3] ?? 0) >> (i & 7)) & 1
  return { count, bitmap }
}

/** The column's parts in the rows where it has a value; undefined: in none. */
const densified = (column: Column): Column | undefined => {
  const present = countPresent(column.value)
  return present === 0
    ? undefined
    : mapParts(column, (part) => densely(part, column.value, present))
}

const densely = (part: Float64Array, values: Float64Array, present: number): Float64Array => {
  if (present === values.length && part === values) return part
  const dense = new Float64Array(present)
  let next = 0
  for (let i = 0; i < values.length; i++) {
    if (Number.isNaN(values[i])) continue
    const number = part[i] ?? Number.NaN
    if (!Number.isFinite(number)) throw new Error('A companion is missing.')
    dense[next++] = number
  }
  return dense
}

const scattered = (dense: Float64Array, { bitmap }: Presence, rows: number): Float64Array => {
  if (bitmap === undefined) return dense
  const values = new Float64Array(rows).fill(Number.NaN)
  let next = 0
  for (let i = 0; i < rows; i++)
    if (((bitmap[i >> 3] ?? 0) >> (i & 7)) & 1) values[i] = dense[next++] ?? Number.NaN
  return values
}
