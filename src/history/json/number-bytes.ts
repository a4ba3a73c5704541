/** The longest text of a number. */
export const LONGEST_NUMBER = 25

const POWERS = Float64Array.from({ length: 10 }, (_, exponent) => 10 ** exponent)
const [MINUS, POINT, ZERO] = [45, 46, 48]

/**
 * Writes a number as `JSON.stringify` writes it, NaN as null, and gives the place after it; there must be room for
 * LONGEST_NUMBER. `hints[hint]` remembers how many decimals were needed: the numbers of a column mostly agree.
 */
export const writeNumber = (
  buffer: Uint8Array,
  at: number,
  value: number,
  hints: number[] | Uint8Array,
  hint: number,
): number => {
  const size = Math.abs(value)
  let decimals = hints[hint] ?? 0
  let scaled = scaledBy(size, decimals)
  if (!isExact(size, scaled, decimals)) {
    if (size === 0) {
      buffer[at] = ZERO
      return at + 1
    }
    decimals = decimalsOf(size, decimals)
    if (decimals < 0) return writeAscii(buffer, at, Number.isNaN(value) ? 'null' : String(value))
    hints[hint] = decimals
    scaled = scaledBy(size, decimals)
  }
  if (value < 0) buffer[at++] = MINUS
  // No decimal carries: where the text is exact, the whole part of the number is that of the text.
  const whole = size >>> 0
  const end = writeWhole(buffer, at, whole)
  return writeFraction(buffer, end, (scaled - whole * (POWERS[decimals] ?? 1)) >>> 0, decimals)
}

/** ASCII text only. */
export const writeAscii = (buffer: Uint8Array, at: number, text: string): number => {
  for (let i = 0; i < text.length; i++) buffer[at + i] = text.charCodeAt(i)
  return at + text.length
}

/** Smaller values are written with an exponent. */
const SMALLEST = 1e-6

/** The number as an integer of so many decimals; of 32 bits, which is several times faster than more. */
const scaledBy = (size: number, decimals: number): number =>
  (size * (POWERS[decimals] ?? 1) + 0.5) >>> 0

/** Whether the text with so many decimals is read back as the same number. One that was too large has lost its high bits. */
const isExact = (size: number, scaled: number, decimals: number): boolean =>
  // Division rounds to the nearest as reading a text does: equal here is equal there.
  scaled / (POWERS[decimals] ?? 1) === size && size >= SMALLEST

/** How many decimals the number needs, where `tried` are too few or were too many for 32 bits; -1: it is left to the engine. */
const decimalsOf = (size: number, tried: number): number => {
  const tooMany = size * (POWERS[tried] ?? 1) >= 2 ** 32
  for (let decimals = tooMany ? 0 : tried + 1; decimals < POWERS.length; decimals++)
    if (isExact(size, scaledBy(size, decimals), decimals)) return decimals
  return -1
}

const writeWhole = (buffer: Uint8Array, at: number, whole: number): number => {
  const end = at + digitsOf(whole)
  writeDigits(buffer, end, whole, end - at)
  return end
}

/** The point and the decimals, without the zeros at their end: the guess may have been too long. */
const writeFraction = (
  buffer: Uint8Array,
  at: number,
  fraction: number,
  decimals: number,
): number => {
  if (fraction === 0) return at
  let digits = fraction
  let count = decimals
  for (let tenth = (digits / 10) >>> 0; tenth * 10 === digits; tenth = (digits / 10) >>> 0) {
    digits = tenth
    count -= 1
  }
  buffer[at] = POINT
  const end = at + 1 + count
  writeDigits(buffer, end, digits, count)
  return end
}

/** So many digits before `end`, zeros in front: two at a time, from the right. */
const writeDigits = (buffer: Uint8Array, end: number, integer: number, count: number) => {
  let rest = integer
  let place = end
  const start = end - count
  while (place - start >= 2) {
    const hundredth = (rest / 100) >>> 0
    const pair = rest - hundredth * 100
    const ten = (pair * 103) >> 10
    buffer[place - 1] = ZERO + pair - ten * 10
    buffer[place - 2] = ZERO + ten
    place -= 2
    rest = hundredth
  }
  if (place > start) buffer[start] = ZERO + rest
}

const digitsOf = (integer: number): number => {
  if (integer < 100_000) {
    if (integer < 100) return integer < 10 ? 1 : 2
    return integer < 1_000 ? 3 : integer < 10_000 ? 4 : 5
  }
  if (integer < 10_000_000) return integer < 1_000_000 ? 6 : 7
  return integer < 100_000_000 ? 8 : integer < 1_000_000_000 ? 9 : 10
}
