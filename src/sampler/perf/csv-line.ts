/**
 * One count of `perf stat -x, -I`:
 * time, count, unit, event, nanoseconds running, percent of the time running[, metric, its unit].
 */
export type CsvLine = {
  /** Seconds since perf began. */
  readonly at: number
  /** The event, without its PMU, modifiers and case, so that hybrid lines of one event meet. */
  readonly event: string
  /** Milliseconds for clocks, bytes for traffic, else a count; null where it was not measured well enough. */
  readonly value: number | null
  readonly bytes: boolean
}

/** Below this share of the time the scaled count is a guess. */
export const LEAST_RUNNING_PERCENT = 25

const NUMBER = /^\d+(\.\d+)?(e[+-]?\d+)?$/i

const UNITS: Readonly<Record<string, { readonly factor: number; readonly bytes: boolean }>> = {
  '': { factor: 1, bytes: false },
  msec: { factor: 1, bytes: false },
  usec: { factor: 1e-3, bytes: false },
  nsec: { factor: 1e-6, bytes: false },
  Bytes: { factor: 1, bytes: true },
  KiB: { factor: 2 ** 10, bytes: true },
  MiB: { factor: 2 ** 20, bytes: true },
  GiB: { factor: 2 ** 30, bytes: true },
}

/**
 * Reads a line; undefined for what is no count: blank lines, comments, metrics on a line of their own.
 * `<not supported>`, `<not counted>`, a unit that we do not know and too little running time give null.
 */
export const parseCsvLine = (line: string): CsvLine | undefined => {
  const [time = '', count = '', unit = '', printed = '', , percent = ''] = line.trim().split(',')
  if (!NUMBER.test(time) || printed === '') return undefined
  // with a decimal comma all columns shift by one: the event would be a number or a unit
  if (NUMBER.test(printed)) return undefined
  const known = UNITS[unit]
  const counted = known !== undefined && NUMBER.test(count) && NUMBER.test(percent)
  return {
    at: Number(time),
    event: eventName(printed),
    value:
      counted && Number(percent) >= LEAST_RUNNING_PERCENT ? Number(count) * known.factor : null,
    bytes: known?.bytes ?? false,
  }
}

/** `cpu_core/cycles/u`, `cycles:u` and `cycles` are one event. */
export const eventName = (printed: string): string => {
  const whole = printed.replace(/ \[.*\]$/, '')
  const inner = /^[\w.-]+\/([^/]+)\/\w*$/.exec(whole)?.[1] ?? whole
  return inner.replace(/:[a-zA-Z]+$/, '').toLowerCase()
}
