const ZERO = 48
const MINUS = 45
const DOT = 46
/** So many digits are an exact integer, and their quotient by a power of ten that is exact too rounds right. */
const EXACT_DIGITS = 15
/** More follow in numbers that are means: the shortest text that tells two doubles apart has up to 17. */
const MORE_DIGITS = 4
/** Up to this one powers of ten are exact. */
const MOST_POWER = 22
const POWERS = Array.from({ length: MOST_POWER + 1 }, (_, power) => 10 ** power)

/**
 * A decimal number in ASCII, as `Number` reads it; NaN of nothing. Most need no text: long ones are divided with twice the
 * digits of a double, and what is too near the middle between two doubles is left to `Number`.
 */
export const decimalIn = (bytes: Buffer, start: number, end: number): number => {
  if (start >= end) return Number.NaN
  const negative = bytes[start] === MINUS
  let whole = 0
  let digits = 0
  let rest = 0
  let restDigits = 0
  let decimals = -1
  for (let at = negative ? start + 1 : start; at < end; at++) {
    const digit = (bytes[at] ?? 0) - ZERO
    if (digit >= 0 && digit <= 9) {
      if (digits < EXACT_DIGITS) {
        whole = whole * 10 + digit
        if (whole > 0) digits += 1
      } else {
        rest = rest * 10 + digit
        restDigits += 1
      }
      if (decimals >= 0) decimals += 1
    } else if (digit === DOT - ZERO && decimals < 0) decimals = 0
    else return asText(bytes, start, end)
  }
  if (decimals > MOST_POWER || restDigits > MORE_DIGITS) return asText(bytes, start, end)
  const power = POWERS[Math.max(0, decimals)] ?? 1
  const value = restDigits === 0 ? whole / power : longQuotient(whole, rest, restDigits, power)
  if (Number.isNaN(value)) return asText(bytes, start, end)
  return negative ? -value : value
}

const asText = (bytes: Buffer, start: number, end: number): number =>
  Number(bytes.toString('latin1', start, end))

/** Splits a double into two halves of its digits (Dekker). */
const SPLITTER = 2 ** 27 + 1
/** What a product has lost by rounding. */
const lostOf = (a: number, b: number, product: number): number => {
  const [largeA, largeB] = [a * SPLITTER, b * SPLITTER]
  const highA = largeA - (largeA - a)
  const highB = largeB - (largeB - b)
  const lowA = a - highA
  const lowB = b - highB
  return lowA * lowB - (product - highA * highB - lowA * highB - highA * lowB)
}
/** The error of the quotient is far below this share of what it lacks. */
const SURE = 1 + 2 ** -20

/** (whole * 10^digits + rest) / power, rounded once; NaN where that cannot be told. */
const longQuotient = (whole: number, rest: number, digits: number, power: number): number => {
  const shift = POWERS[digits] ?? 1
  const product = whole * shift
  const lost = lostOf(whole, shift, product)
  const high = product + (lost + rest)
  const low = product - high + (lost + rest)
  const quotient = high / power
  const back = quotient * power
  const lacks = (high - back - lostOf(quotient, power, back) + low) / power
  const value = quotient + lacks
  const left = lacks - (value - quotient)
  return value === value + left * SURE ? value : Number.NaN
}
