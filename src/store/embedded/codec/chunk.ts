import type { Column } from '../../range-query.ts'
import { unpacked } from './blob.ts'
import { BrokenChunk, type ByteReader } from './bytes.ts'
import { decode, readCoded, type Coded } from './coded.ts'
import { FIRST_VERSION, openFirstVersion } from './first-version.ts'
import type { Packing } from './form.ts'
import { scattered, takePresence, type Presence } from './presence.ts'

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

/** The rows of a chunk, and its last time in milliseconds: far above what the store writes. */
export const MOST_ROWS = 65_536
export const LATEST = 2 ** 51

/*
 * A blob is a version, a packing and a payload. The payload of
 * main   = rows, fields, the first time, the steps between times, and per field: nothing; or where it has values, the
 *          values, the counts or nothing
 * spread = fields, and per field: nothing; or the minima, the maxima
 * `same` means for counts those of the field before that has any, for minima and maxima the values.
 */

/** Opens what `encodeChunk` wrote; throws `BrokenChunk` for anything else, here or when a column is decoded. */
export const openChunk = (main: Uint8Array, spread?: Uint8Array | null): OpenChunk => {
  if (main[0] === FIRST_VERSION) return openFirstVersion(main, spread)
  const { packing, from } = unpacked(main)
  const rows = from.varint()
  if (rows === 0 || rows > MOST_ROWS) throw new BrokenChunk(`${rows} rows`)
  const count = from.varint()
  if (count > from.left()) throw new BrokenChunk('it ends too early')
  const at = readTimes(from, rows, packing)
  const fields = readFields(from, count, rows, packing)
  const extremes = spread === undefined || spread === null ? undefined : readSpread(spread, fields)
  return {
    at,
    fields: count,
    column: (position) => {
      const field = fields[position]
      if (field === undefined) return undefined
      const { presence, values, counts } = field
      const n = counts?.()
      const value = decode(from, values, presence.count, undefined, n)
      const { min, max } = extremes?.(position, presence.count, value) ?? {}
      const spreadOut = (dense: Float64Array) => scattered(dense, presence, rows)
      return {
        value: spreadOut(value),
        ...(n === undefined ? {} : { n: spreadOut(n) }),
        ...(min === undefined ? {} : { min: spreadOut(min) }),
        ...(max === undefined ? {} : { max: spreadOut(max) }),
      }
    },
  }
}

type Field = {
  readonly presence: Presence
  readonly values: Coded
  /** Decoded once for all fields that share them; undefined: no means. */
  readonly counts: (() => Float64Array) | undefined
}

const readFields = (
  from: ByteReader,
  count: number,
  rows: number,
  packing: Packing,
): readonly (Field | undefined)[] => {
  const fields: (Field | undefined)[] = []
  const all: Presence = { count: rows, bitmap: undefined }
  let holes: Presence | undefined
  let before: Field['counts']
  for (let i = 0; i < count; i++) {
    let presence: Presence | undefined = all
    let values = readCoded(from, rows, packing)
    if (values.kind === 'none') {
      fields.push(undefined)
      continue
    }
    if (values.kind === 'holes' || values.kind === 'holes again') {
      if (values.kind === 'holes') holes = takePresence(from, rows)
      presence = holes
      if (presence === undefined) throw new BrokenChunk('a column is missing')
      values = readCoded(from, presence.count, packing)
    }
    const counts = countsOf(from, readCoded(from, presence.count, packing), presence.count, before)
    before = counts ?? before
    fields.push({ presence, values, counts })
  }
  return fields
}

const countsOf = (
  from: ByteReader,
  coded: Coded,
  count: number,
  before: Field['counts'],
): Field['counts'] => {
  if (coded.kind === 'none') return undefined
  let decoded: Float64Array | undefined
  return () => (decoded ??= decode(from, coded, count, before?.()))
}

/** What decodes minima and maxima: of a position, with its values. */
const readSpread = (spread: Uint8Array, fields: readonly (Field | undefined)[]) => {
  const { packing, from } = unpacked(spread)
  if (from.varint() !== fields.length) throw new BrokenChunk('its two parts do not belong together')
  const extremes = fields.map((field) => {
    const count = field?.presence.count ?? 0
    return { min: readCoded(from, count, packing), max: readCoded(from, count, packing) }
  })
  return (position: number, count: number, values: Float64Array) => {
    const part = (coded: Coded | undefined) =>
      coded === undefined || coded.kind === 'none' ? undefined : decode(from, coded, count, values)
    return { min: part(extremes[position]?.min), max: part(extremes[position]?.max) }
  }
}

const readTimes = (from: ByteReader, rows: number, packing: Packing): Float64Array => {
  const at = new Float64Array(rows)
  let time = from.signed()
  const steps = decode(from, readCoded(from, rows - 1, packing), rows - 1)
  at[0] = time
  for (let i = 1; i < rows; i++) {
    const step = steps[i - 1] ?? 0
    if (!(step > 0)) throw new BrokenChunk('its times do not ascend')
    time += step
    at[i] = time
  }
  if (!Number.isSafeInteger(at[0]) || !Number.isSafeInteger(time))
    throw new BrokenChunk('its times are impossible')
  return at
}
