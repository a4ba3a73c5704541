/** The longest text of a number. */
export const LONGEST_NUMBER = 25

const POWERS = Float64Array.from({ length: 10 }, (_, exponent) => 10 ** exponent)
const [MINUS, POINT, ZERO] = [45, 46, 48]

/**
 * Writes a number as `JSON.stringify` writes it, NaN as null, and gives the place after it; there must be room for
 * LONGEST_NUMBER. `hints[hint]` remembers how many decimals the last one had: the numbers of a column mostly agree.
 */
export const writeNumber = (
  buffer: Uint8Array,
  at: number,
  value: number,
  hints: Uint8Array,
  hint: number,
): number => {
  if (Number.isNaN(value)) return writeAscii(buffer, at, 'null')
  const size = Math.abs(value)
  let decimals = hints[hint] ?? 0
  let scaled = scaledBy(size, decimals)
  if (scaled < 0) {
    decimals = 0
    scaled = scaledBy(size, decimals)
    while (scaled < 0 && decimals < POWERS.length - 1) scaled = scaledBy(size, ++decimals)
    if (scaled < 0) return writeAscii(buffer, at, String(value))
  }
  // As an unsigned integer it is divided faster. A guess that was too long ends in zeros.
  let digits = scaled >>> 0
  while (decimals > 0 && digits % 10 === 0) {
    digits = (digits / 10) >>> 0
    decimals -= 1
  }
  hints[hint] = decimals
  if (value < 0) buffer[at++] = MINUS
  return writeDecimal(buffer, at, digits, decimals)
}

/** ASCII text only. */
export const writeAscii = (buffer: Uint8Array, at: number, text: string): number => {
  for (let i = 0; i < text.length; i++) buffer[at + i] = text.charCodeAt(i)
  return at + text.length
}

/** Larger scaled values, smaller values and those with more decimals are left to the engine. */
const LARGEST_SCALED = 4_294_967_295
const SMALLEST = 1e-6

/** The number as an integer of so many decimals, where its text with so many decimals is read back as the same; else -1. */
const scaledBy = (size: number, decimals: number): number => {
  if (size < SMALLEST && size !== 0) return -1
  const power = POWERS[decimals] ?? 1
  const scaled = Math.round(size * power)
  // Division rounds to the nearest as reading a text does: equal here is equal there.
  return scaled <= LARGEST_SCALED && scaled / power === size ? scaled : -1
}

/** From the right: the digits after the point, the point, the digits before it. */
const writeDecimal = (buffer: Uint8Array, at: number, scaled: number, decimals: number): number => {
  let rest = scaled
  const digits = digitsOf(rest)
  const end = at + (digits > decimals ? digits : decimals + 1) + (decimals > 0 ? 1 : 0)
  let place = end - 1
  if (decimals > 0) {
    const point = place - decimals
    for (; place > point; place--) {
      const tenth = (rest / 10) >>> 0
      buffer[place] = ZERO + rest - tenth * 10
      rest = tenth
    }
    buffer[place--] = POINT
  }
  for (; place >= at; place--) {
    const tenth = (rest / 10) >>> 0
    buffer[place] = ZERO + rest - tenth * 10
    rest = tenth
  }
  return end
}

const digitsOf = (integer: number): number => {
  if (integer < 100_000) {
    if (integer < 100) return integer < 10 ? 1 : 2
    return integer < 1_000 ? 3 : integer < 10_000 ? 4 : 5
  }
  if (integer < 10_000_000) return integer < 1_000_000 ? 6 : 7
  return integer < 100_000_000 ? 8 : integer < 1_000_000_000 ? 9 : 10
}
