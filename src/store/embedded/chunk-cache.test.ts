import { describe, expect, it } from 'vitest'
import { createChunkCache } from './chunk-cache.ts'
import { encodeChunk } from './codec/encode-chunk.ts'

const blobsOf = (first: number, rows = 100) =>
  encodeChunk({
    at: Float64Array.from({ length: rows }, (_, row) => row * 1_000),
    columns: [{ value: Float64Array.from({ length: rows }, (_, row) => first + row) }],
  })

describe('decoded chunks', () => {
  it('are remembered, and decoded anew when the row holds other bytes', () => {
    const open = createChunkCache()
    const [one, two] = [blobsOf(1), blobsOf(2)]
    const first = open(7, one.main, null)
    expect(open(7, Uint8Array.from(one.main), null)).toBe(first)
    expect(first.column(0)?.value[0]).toBe(1)
    expect(open(7, two.main, null).column(0)?.value[0]).toBe(2)
    expect(open(8, one.main, null).column(0)?.value[0]).toBe(1)
  })

  it('decode a column once', () => {
    const open = createChunkCache()
    const { main } = blobsOf(1)
    expect(open(1, main, null).column(0)).toBe(open(1, main, null).column(0))
    expect(open(1, main, null).column(9)).toBeUndefined()
  })

  it('are forgotten when they grow beyond the bound, the least used first', () => {
    const open = createChunkCache(4_500)
    const blobs = [blobsOf(0), blobsOf(1_000), blobsOf(2_000)].map(({ main }) => main)
    const ask = (id: number) => {
      const chunk = open(id, blobs[id] ?? new Uint8Array(), null)
      chunk.column(0)
      return chunk
    }
    const [zero, one] = [ask(0), ask(1)]
    expect(ask(0)).toBe(zero)
    ask(2)
    expect(ask(0)).toBe(zero)
    expect(ask(1)).not.toBe(one)
  })

  it('of a damaged row fail as they did without', () => {
    const open = createChunkCache()
    expect(() => open(1, Uint8Array.of(1, 2, 3), null)).toThrow('cannot be inflated')
    expect(() => open(1, Uint8Array.of(1, 2, 3), null)).toThrow('cannot be inflated')
  })
})
