const DAY_CHARACTERS = 10

/**
 * Reads times as InfluxDB writes them (`2025-01-18T10:00:00Z`, with up to nine decimals), as milliseconds; what is
 * finer is cut. Rows come by the thousand and of the same days, so a day is parsed once.
 */
export const createTimeReader = (): ((text: string) => number) => {
  let day = ''
  let dayMs = Number.NaN
  return (text) => {
    if (!text.startsWith(day) || day === '') {
      day = text.slice(0, DAY_CHARACTERS)
      dayMs = Date.parse(`${day}T00:00:00Z`)
    }
    const seconds = two(text, 11) * 3_600 + two(text, 14) * 60 + two(text, 17)
    const fraction = text.charCodeAt(19) === DOT ? Number(text.slice(20, 23).replace('Z', '')) : 0
    const digits = text.length - 21
    const ms = fraction === 0 ? 0 : digits >= 3 ? fraction : fraction * 10 ** (3 - digits)
    return dayMs + seconds * 1_000 + ms
  }
}

const DOT = 46
const ZERO = 48

const two = (text: string, at: number): number =>
  (text.charCodeAt(at) - ZERO) * 10 + text.charCodeAt(at + 1) - ZERO
