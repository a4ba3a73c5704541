import { expect, it } from 'vitest'
import { openChunk } from './chunk.ts'
import { bits, bitsOf } from './testing/bits-of.ts'
import { FROZEN, FROZEN_ROWS } from './testing/frozen-chunk.ts'

it('a chunk of the first version is read to the bit', () => {
  const chunk = openChunk(FROZEN.main, FROZEN.spread)
  expect(bits(chunk.at)).toEqual(bits(FROZEN_ROWS.at))
  expect(
    Array.from({ length: chunk.fields }, (_, position) => bitsOf(chunk.column(position))),
  ).toEqual(FROZEN_ROWS.columns.map(bitsOf))
})

it('without its spread it has no minima and maxima', () => {
  const [first] = FROZEN_ROWS.columns
  expect(openChunk(FROZEN.main).column(0)).toEqual({ value: first?.value, n: first?.n })
})
