import type { Rows } from '../../rows.ts'
import { packed } from './blob.ts'
import { createWriter, type ByteWriter } from './bytes.ts'
import { LATEST, MOST_ROWS, type Blobs } from './chunk.ts'
import { HOLES, HOLES_AGAIN, NONE } from './form.ts'
import { numbersOf, writeNumbers, type Numbers } from './numbers.ts'
import { densified, isSamePresence, presenceOf, type Presence } from './presence.ts'

/** Encodes rows; throws a plain Error where they break the rules of `Rows`. */
export const encodeChunk = (rows: Rows): Blobs => ({
  main: finished(mainSteps(rows)),
  spread: finished(spreadSteps(rows)),
})

/** Work that is done in steps of some tenths of a millisecond, so that a caller may rest in between. */
export type Steps<T> = Generator<undefined, T>

const finished = <T>(steps: Steps<T>): T => {
  let step = steps.next()
  while (step.done !== true) step = steps.next()
  return step.value
}

/** Encodes the main part alone. */
export function* mainSteps({ at, columns }: Rows): Steps<Uint8Array> {
  if (at.length === 0 || at.length > MOST_ROWS)
    throw new Error(`A chunk cannot have ${at.length} rows.`)
  const distances = numbersOf(distancesOf(at))
  const fields: (MainField | undefined)[] = []
  let counts: Float64Array | undefined
  for (const column of columns) {
    const presence = column && presenceOf(column.value)
    if (column === undefined || presence === undefined || presence.count === 0) {
      fields.push(undefined)
      continue
    }
    const { value, n } = densified(column, presence)
    const values = numbersOf(value, undefined, n)
    fields.push({ presence, values, counts: n && numbersOf(n, counts) })
    counts = n ?? counts
    yield
  }
  return yield* packed((packing) => {
    const out = createWriter()
    out.varint(at.length)
    out.varint(columns.length)
    out.signed(at[0] ?? 0)
    writeNumbers(out, distances, packing)
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

type MainField = {
  readonly presence: Presence
  readonly values: Numbers
  readonly counts: Numbers | undefined
}

/** Encodes the minima and maxima alone; null where there are none. */
export function* spreadSteps({ columns }: Rows): Steps<Uint8Array | null> {
  const fields: (readonly [min: Numbers | undefined, max: Numbers | undefined])[] = []
  for (const column of columns) {
    const presence = column && presenceOf(column.value)
    if (column === undefined || presence === undefined || presence.count === 0) {
      fields.push([undefined, undefined])
      continue
    }
    const { value, min, max } = densified(column, presence)
    fields.push([min && numbersOf(min, value), max && numbersOf(max, value)])
    yield
  }
  if (fields.every(([min, max]) => min === undefined && max === undefined)) return null
  return yield* packed((packing) => {
    const out = createWriter()
    out.varint(columns.length)
    for (const field of fields) for (const extremes of field) writeNumbers(out, extremes, packing)
    return out.finish()
  })
}

const distancesOf = (at: Float64Array): Float64Array => {
  const distances = new Float64Array(at.length - 1)
  for (const [i, time] of at.entries()) {
    const distance = time - (at[i - 1] ?? -Infinity)
    if (!Number.isSafeInteger(time) || Math.abs(time) > LATEST || !(distance > 0))
      throw new Error('Times must be whole milliseconds in ascending order.')
    if (i > 0) distances[i - 1] = distance
  }
  return distances
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
