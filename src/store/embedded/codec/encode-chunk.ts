import type { Rows } from '../../rows.ts'
import { packed } from './blob.ts'
import { createWriter, type ByteWriter } from './bytes.ts'
import { LATEST, MOST_ROWS, type Blobs } from './chunk.ts'
import { HOLES, HOLES_AGAIN, NONE } from './form.ts'
import { numbersOf, writeNumbers } from './numbers.ts'
import { densified, isSamePresence, presenceOf, type Presence } from './presence.ts'

/** Encodes rows; throws a plain Error where they break the rules of `Rows`. */
export const encodeChunk = (rows: Rows): Blobs => ({
  main: encodeMain(rows),
  spread: encodeSpread(rows),
})

/** The main part alone: each part takes milliseconds, so a caller may rest between the two. */
export const encodeMain = ({ at, columns }: Rows): Uint8Array => {
  if (at.length === 0 || at.length > MOST_ROWS)
    throw new Error(`A chunk cannot have ${at.length} rows.`)
  const steps = numbersOf(stepsOf(at))
  let counts: Float64Array | undefined
  const fields = columns.map((column) => {
    const presence = column && presenceOf(column.value)
    if (column === undefined || presence === undefined || presence.count === 0) return undefined
    const { value, n } = densified(column, presence)
    const coded = {
      presence,
      values: numbersOf(value, undefined, n),
      counts: n && numbersOf(n, counts),
    }
    counts = n ?? counts
    return coded
  })
  return packed((packing) => {
    const out = createWriter()
    out.varint(at.length)
    out.varint(columns.length)
    out.signed(at[0] ?? 0)
    writeNumbers(out, steps, packing)
    let holes: Presence | undefined
    for (const field of fields) {
      if (field === undefined) {
        out.byte(NONE)
        continue
      }
      holes = writePresence(out, field.presence, holes)
      writeNumbers(out, field.values, packing)
      writeNumbers(out, field.counts, packing)
    }
    return out.finish()
  })
}

/** The minima and maxima alone; null where there are none. */
export const encodeSpread = ({ columns }: Rows): Uint8Array | null => {
  const fields = columns.map((column) => {
    if (column?.min === undefined && column?.max === undefined) return undefined
    const presence = presenceOf(column.value)
    if (presence.count === 0) return undefined
    const { value, min, max } = densified(column, presence)
    return { min: min && numbersOf(min, value), max: max && numbersOf(max, value) }
  })
  if (fields.every((field) => field === undefined)) return null
  return packed((packing) => {
    const out = createWriter()
    out.varint(columns.length)
    for (const field of fields) {
      writeNumbers(out, field?.min, packing)
      writeNumbers(out, field?.max, packing)
    }
    return out.finish()
  })
}

const stepsOf = (at: Float64Array): Float64Array => {
  const steps = new Float64Array(at.length - 1)
  for (const [i, time] of at.entries()) {
    const step = time - (at[i - 1] ?? -Infinity)
    if (!Number.isSafeInteger(time) || Math.abs(time) > LATEST || !(step > 0))
      throw new Error('Times must be whole milliseconds in ascending order.')
    if (i > 0) steps[i - 1] = step
  }
  return steps
}

/** Nothing where all rows have a value; returns the holes that `holes again` means from now on. */
const writePresence = (
  out: ByteWriter,
  presence: Presence,
  before: Presence | undefined,
): Presence | undefined => {
  if (presence.bitmap === undefined) return before
  if (isSamePresence(before, presence)) {
    out.byte(HOLES_AGAIN)
    return before
  }
  out.byte(HOLES)
  out.put(presence.bitmap)
  return presence
}
