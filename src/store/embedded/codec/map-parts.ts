import type { Column } from '../../range-query.ts'

/** A column with each of its parts mapped. */
export const mapParts = (column: Column, map: (part: Float64Array) => Float64Array): Column => ({
  value: map(column.value),
  ...(column.min === undefined ? {} : { min: map(column.min) }),
  ...(column.max === undefined ? {} : { max: map(column.max) }),
  ...(column.n === undefined ? {} : { n: map(column.n) }),
})
