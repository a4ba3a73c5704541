/** What is thrown for bytes that no encoder of ours can have written. */
export class BrokenChunk extends Error {
  constructor(what: string) {
    super(`The chunk is damaged: ${what}.`)
    this.name = 'BrokenChunk'
  }
}

/** 0, -1, 1, -2, ... as 0, 1, 2, 3, ...: small numbers of either sign become small ones. */
export const zigzag = (whole: number): number => (whole >= 0 ? whole * 2 : -whole * 2 - 1)

export const unzigzag = (code: number): number => {
  if (code < 2 ** 31) return (code >>> 1) ^ -(code & 1)
  // `%` of floats is slow.
  const half = Math.floor(code / 2)
  return half * 2 === code ? half : -half - 1
}

export type ByteWriter = ReturnType<typeof createWriter>
export type ByteReader = ReturnType<typeof createReader>

/** Bytes that grow at the end. */
export const createWriter = () => {
  let bytes = new Uint8Array(1024)
  let view = new DataView(bytes.buffer)
  let length = 0
  const room = (more: number) => {
    if (length + more <= bytes.length) return
    const larger = new Uint8Array(Math.max(bytes.length * 2, length + more))
    larger.set(bytes)
    bytes = larger
    view = new DataView(bytes.buffer)
  }
  const varint = (value: number) => {
    room(8)
    let rest = value
    while (rest > 127) {
      bytes[length++] = (rest % 128) + 128
      rest = Math.floor(rest / 128)
    }
    bytes[length++] = rest
  }
  return {
    byte: (value: number) => {
      room(1)
      bytes[length++] = value
    },
    /** A whole number from 0 to 2^53 - 1, seven bits a byte. */
    varint,
    /** A whole number between -2^52 and 2^52. */
    signed: (value: number) => {
      varint(zigzag(value))
    },
    double: (value: number) => {
      room(8)
      view.setFloat64(length, value)
      length += 8
    },
    put: (more: Uint8Array) => {
      room(more.length)
      bytes.set(more, length)
      length += more.length
    },
    /** `size` zero bytes, to be filled by the caller before the next write. */
    hole: (size: number): Uint8Array => {
      room(size)
      length += size
      return bytes.subarray(length - size, length).fill(0)
    },
    finish: (): Uint8Array => bytes.subarray(0, length),
  }
}

/** Reads what a writer wrote; throws `BrokenChunk` instead of reading past the end. What lies behind `end` is no part of it. */
export const createReader = (bytes: Uint8Array, end: number = bytes.length) => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let at = 0
  const pass = (size: number): number => {
    if (size > end - at) throw new BrokenChunk('it ends too early')
    at += size
    return at - size
  }
  const byte = (): number => {
    if (at >= end) throw new BrokenChunk('it ends too early')
    return bytes[at++] ?? 0
  }
  const varint = (): number => {
    let value = 0
    for (let scale = 1; scale < 2 ** 53; scale *= 128) {
      const next = byte()
      value += (next & 127) * scale
      if (next < 128) {
        if (value > Number.MAX_SAFE_INTEGER) break
        return value
      }
    }
    throw new BrokenChunk('a number is too large')
  }
  return {
    bytes,
    view,
    /** Passes over so many bytes; returns where they begin. */
    pass,
    take: (size: number): Uint8Array => {
      const start = pass(size)
      return bytes.subarray(start, at)
    },
    byte,
    varint,
    signed: (): number => unzigzag(varint()),
    double: (): number => {
      return view.getFloat64(pass(8))
    },
    left: (): number => end - at,
  }
}
