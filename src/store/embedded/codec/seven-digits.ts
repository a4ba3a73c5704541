const POWERS = Float64Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`))

/** Values of one size: those with `low <= |value| < high` are rounded by the same power of ten. */
type Size = {
  readonly low: number
  readonly high: number
  /** The power; `up`: values are multiplied by it before they are rounded, else divided. */
  readonly scale: number
  readonly up: boolean
}

/**
 * Rounded to 7 significant digits (relative error up to 5e-7), as rollup means are stored: the digits behind are
 * noise that costs three bytes each. Deterministic, since chunks are decoded by the same rounding.
 */
export const sevenDigits = (value: number): number => {
  const size = sizeOf(value)
  return size === undefined ? slowly(value) : roundedAt(size, value)
}

/** Rounds all of them, in place; neighbours mostly have the same size, which is then looked up once. */
export const roundToSevenDigits = (values: Float64Array) => {
  let low = Infinity
  let high = 0
  let scale = 1
  let up = true
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? 0
    const distance = Math.abs(value)
    if (!(distance >= low && distance < high)) {
      const size = sizeOf(value)
      if (size === undefined) {
        values[i] = slowly(value)
        continue
      }
      ;({ low, high, scale, up } = size)
    }
    values[i] = up ? Math.round(value * scale) / scale : Math.round(value / scale) * scale
  }
}

const roundedAt = ({ scale, up }: Size, value: number): number =>
  up ? Math.round(value * scale) / scale : Math.round(value / scale) * scale

/** Undefined: so far from one that the powers of ten are no exact doubles; such values are rare. */
const sizeOf = (value: number): Size | undefined => {
  const distance = Math.abs(value)
  if (!(distance >= 1e-15 && distance < 1e15)) return undefined
  let exponent = Math.floor(Math.log10(distance))
  // The logarithm may miss a whole power by one.
  if (distance >= power(exponent + 1)) exponent += 1
  else if (distance < power(exponent)) exponent -= 1
  const shift = 6 - exponent
  return {
    low: power(exponent),
    high: power(exponent + 1),
    scale: POWERS[Math.abs(shift)] ?? 1,
    up: shift >= 0,
  }
}

const slowly = (value: number): number =>
  value === 0 || Number.isNaN(value) ? value : Number(value.toPrecision(7))

const power = (exponent: number): number =>
  exponent >= 0 ? (POWERS[exponent] ?? Infinity) : 1 / (POWERS[-exponent] ?? Infinity)
