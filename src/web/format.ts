import type { Unit } from '../catalog/metric.ts'

const BINARY = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const
const DECIMAL = ['', 'k', 'M', 'G', 'T'] as const

/** So many digits that a change can be seen and no more. */
const short = (value: number): string => {
  const size = Math.abs(value)
  if (size === 0) return '0'
  if (size >= 100) return value.toFixed(0)
  if (size >= 10) return trimmed(value.toFixed(1))
  if (size >= 0.01) return trimmed(value.toFixed(2))
  return value.toPrecision(2)
}
const trimmed = (text: string): string => text.replace(/\.?0+$/, '')

const scaled = (value: number, step: number, names: readonly string[]): [string, string] => {
  let place = 0
  let rest = value
  while (Math.abs(rest) >= step && place < names.length - 1) {
    rest /= step
    place += 1
  }
  return [short(rest), names[place] ?? '']
}

const binary = (value: number, behind = ''): string => {
  const [number, name] = scaled(value, 1024, BINARY)
  return `${number} ${name}${behind}`
}

const decimal = (value: number, unit: string): string => {
  const [number, name] = scaled(value, 1000, DECIMAL)
  return `${number}${name === '' && unit === '' ? '' : ' '}${name}${unit}`
}

/** Seconds as people say them: 3 d 4 h, 12 min, 4.2 s. */
export const duration = (seconds: number): string => {
  const whole = Math.floor(seconds)
  if (whole >= 86_400)
    return `${Math.floor(whole / 86_400)} d ${Math.floor((whole % 86_400) / 3600)} h`
  if (whole >= 3600) return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`
  if (whole >= 60) return `${Math.floor(whole / 60)} min ${whole % 60} s`
  return `${short(seconds)} s`
}

const FORMATS: Readonly<Record<Unit, (value: number) => string>> = {
  percent: (value) => `${short(value)} %`,
  bytes: (value) => binary(value),
  'bytes/s': (value) => binary(value, '/s'),
  'MB/s': (value) => `${short(value)} MB/s`,
  count: (value) => decimal(value, ''),
  'count/s': (value) => decimal(value, '/s'),
  'packets/s': (value) => decimal(value, 'packets/s'),
  'operations/s': (value) => decimal(value, 'IO/s'),
  MHz: (value) =>
    Math.abs(value) >= 1000 ? `${(value / 1000).toFixed(2)} GHz` : `${short(value)} MHz`,
  celsius: (value) => `${short(value)} °C`,
  ms: (value) => (Math.abs(value) >= 1000 ? duration(value / 1000) : `${short(value)} ms`),
  s: duration,
  'ms/s': (value) => `${short(value)} ms/s`,
  ratio: (value) => short(value),
}

/** A value with its unit, as people read it; what has no value is a dash. */
export const format = (unit: Unit, value: number | null | undefined): string =>
  value === null || value === undefined || !Number.isFinite(value) ? '–' : FORMATS[unit](value)

/** Units whose axes have steps of powers of two. */
export const isBinary = (unit: Unit): boolean => unit === 'bytes' || unit === 'bytes/s'

const two = (value: number): string => String(value).padStart(2, '0')

/** The local wall clock: 2026-11-25 14:03:07. */
export const localTime = (ms: number): string => {
  const at = new Date(ms)
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`
}

/** The same moment in UTC, for hovering. */
export const utcTime = (ms: number): string =>
  `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} UTC`
