import { bestShape, bitLength, MOST_BITS, packBits, type BitShape } from './bits.ts'
import type { ByteWriter } from './bytes.ts'
import {
  ANY_CONSTANT,
  CONSTANT,
  FLOATS,
  NONE,
  SAME,
  writeForm,
  type Form,
  type Packing,
} from './form.ts'
import { modelled, MODELS } from './models.ts'
import { writeFloats, writePlanes } from './planes.ts'
import { asSums, asWholes, commonDivisor } from './whole.ts'

/**
 * The coding of a run of finite numbers, exact to the bit. Measured numbers are mostly whole or have a few decimals:
 * they become small whole numbers by a model, and those become bits, each column by itself, or planes of bytes, which
 * are then deflated all together. `same`: the numbers of another column.
 */
export type Numbers =
  | { readonly kind: 'same' }
  | { readonly kind: 'constant'; readonly value: number }
  | { readonly kind: 'floats'; readonly values: Float64Array }
  | { readonly kind: 'whole'; readonly bits: InBits; readonly planes: Shaped }

type Shaped = Form & { readonly codes: Float64Array }
type InBits = Shaped & { readonly shape: BitShape }

/** `counts`: how many raw values each mean stands for, where the numbers are means; `like`: a column before it. */
export const numbersOf = (
  values: Float64Array,
  like?: Float64Array,
  counts?: Float64Array,
): Numbers => {
  if (like !== undefined && areSame(values, like)) return { kind: 'same' }
  const [value = 0] = values
  if (values.every((one) => Object.is(one, value))) return { kind: 'constant', value }
  let bits: InBits | undefined
  let planes: Shaped | undefined
  let [fewest, shortest] = [Infinity, Infinity]
  for (const sums of [false, true]) {
    const exact = sums ? counts && asSums(values, counts) : asWholes(values)
    if (exact === undefined) continue
    const { wholes, decimals } = exact
    const divisor = commonDivisor(wholes)
    for (const model of MODELS) {
      const { origin, codes } = modelled(wholes, divisor, model)
      const shaped: Shaped = { sums, decimals, model, origin, divisor, codes }
      const { sum, lengths, total } = measure(codes)
      const best = bestShape(codes.length, sum, lengths)
      if (best.bits < fewest) {
        bits = { ...shaped, shape: best.shape }
        fewest = best.bits
      }
      if (model !== 'drift' && total < shortest) {
        planes = shaped
        shortest = total
      }
    }
  }
  return bits === undefined || planes === undefined
    ? { kind: 'floats', values }
    : { kind: 'whole', bits, planes }
}

const areSame = (a: Float64Array, b: Float64Array): boolean =>
  a.length === b.length && a.every((one, i) => Object.is(one, b[i]))

/** Codes by their bits: their sum, how many have each length, and the sum of the lengths. */
const measure = (codes: Float64Array) => {
  const lengths = new Uint32Array(MOST_BITS + 1)
  let sum = 0
  let total = 0
  for (const code of codes) {
    const length = bitLength(code)
    sum += code
    total += length
    lengths[length] = (lengths[length] ?? 0) + 1
  }
  return { sum, lengths, total }
}

/** Undefined: there are none. */
export const writeNumbers = (out: ByteWriter, numbers: Numbers | undefined, packing: Packing) => {
  switch (numbers?.kind) {
    case undefined:
      out.byte(NONE)
      return
    case 'same':
      out.byte(SAME)
      return
    case 'constant':
      writeConstant(out, numbers.value)
      return
    case 'floats':
      out.byte(FLOATS)
      writeFloats(out, numbers.values)
      return
    case 'whole':
      if (packing === 'bits') writeBits(out, numbers.bits)
      else writeInPlanes(out, numbers.planes)
  }
}

const writeConstant = (out: ByteWriter, value: number) => {
  const exact = asWholes(Float64Array.of(value))
  if (exact === undefined) {
    out.byte(ANY_CONSTANT)
    out.double(value)
    return
  }
  out.byte(CONSTANT + exact.decimals)
  out.signed(exact.wholes[0] ?? 0)
}

const writeBits = (out: ByteWriter, numbers: InBits) => {
  const { codes, shape } = numbers
  writeForm(out, numbers)
  out.byte(shape.k * 2 + (shape.exponential ? 1 : 0))
  const body = packBits(codes, shape)
  out.varint(body.length)
  out.put(body)
}

const writeInPlanes = (out: ByteWriter, numbers: Shaped) => {
  let most = 0
  for (const code of numbers.codes) if (code > most) most = code
  const width = Math.ceil(bitLength(most) / 8)
  writeForm(out, numbers)
  out.byte(width)
  writePlanes(out, numbers.codes, width)
}
