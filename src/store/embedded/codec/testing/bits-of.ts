import type { Column } from '../../../range-query.ts'

/** Bits, so that -0 and 0 differ and NaN equals itself. */
export const bits = (numbers: Float64Array | undefined) =>
  numbers === undefined ? undefined : Array.from(new BigUint64Array(numbers.slice().buffer))
export const bitsOf = (column: Column | undefined) =>
  column && [bits(column.value), bits(column.min), bits(column.max), bits(column.n)]
