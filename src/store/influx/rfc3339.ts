const ZERO = 48
const DOT = 46
const DAY_CHARACTERS = 10

/**
 * Reads times as InfluxDB writes them (`2025-01-18T10:00:00Z`, with up to nine decimals) out of bytes, as milliseconds;
 * what is finer is cut. Rows come by the thousand and of the same days, so a day is computed once.
 */
export const createByteTimeReader = (): ((
  bytes: Uint8Array,
  start: number,
  end: number,
) => number) => {
  let day = Number.NaN
  let dayMs = Number.NaN
  return (bytes, start, end) => {
    if (end - start <= DAY_CHARACTERS) return Number.NaN
    const two = (at: number): number =>
      ((bytes[start + at] ?? 0) - ZERO) * 10 + (bytes[start + at + 1] ?? 0) - ZERO
    const year = two(0) * 100 + two(2)
    const date = (year * 100 + two(5)) * 100 + two(8)
    if (date !== day) {
      day = date
      dayMs = Date.UTC(year, two(5) - 1, two(8))
    }
    let ms = 0
    if (bytes[start + 19] === DOT)
      for (let at = 20, unit = 100; at < 23 && start + at < end - 1; at++, unit /= 10)
        ms += ((bytes[start + at] ?? 0) - ZERO) * unit
    return dayMs + ((two(11) * 60 + two(14)) * 60 + two(17)) * 1_000 + ms
  }
}

/** What such a reader cuts: the nanoseconds behind the millisecond. */
export const nanosecondsIn = (bytes: Uint8Array, start: number, end: number): number => {
  let nanoseconds = 0
  if (bytes[start + 19] === DOT)
    for (let at = 23, unit = 100_000; at < 29 && start + at < end - 1; at++, unit /= 10)
      nanoseconds += ((bytes[start + at] ?? 0) - ZERO) * unit
  return nanoseconds
}

/** Milliseconds out of a text. */
export const createTimeReader = (): ((text: string) => number) => {
  const read = createByteTimeReader()
  return (text) => read(Buffer.from(text, 'latin1'), 0, text.length)
}
