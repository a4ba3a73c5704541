import { readFileSync } from 'node:fs'
import type { Random } from './random.ts'
import type { Load } from './simulated-load.ts'

/** The mean length of a piece that is taken from the recording as it is. */
const PIECE_SECONDS = 300

/**
 * Half an hour of `/proc/stat` and `/proc/loadavg`, recorded once a second on a machine where software was built and
 * tested: differences of the counters, so that a line is a second.
 */
const readRecording = (): readonly (readonly number[])[] =>
  readFileSync(new URL('recorded-cpu.csv', import.meta.url), 'utf8')
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split(',').map(Number))

/** One second of the recording as the fields of a cpu metric. */
const fieldsOf = (second: readonly number[]): Readonly<Record<string, number>> => {
  const [user = 0, nice = 0, system = 0, idle = 0, iowait = 0, irq = 0, softirq = 0, steal = 0] =
    second
  const [interrupts = 0, switches = 0, load1 = 0, load5 = 0, load15 = 0] = second.slice(8)
  const all = user + nice + system + idle + iowait + irq + softirq + steal
  const percent = (ticks: number) => (100 * ticks) / all
  return {
    usage_percent: percent(all - idle - iowait),
    user: percent(user + nice),
    system: percent(system + irq),
    idle: percent(idle),
    iowait: percent(iowait),
    softirq: percent(softirq),
    steal: percent(steal),
    interrupts,
    context_switches: switches,
    load_avg_1: load1,
    load_avg_5: load5,
    load_avg_15: load15,
  }
}

/**
 * As much load as one likes from a short recording, by the stationary bootstrap (Politis and Romano 1994): pieces of it that
 * begin anywhere and are of random length, one behind the other; the recording is taken for a circle.
 */
export const recordedLoad = (): Load => {
  const seconds = readRecording().map(fieldsOf)
  const names = Object.keys(seconds[0] ?? {})
  const sums = names.map((name) => runningSums(seconds.map((second) => second[name] ?? 0)))
  return (random, { windowMs, count }) => {
    const pieces = piecesOf(random, (count * windowMs) / 1_000, seconds.length)
    const columns = sums.map((sum) => windowMeans(sum, pieces, windowMs / 1_000, count))
    return Object.fromEntries(
      names.map((name, index) => [name, columns[index] ?? new Float64Array()]),
    )
  }
}

type Piece = { readonly start: number; readonly length: number }

/** Pieces of the circle that together have so many seconds. */
const piecesOf = (random: Random, total: number, circle: number): readonly Piece[] => {
  const pieces: Piece[] = []
  for (let left = total; left > 0;) {
    const drawn = Math.ceil(-Math.log(1 - random.next()) * PIECE_SECONDS)
    const length = Math.min(left, Math.max(1, drawn), circle)
    pieces.push({ start: Math.floor(random.next() * circle), length })
    left -= length
  }
  return pieces
}

/** Running sums over two rounds of the circle, so that any piece is a difference of two. */
const runningSums = (values: readonly number[]): Float64Array => {
  const sums = new Float64Array(values.length * 2 + 1)
  for (let i = 0; i < values.length * 2; i++)
    sums[i + 1] = (sums[i] ?? 0) + (values[i % values.length] ?? 0)
  return sums
}

const windowMeans = (
  sums: Float64Array,
  pieces: readonly Piece[],
  windowSeconds: number,
  count: number,
): Float64Array => {
  const means = new Float64Array(count)
  let second = 0
  for (const { start, length } of pieces)
    for (let done = 0; done < length;) {
      const place = Math.floor(second / windowSeconds)
      const part = Math.min(length - done, (place + 1) * windowSeconds - second)
      const sum = (sums[start + done + part] ?? 0) - (sums[start + done] ?? 0)
      means[place] = (means[place] ?? 0) + sum / windowSeconds
      second += part
      done += part
    }
  return means
}
