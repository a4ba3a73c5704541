import { BrokenChunk, type ByteReader, type ByteWriter } from './bytes.ts'
import { roundToSevenDigits, sevenDigits } from './seven-digits.ts'

/**
 * The coding of a run of finite numbers, exact to the bit. Measured numbers are mostly whole or have a few
 * decimals: they become whole numbers above a minimum, divided by their common divisor, as differences where those
 * are shorter, one plane per byte (the high bytes repeat, which deflate likes).
 */
const CONSTANT = 0
const SCALED = 1
const FLOATS = 2
/** Means: the sum behind them is shorter than their digits. The value is sevenDigits(whole / 10^decimals / n). */
const QUOTIENT = 3

const MOST_DECIMALS = 5
const SCALES = [1, 10, 100, 1_000, 10_000, 100_000]
const MOST_BYTES = 7

type Whole = {
  readonly decimals: number
  readonly min: number
  readonly divisor: number
  readonly delta: boolean
  /** Non-negative whole numbers, the differences zigzag. */
  readonly codes: Float64Array
  readonly bits: number
}

/** `weights`: how many raw values each mean stands for, where the numbers are means. */
export const writeNumbers = (out: ByteWriter, values: Float64Array, weights?: Float64Array) => {
  if (isConstant(values)) {
    out.byte(CONSTANT)
    out.double(values[0] ?? 0)
    return
  }
  const direct = scaled(values)
  const sums = weights === undefined ? undefined : quotient(values, weights)
  const best =
    direct === undefined || (sums !== undefined && sums.bits < direct.bits) ? sums : direct
  if (best === undefined) {
    out.byte(FLOATS)
    writeFloats(out, values)
    return
  }
  out.byte(best === sums ? QUOTIENT : SCALED)
  writeWhole(out, best)
}

/** Throws `BrokenChunk` for what `writeNumbers` cannot have written. */
export const readNumbers = (
  from: ByteReader,
  count: number,
  weights?: Float64Array,
): Float64Array => {
  const kind = from.byte()
  switch (kind) {
    case CONSTANT: {
      const value = from.double()
      if (!Number.isFinite(value)) throw new BrokenChunk('a value is not finite')
      return new Float64Array(count).fill(value)
    }
    case SCALED: {
      const { scale, wholes } = readWhole(from, count)
      if (scale !== 1) for (let i = 0; i < count; i++) wholes[i] = (wholes[i] ?? 0) / scale
      return wholes
    }
    case FLOATS:
      return readFloats(from, count)
    case QUOTIENT: {
      if (weights === undefined) throw new BrokenChunk('means without counts')
      const { scale, wholes } = readWhole(from, count)
      for (let i = 0; i < count; i++) wholes[i] = (wholes[i] ?? 0) / scale / (weights[i] ?? 1)
      roundToSevenDigits(wholes)
      return wholes
    }
  }
  throw new BrokenChunk(`coding ${kind} is unknown`)
}

const isConstant = (values: Float64Array): boolean => {
  const first = values[0]
  for (let i = 1; i < values.length; i++) if (!Object.is(values[i], first)) return false
  return true
}

const scaled = (values: Float64Array): Whole | undefined => {
  const wholes = new Float64Array(values.length)
  for (let decimals = 0; decimals <= MOST_DECIMALS; decimals++) {
    const scale = SCALES[decimals] ?? 1
    let i = 0
    for (; i < values.length; i++) {
      const value = values[i] ?? 0
      const whole = Math.round(value * scale)
      // -0 has no whole number; beyond 2^53 differences would not be exact.
      if (whole / scale !== value || Math.abs(whole) > Number.MAX_SAFE_INTEGER) break
      if (whole === 0 && Object.is(value, -0)) return undefined
      wholes[i] = whole
    }
    if (i === values.length) return normalised(wholes, decimals)
  }
  return undefined
}

const quotient = (values: Float64Array, weights: Float64Array): Whole | undefined => {
  const wholes = new Float64Array(values.length)
  for (let decimals = 0; decimals <= MOST_DECIMALS; decimals++) {
    const scale = SCALES[decimals] ?? 1
    let i = 0
    for (; i < values.length; i++) {
      const value = values[i] ?? 0
      const weight = weights[i] ?? 0
      const whole = Math.round(value * weight * scale)
      if (Math.abs(whole) > Number.MAX_SAFE_INTEGER) return undefined
      if (!Object.is(sevenDigits(whole / scale / weight), value)) break
      if (whole === 0 && Object.is(value, -0)) return undefined
      wholes[i] = whole
    }
    if (i === values.length) return normalised(wholes, decimals)
  }
  return undefined
}

const normalised = (wholes: Float64Array, decimals: number): Whole | undefined => {
  let min = Infinity
  let max = -Infinity
  for (const whole of wholes) {
    if (whole < min) min = whole
    if (whole > max) max = whole
  }
  // A zigzag difference needs one bit more than the range.
  if (max - min >= 2 ** 52) return undefined
  let divisor = 0
  for (let i = 0; i < wholes.length; i++) {
    const above = (wholes[i] ?? 0) - min
    wholes[i] = above
    if (divisor !== 1) divisor = commonDivisor(divisor, above)
  }
  if (divisor === 0) divisor = 1
  if (divisor > 1) for (let i = 0; i < wholes.length; i++) wholes[i] = (wholes[i] ?? 0) / divisor
  const deltas = new Float64Array(wholes.length)
  let plainBits = 0
  let deltaBits = 0
  let before = 0
  for (let i = 0; i < wholes.length; i++) {
    const code = wholes[i] ?? 0
    const difference = code - before
    const zigzag = difference >= 0 ? difference * 2 : -difference * 2 - 1
    deltas[i] = zigzag
    plainBits += bitLength(code)
    deltaBits += bitLength(zigzag)
    before = code
  }
  const delta = deltaBits < plainBits
  return {
    decimals,
    min,
    divisor,
    delta,
    codes: delta ? deltas : wholes,
    bits: delta ? deltaBits : plainBits,
  }
}

const commonDivisor = (a: number, b: number): number => {
  let [large, small] = [a, b]
  while (small !== 0) [large, small] = [small, large % small]
  return large
}

const bitLength = (whole: number): number =>
  whole < 2 ** 32 ? 32 - Math.clz32(whole) : 64 - Math.clz32(whole / 2 ** 32)

const writeWhole = (out: ByteWriter, { decimals, delta, min, divisor, codes }: Whole) => {
  let most = 0
  for (const code of codes) if (code > most) most = code
  const width = Math.ceil(bitLength(most) / 8)
  out.byte(decimals * 2 + (delta ? 1 : 0))
  out.byte(width)
  out.double(min)
  out.varint(divisor)
  const count = codes.length
  const planes = out.hole(width * count)
  for (let i = 0; i < count; i++) {
    const code = codes[i] ?? 0
    const low = code % 2 ** 32
    for (let plane = 0; plane < width && plane < 4; plane++)
      planes[plane * count + i] = low >>> (plane * 8)
    if (width > 4) {
      const high = Math.floor(code / 2 ** 32)
      for (let plane = 4; plane < width; plane++)
        planes[plane * count + i] = high >>> ((plane - 4) * 8)
    }
  }
}

const readWhole = (from: ByteReader, count: number): { scale: number; wholes: Float64Array } => {
  const shape = from.byte()
  const width = from.byte()
  const min = from.double()
  const divisor = from.varint()
  const scale = SCALES[shape >> 1]
  if (scale === undefined || width > MOST_BYTES || !Number.isSafeInteger(min))
    throw new BrokenChunk('a column has an impossible shape')
  const wholes = new Float64Array(count)
  joinPlanes(from.take(width * count), count, width, wholes)
  if ((shape & 1) === 1) {
    let sum = 0
    for (let i = 0; i < count; i++) {
      const zigzag = wholes[i] ?? 0
      // `%` of floats is slow.
      const half = Math.floor(zigzag / 2)
      sum += half * 2 === zigzag ? half : -half - 1
      wholes[i] = min + sum * divisor
    }
  } else if (min !== 0 || divisor !== 1)
    for (let i = 0; i < count; i++) wholes[i] = min + (wholes[i] ?? 0) * divisor
  return { scale, wholes }
}

/** Columns of one to three bytes are by far the most, and worth a loop of their own. */
const joinPlanes = (planes: Uint8Array, count: number, width: number, into: Float64Array) => {
  switch (width) {
    case 1:
      for (let i = 0; i < count; i++) into[i] = planes[i] ?? 0
      return
    case 2:
      for (let i = 0; i < count; i++) into[i] = (planes[i] ?? 0) | ((planes[count + i] ?? 0) << 8)
      return
    case 3:
      for (let i = 0; i < count; i++)
        into[i] =
          (planes[i] ?? 0) | ((planes[count + i] ?? 0) << 8) | ((planes[2 * count + i] ?? 0) << 16)
      return
  }
  let weight = 1
  for (let plane = 0; plane < width; plane++) {
    const start = plane * count
    for (let i = 0; i < count; i++) into[i] = (into[i] ?? 0) + (planes[start + i] ?? 0) * weight
    weight *= 256
  }
}

const writeFloats = (out: ByteWriter, values: Float64Array) => {
  const count = values.length
  const planes = out.hole(8 * count)
  const one = new DataView(new ArrayBuffer(8))
  for (let i = 0; i < count; i++) {
    one.setFloat64(0, values[i] ?? 0)
    for (let plane = 0; plane < 8; plane++) planes[plane * count + i] = one.getUint8(plane)
  }
}

const readFloats = (from: ByteReader, count: number): Float64Array => {
  const planes = from.take(8 * count)
  const values = new Float64Array(count)
  const one = new DataView(new ArrayBuffer(8))
  for (let i = 0; i < count; i++) {
    for (let plane = 0; plane < 8; plane++) one.setUint8(plane, planes[plane * count + i] ?? 0)
    const value = one.getFloat64(0)
    if (!Number.isFinite(value)) throw new BrokenChunk('a value is not finite')
    values[i] = value
  }
  return values
}
