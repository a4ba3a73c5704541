import type { Column } from '../../range-query.ts'
import { mapParts } from '../../rows.ts'
import type { ByteReader } from './bytes.ts'

/** Which rows have a value, and how many; no bitmap: all. */
export type Presence = { readonly count: number; readonly bitmap: Uint8Array | undefined }

export const presenceOf = (values: Float64Array): Presence => {
  let count = 0
  for (const value of values) if (!Number.isNaN(value)) count += 1
  if (count === values.length) return { count, bitmap: undefined }
  const bitmap = new Uint8Array(Math.ceil(values.length / 8))
  for (let i = 0; i < values.length; i++)
    if (!Number.isNaN(values[i])) bitmap[i >> 3] = (bitmap[i >> 3] ?? 0) | (1 << (i & 7))
  return { count, bitmap }
}

export const takePresence = (from: ByteReader, rows: number): Presence => {
  const bitmap = from.take(Math.ceil(rows / 8))
  let count = 0
  for (let i = 0; i < rows; i++) count += ((bitmap[i >> 3] ?? 0) >> (i & 7)) & 1
  return { count, bitmap }
}

export const isSamePresence = (a: Presence | undefined, b: Presence): boolean =>
  a?.count === b.count && (a.bitmap?.every((byte, i) => byte === b.bitmap?.[i]) ?? true)

/** The column's parts in the rows where it has a value. Throws a plain Error where a companion is missing. */
export const densified = (column: Column, { count, bitmap }: Presence): Column =>
  mapParts(column, (part) => {
    if (bitmap === undefined && part === column.value) return part
    const dense = new Float64Array(count)
    let next = 0
    for (let i = 0; i < part.length; i++) {
      if (Number.isNaN(column.value[i])) continue
      const number = part[i] ?? Number.NaN
      if (!Number.isFinite(number)) throw new Error('A companion is missing.')
      dense[next++] = number
    }
    return dense
  })

/** The numbers in their rows again, NaN in the others. */
export const scattered = (
  dense: Float64Array,
  { bitmap }: Presence,
  rows: number,
): Float64Array => {
  if (bitmap === undefined) return dense
  const values = new Float64Array(rows).fill(Number.NaN)
  let next = 0
  for (let i = 0; i < rows; i++)
    if (((bitmap[i >> 3] ?? 0) >> (i & 7)) & 1) values[i] = dense[next++] ?? Number.NaN
  return values
}
