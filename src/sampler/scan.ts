/** Walks over a text of the kernel, line by line, without regular expressions or copies of the text. */
export type Scanner = {
  /** The next number of this line; NaN, and no step forward, where something else comes next. */
  number(): number
  /** The next run of characters without blanks; '' at the end of the line. */
  word(): string
  /** Steps over `count` characters. */
  skip(count: number): void
  /** Goes to the next line; false where there is none. */
  nextLine(): boolean
  /** Whether the rest of the text begins so. */
  at(prefix: string): boolean
}

const NEWLINE = 10
const TAB = 9
const BLANK = 32
const MINUS = 45
const POINT = 46
const ZERO = 48
const NINE = 57

export const scan = (text: string, from = 0): Scanner => {
  let here = from

  const skipBlanks = () => {
    let code = text.charCodeAt(here)
    while (code === BLANK || code === TAB) code = text.charCodeAt(++here)
    return code
  }

  const number = () => {
    let code = skipBlanks()
    const start = here
    const negative = code === MINUS
    if (negative) code = text.charCodeAt(++here)
    if (!(code >= ZERO && code <= NINE)) {
      here = start
      return Number.NaN
    }
    const firstDigit = here
    let value = 0
    for (; code >= ZERO && code <= NINE; code = text.charCodeAt(++here))
      value = value * 10 + (code - ZERO)
    // digit by digit is off by a little up here (`file-max` is 2^63 - 1)
    if (value > Number.MAX_SAFE_INTEGER) value = Number(text.slice(firstDigit, here))
    if (code === POINT) {
      // one division at the end: 304 / 100 is the double nearest to 3.04, a sum of parts is not
      let scale = 1
      code = text.charCodeAt(++here)
      for (; code >= ZERO && code <= NINE; code = text.charCodeAt(++here)) {
        value = value * 10 + (code - ZERO)
        scale *= 10
      }
      value /= scale
    }
    return negative ? -value : value
  }

  const word = () => {
    skipBlanks()
    const start = here
    let code = text.charCodeAt(here)
    while (here < text.length && code !== BLANK && code !== TAB && code !== NEWLINE)
      code = text.charCodeAt(++here)
    return text.slice(start, here)
  }

  return {
    number,
    word,
    skip: (count) => {
      here += count
    },
    nextLine: () => {
      const end = text.indexOf('\n', here)
      here = end === -1 ? text.length : end + 1
      return here < text.length
    },
    at: (prefix) => text.startsWith(prefix, here),
  }
}

/** Where the text goes on behind `label`, which begins a line (`MemFree:`, `ctxt `); -1 where there is no such line. */
export const after = (text: string, label: string): number => {
  if (text.startsWith(label)) return label.length
  const found = text.indexOf(`\n${label}`)
  return found === -1 ? -1 : found + 1 + label.length
}

/** The number behind `label`, which begins a line; NaN where there is no such line. */
export const numberAfter = (text: string, label: string): number => {
  const from = after(text, label)
  return from === -1 ? Number.NaN : scan(text, from).number()
}
