import { MOST_BITS, unpackBits, type BitShape } from './bits.ts'
import { BrokenChunk, type ByteReader } from './bytes.ts'
import {
  ANY_CONSTANT,
  CONSTANT,
  FLOATS,
  HOLES,
  HOLES_AGAIN,
  NONE,
  readForm,
  SAME,
  type Form,
  type Packing,
} from './form.ts'
import { restore } from './models.ts'
import { joinFloats, joinPlanes, passPlanes } from './planes.ts'
import { roundToSevenDigits } from './seven-digits.ts'
import { SCALES } from './whole.ts'

/** Numbers as they lie in a payload, to be decoded when they are asked for. */
export type Coded =
  | { readonly kind: 'none' | 'same' | 'holes' | 'holes again' }
  | { readonly kind: 'constant'; readonly value: number }
  | { readonly kind: 'floats'; readonly start: number }
  | {
      readonly kind: 'bits'
      readonly form: Form
      readonly shape: BitShape
      readonly start: number
      readonly end: number
    }
  | {
      readonly kind: 'planes'
      readonly form: Form
      readonly width: number
      readonly start: number
    }

const ABSENT: Coded = { kind: 'none' }
const AS_OTHERS: Coded = { kind: 'same' }

/** Passes over `count` numbers, without decoding them. */
export const readCoded = (from: ByteReader, count: number, packing: Packing): Coded => {
  const code = from.byte()
  switch (code) {
    case NONE:
      return ABSENT
    case SAME:
      return AS_OTHERS
    case HOLES:
      return { kind: 'holes' }
    case HOLES_AGAIN:
      return { kind: 'holes again' }
    case ANY_CONSTANT: {
      const value = from.double()
      if (!Number.isFinite(value)) throw new BrokenChunk('a value is not finite')
      return { kind: 'constant', value }
    }
    case FLOATS:
      return { kind: 'floats', start: from.pass(8 * count) }
  }
  const scale = SCALES[code - CONSTANT]
  if (scale !== undefined) return { kind: 'constant', value: from.signed() / scale }
  const form = readForm(from, code)
  const size = from.byte()
  if (packing === 'planes')
    return { kind: 'planes', form, width: size, start: passPlanes(from, count, size) }
  const shape = { k: size >> 1, exponential: (size & 1) === 1 }
  if (shape.k > MOST_BITS) throw new BrokenChunk('a column has an impossible shape')
  const length = from.varint()
  const start = from.pass(length)
  return { kind: 'bits', form, shape, start, end: start + length }
}

/**
 * Decodes numbers of a payload; `like` and `counts` as they were written with. Throws `BrokenChunk` for what cannot
 * have been written.
 */
export const decode = (
  { bytes, view }: ByteReader,
  coded: Coded,
  count: number,
  like?: Float64Array,
  counts?: Float64Array,
): Float64Array => {
  switch (coded.kind) {
    case 'constant':
      return new Float64Array(count).fill(coded.value)
    case 'floats':
      return joinFloats(bytes, coded.start, count)
    case 'bits': {
      const { start, end, shape, form } = coded
      return fromWholes(unpackBits(view, start, end, count, shape), form, counts)
    }
    case 'planes':
      return fromWholes(joinPlanes(bytes, coded.start, count, coded.width), coded.form, counts)
    case 'same':
      if (like === undefined || like.length !== count) break
      return like
    case 'none':
    case 'holes':
    case 'holes again':
  }
  throw new BrokenChunk('a column is missing')
}

/** The numbers, in the place of the codes. */
const fromWholes = (codes: Float64Array, form: Form, counts?: Float64Array): Float64Array => {
  const values = codes
  restore(values, form)
  const scale = SCALES[form.decimals] ?? 1
  if (form.sums) {
    if (counts === undefined) throw new BrokenChunk('means without counts')
    for (let i = 0; i < values.length; i++) values[i] = (values[i] ?? 0) / scale / (counts[i] ?? 1)
    roundToSevenDigits(values)
  } else if (scale !== 1)
    for (let i = 0; i < values.length; i++) values[i] = (values[i] ?? 0) / scale
  return values
}
