/** JSON text as bytes, written piece by piece. */
export type ByteWriter = {
  /** Any text, as UTF-8. */
  text(text: string): void
  /** Bytes that `write` puts into the buffer from `at` on, at most `most`; it gives the place after the last. */
  put(most: number, write: (buffer: Uint8Array, at: number) => number): void
  /** Makes room for so many bytes at once: a buffer that grows is copied each time. */
  reserve(bytes: number): void
  /** What was written; nothing may be written after. */
  done(): Uint8Array<ArrayBuffer>
}

const encoder = new TextEncoder()

export const createByteWriter = (capacity = 65_536): ByteWriter => {
  let buffer = new Uint8Array(capacity)
  let length = 0

  const reserve = (bytes: number) => {
    if (length + bytes <= buffer.length) return
    const larger = new Uint8Array(Math.max(length + bytes, buffer.length * 2))
    larger.set(buffer.subarray(0, length))
    buffer = larger
  }

  return {
    text: (text) => {
      const encoded = encoder.encode(text)
      reserve(encoded.length)
      buffer.set(encoded, length)
      length += encoded.length
    },
    put: (most, write) => {
      reserve(most)
      length = write(buffer, length)
    },
    reserve,
    done: () => buffer.subarray(0, length),
  }
}
