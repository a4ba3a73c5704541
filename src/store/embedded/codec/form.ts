import { BrokenChunk, type ByteReader, type ByteWriter } from './bytes.ts'
import { MODELS, type Model } from './models.ts'
import { SCALES } from './whole.ts'

/** How the columns of a chunk are written: each in bits by itself, or in planes that are deflated all together. */
export type Packing = 'bits' | 'planes'

/* The first byte of a column. They are in files: never change one. */
export const NONE = 0
/** The numbers of another column. */
export const SAME = 1
/** A bitmap of the rows that have a value follows, and then the numbers. */
export const HOLES = 2
/** The rows of the bitmap before; the numbers follow. */
export const HOLES_AGAIN = 3
export const ANY_CONSTANT = 4
export const FLOATS = 5
/** A constant of 0 to 5 decimals. */
export const CONSTANT = 8
const WHOLE = 16

/**
 * Numbers as whole ones: each is whole / 10^decimals; `sums`: means by the sum behind them, each is
 * sevenDigits(whole / 10^decimals / count).
 */
export type Form = {
  readonly sums: boolean
  readonly decimals: number
  readonly model: Model
  readonly origin: number
  readonly divisor: number
}

export const writeForm = (out: ByteWriter, { sums, decimals, model, origin, divisor }: Form) => {
  const scale = (sums ? SCALES.length : 0) + decimals
  out.byte(WHOLE + (scale * 2 + (divisor === 1 ? 0 : 1)) * MODELS.length + MODELS.indexOf(model))
  out.signed(origin)
  if (divisor !== 1) out.varint(divisor)
}

/** What `writeForm` wrote; `code` is its first byte. */
export const readForm = (from: ByteReader, code: number): Form => {
  const rest = code - WHOLE
  const model = MODELS[rest % MODELS.length]
  const scale = Math.floor(rest / MODELS.length / 2)
  if (rest < 0 || model === undefined || scale >= SCALES.length * 2)
    throw new BrokenChunk(`coding ${code} is unknown`)
  const origin = from.signed()
  const divisor = Math.floor(rest / MODELS.length) % 2 === 1 ? from.varint() : 1
  const sums = scale >= SCALES.length
  return { sums, decimals: sums ? scale - SCALES.length : scale, model, origin, divisor }
}
