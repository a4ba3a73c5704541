import { BrokenChunk, type ByteReader, type ByteWriter } from './bytes.ts'

/*
 * Numbers as planes, one per byte: the high bytes of neighbours repeat, which deflate likes.
 */

const MOST_BYTES = 7

/** Non-negative whole numbers below 2^56 as `width` planes, the low bytes first. */
export const writePlanes = (out: ByteWriter, codes: Float64Array, width: number) => {
  const count = codes.length
  const planes = out.hole(width * count)
  for (let i = 0; i < count; i++) {
    const code = codes[i] ?? 0
    const low = code % 2 ** 32
    for (let plane = 0; plane < width && plane < 4; plane++)
      planes[plane * count + i] = low >>> (plane * 8)
    if (width > 4) {
      const high = Math.floor(code / 2 ** 32)
      for (let plane = 4; plane < width; plane++)
        planes[plane * count + i] = high >>> ((plane - 4) * 8)
    }
  }
}

/** Passes over `count` numbers of `width` planes; returns where they begin. */
export const passPlanes = (from: ByteReader, count: number, width: number): number => {
  if (width > MOST_BYTES) throw new BrokenChunk('a column has an impossible shape')
  return from.pass(width * count)
}

/** Columns of one and two bytes are by far the most, and worth a loop of their own. */
export const joinPlanes = (
  bytes: Uint8Array,
  start: number,
  count: number,
  width: number,
): Float64Array => {
  const into = new Float64Array(count)
  switch (width) {
    case 1:
      for (let i = 0; i < count; i++) into[i] = bytes[start + i] ?? 0
      return into
    case 2: {
      const high = start + count
      for (let i = 0; i < count; i++)
        into[i] = (bytes[start + i] ?? 0) | ((bytes[high + i] ?? 0) << 8)
      return into
    }
    case 3: {
      const [middle, high] = [start + count, start + 2 * count]
      for (let i = 0; i < count; i++)
        into[i] =
          (bytes[start + i] ?? 0) | ((bytes[middle + i] ?? 0) << 8) | ((bytes[high + i] ?? 0) << 16)
      return into
    }
  }
  let weight = 1
  for (let plane = 0; plane < width; plane++) {
    const first = start + plane * count
    for (let i = 0; i < count; i++) into[i] = (into[i] ?? 0) + (bytes[first + i] ?? 0) * weight
    weight *= 256
  }
  return into
}

/** Any floats, the eight bytes as they are. */
export const writeFloats = (out: ByteWriter, values: Float64Array) => {
  const count = values.length
  const planes = out.hole(8 * count)
  const one = new DataView(new ArrayBuffer(8))
  for (let i = 0; i < count; i++) {
    one.setFloat64(0, values[i] ?? 0)
    for (let plane = 0; plane < 8; plane++) planes[plane * count + i] = one.getUint8(plane)
  }
}

export const joinFloats = (bytes: Uint8Array, start: number, count: number): Float64Array => {
  const values = new Float64Array(count)
  const one = new DataView(new ArrayBuffer(8))
  for (let i = 0; i < count; i++) {
    for (let plane = 0; plane < 8; plane++)
      one.setUint8(plane, bytes[start + plane * count + i] ?? 0)
    const value = one.getFloat64(0)
    if (!Number.isFinite(value)) throw new BrokenChunk('a value is not finite')
    values[i] = value
  }
  return values
}
