import type { Unit } from '../../catalog/metric.ts'

/** What stands where nothing was measured. */
export const NOTHING = '–'

const BINARY = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB'] as const
const LARGE = ['', 'k', 'M', 'G', 'T', 'P'] as const

/** A value as a person reads it: `12.3 %`, `1.5 GiB`, `3d 4h`. */
export const formatValue = (value: number | null | undefined, unit?: Unit): string => {
  if (value === null || value === undefined || !Number.isFinite(value)) return NOTHING
  if (unit === undefined) return count(value)
  switch (unit) {
    case 'percent':
      return `${fixed(value, 1)} %`
    case 'bytes':
      return bytes(value)
    case 'bytes/s':
      return `${bytes(value)}/s`
    case 'MB/s':
      return `${count(value)} MB/s`
    case 'count':
      return count(value)
    case 'count/s':
    case 'packets/s':
    case 'operations/s':
      return `${count(value)} /s`
    case 'MHz':
      return `${fixed(value, 0)} MHz`
    case 'celsius':
      return `${fixed(value, 1)} °C`
    case 'ms':
      return `${fixed(value, Math.abs(value) < 10 ? 2 : 1)} ms`
    case 's':
      return seconds(value)
    case 'ms/s':
      return `${fixed(value, 0)} ms/s`
    case 'ratio':
      return fixed(value, 2)
  }
}

/** `+12.3 %`, `-4.0 %`, `±0.0 %`. */
export const formatChange = (percent: number | null): string => {
  if (percent === null || !Number.isFinite(percent)) return NOTHING
  const text = fixed(Math.abs(percent), 1)
  const sign = Number(text) === 0 ? '±' : percent > 0 ? '+' : '-'
  return `${sign}${text} %`
}

const fixed = (value: number, digits: number): string => {
  const text = value.toFixed(digits)
  return Number(text) === 0 ? text.replace('-', '') : text
}

const bytes = (value: number): string => {
  const step = stepOf(value, 1024, BINARY.length)
  return `${fixed(value / 1024 ** step, step === 0 ? 0 : 1)} ${BINARY[step] ?? ''}`
}

// 5 figures are still read at a glance; beyond that a prefix
const count = (value: number): string => {
  if (Math.abs(value) < 100_000) return fixed(value, Number.isInteger(value) ? 0 : digitsOf(value))
  const step = stepOf(value, 1000, LARGE.length)
  return `${fixed(value / 1000 ** step, 1)} ${LARGE[step] ?? ''}`
}

const digitsOf = (value: number): number =>
  Math.abs(value) < 10 ? 2 : Math.abs(value) < 1000 ? 1 : 0

/** The power of `base` that leaves a number that, once rounded, is below `base`. */
const stepOf = (value: number, base: number, steps: number): number => {
  let rest = Math.abs(value)
  let step = 0
  while (rest >= base - 0.05 && step < steps - 1) {
    rest /= base
    step += 1
  }
  return step
}

const seconds = (value: number): string => {
  const whole = Math.round(value)
  const days = Math.floor(whole / 86_400)
  const hours = Math.floor((whole % 86_400) / 3_600)
  const minutes = Math.floor((whole % 3_600) / 60)
  if (days > 0) return `${days}d ${hours}h`
  if (hours > 0) return `${hours}h ${minutes}m`
  if (minutes > 0) return `${minutes}m ${whole % 60}s`
  return `${whole}s`
}
