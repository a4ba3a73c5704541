import { DAY, HOUR, instant, MINUTE, SECOND, toIso, windowStart } from '../../points/instant.ts'
import { writeAscii } from './number-bytes.ts'

const [COLON, UPPER_Z, ZERO] = [58, 90, 48]
const MIDNIGHT = '00:00:00Z'

/** The longest text of an instant. */
export const LONGEST_STAMP = 27

/**
 * Writes instants as `toIso` gives them, and gives the place after; there must be room for LONGEST_STAMP. The date is
 * worked out once for the rows of a day: of a small host the stamps would cost as much as half of the numbers.
 */
export const createStampWriter = () => {
  let day = Number.NaN
  let date = ''
  return (buffer: Uint8Array, from: number, ms: number): number => {
    const start = windowStart(ms, DAY)
    const time = ms - start
    if (time % SECOND !== 0) return writeAscii(buffer, from, toIso(instant(ms)))
    if (start !== day) {
      day = start
      date = toIso(start).slice(0, -MIDNIGHT.length)
    }
    let at = writeAscii(buffer, from, date)
    at = writePair(buffer, at, Math.floor(time / HOUR), COLON)
    at = writePair(buffer, at, Math.floor(time / MINUTE) % 60, COLON)
    return writePair(buffer, at, (time / SECOND) % 60, UPPER_Z)
  }
}

const writePair = (buffer: Uint8Array, at: number, number: number, after: number): number => {
  const ten = Math.floor(number / 10)
  buffer[at] = ZERO + ten
  buffer[at + 1] = ZERO + number - ten * 10
  buffer[at + 2] = after
  return at + 3
}
