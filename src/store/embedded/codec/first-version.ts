import type { OpenChunk } from './chunk.ts'
import { inflated } from './blob.ts'
import { BrokenChunk, createReader, unzigzag, type ByteReader } from './bytes.ts'
import { joinFloats, joinPlanes, passPlanes } from './planes.ts'
import { scattered, takePresence, type Presence } from './presence.ts'
import { roundToSevenDigits } from './seven-digits.ts'
import { SCALES } from './whole.ts'

/*
 * Chunks as they were written first, and are read for good.
 * main   = 1, deflated: rows, fields, times, per field (size of values, size of counts), sections
 * spread = 1, deflated: fields, per field (size of minima, size of maxima), sections
 * A section of values begins with its presence: 0, or 1 and a bitmap; counts, minima and maxima have that of the values.
 */
export const FIRST_VERSION = 1

const MOST_ROWS = 65_536

export const openFirstVersion = (main: Uint8Array, spread?: Uint8Array | null): OpenChunk => {
  const from = payloadOf(main)
  const rows = from.varint()
  if (rows === 0 || rows > MOST_ROWS) throw new BrokenChunk(`${rows} rows`)
  const fields = from.varint()
  if (fields * 2 > from.left()) throw new BrokenChunk('it ends too early')
  const at = readTimes(from, rows)
  const values = readSections(from, fields)
  const extremes = spread === undefined || spread === null ? [] : readSpread(spread, fields)
  return {
    at,
    fields,
    column: (position) => {
      const section = values[position * 2]
      if (section === undefined) return undefined
      const reader = createReader(section)
      const presence = readPresence(reader, rows)
      const part = (bytes: Uint8Array | undefined) =>
        bytes && readNumbers(createReader(bytes), presence.count)
      const n = part(values[position * 2 + 1])
      const min = part(extremes[position * 2])
      const max = part(extremes[position * 2 + 1])
      const spreadOut = (dense: Float64Array) => scattered(dense, presence, rows)
      return {
        value: spreadOut(readNumbers(reader, presence.count, n)),
        ...(n === undefined ? {} : { n: spreadOut(n) }),
        ...(min === undefined ? {} : { min: spreadOut(min) }),
        ...(max === undefined ? {} : { max: spreadOut(max) }),
      }
    },
  }
}

const payloadOf = (blob: Uint8Array): ByteReader => {
  if (blob[0] !== FIRST_VERSION) throw new BrokenChunk('its two parts do not belong together')
  return inflated(blob.subarray(1))
}

const readSections = (from: ByteReader, fields: number): (Uint8Array | undefined)[] => {
  const sizes = Array.from({ length: fields * 2 }, () => from.varint())
  return sizes.map((size) => (size === 0 ? undefined : from.take(size)))
}

const readSpread = (spread: Uint8Array, fields: number): (Uint8Array | undefined)[] => {
  const from = payloadOf(spread)
  if (from.varint() !== fields) throw new BrokenChunk('its two parts do not belong together')
  return readSections(from, fields)
}

const readTimes = (from: ByteReader, rows: number): Float64Array => {
  const at = new Float64Array(rows)
  let time = from.double()
  const steps = readNumbers(from, rows - 1)
  at[0] = time
  for (let i = 1; i < rows; i++) {
    const step = steps[i - 1] ?? 0
    if (!(step > 0)) throw new BrokenChunk('its times do not ascend')
    time += step
    at[i] = time
  }
  if (!Number.isSafeInteger(at[0]) || !Number.isSafeInteger(time))
    throw new BrokenChunk('its times are impossible')
  return at
}

const readPresence = (from: ByteReader, rows: number): Presence =>
  from.byte() === 0 ? { count: rows, bitmap: undefined } : takePresence(from, rows)

const CONSTANT = 0
const SCALED = 1
const FLOATS = 2
const QUOTIENT = 3

const readNumbers = (from: ByteReader, count: number, counts?: Float64Array): Float64Array => {
  const kind = from.byte()
  switch (kind) {
    case CONSTANT: {
      const value = from.double()
      if (!Number.isFinite(value)) throw new BrokenChunk('a value is not finite')
      return new Float64Array(count).fill(value)
    }
    case SCALED: {
      const { scale, wholes } = readWhole(from, count)
      if (scale !== 1) for (let i = 0; i < count; i++) wholes[i] = (wholes[i] ?? 0) / scale
      return wholes
    }
    case FLOATS:
      return joinFloats(from.bytes, from.pass(8 * count), count)
    case QUOTIENT: {
      if (counts === undefined) throw new BrokenChunk('means without counts')
      const { scale, wholes } = readWhole(from, count)
      for (let i = 0; i < count; i++) wholes[i] = (wholes[i] ?? 0) / scale / (counts[i] ?? 1)
      roundToSevenDigits(wholes)
      return wholes
    }
  }
  throw new BrokenChunk(`coding ${kind} is unknown`)
}

const readWhole = (from: ByteReader, count: number): { scale: number; wholes: Float64Array } => {
  const shape = from.byte()
  const width = from.byte()
  const min = from.double()
  const divisor = from.varint()
  const scale = SCALES[shape >> 1]
  if (scale === undefined || !Number.isSafeInteger(min))
    throw new BrokenChunk('a column has an impossible shape')
  const wholes = joinPlanes(from.bytes, passPlanes(from, count, width), count, width)
  if ((shape & 1) === 1) {
    let sum = 0
    for (let i = 0; i < count; i++) {
      sum += unzigzag(wholes[i] ?? 0)
      wholes[i] = min + sum * divisor
    }
  } else if (min !== 0 || divisor !== 1)
    for (let i = 0; i < count; i++) wholes[i] = min + (wholes[i] ?? 0) * divisor
  return { scale, wholes }
}
