import type { Beside, Column } from './range-query.ts'

/**
 * Rows of one series. `at`: whole milliseconds, ascending, no duplicates. `columns`: by the field's position;
 * undefined: the field has no value here. NaN: no value in this row; a mean has all of `min`, `max`, `n` or none.
 */
export type Rows = {
  readonly at: Float64Array
  readonly columns: readonly (Column | undefined)[]
}

/** Which companions of a mean are of interest; its count always is. */
export type Parts = { readonly spread: boolean }

export const holes = (length: number): Float64Array => new Float64Array(length).fill(Number.NaN)

export const mapParts = (column: Column, map: (part: Float64Array) => Float64Array): Column => ({
  value: map(column.value),
  ...(column.min === undefined ? {} : { min: map(column.min) }),
  ...(column.max === undefined ? {} : { max: map(column.max) }),
  ...(column.n === undefined ? {} : { n: map(column.n) }),
})

/** A value without companions is a window of one. */
export const companion = (value: Float64Array, part: Beside | 'value'): Float64Array =>
  part === 'n' ? value.map((one) => (Number.isNaN(one) ? one : 1)) : value
