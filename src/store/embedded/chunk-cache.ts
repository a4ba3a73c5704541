import { crc32 } from 'node:zlib'
import type { Column } from '../range-query.ts'
import { openChunk, type OpenChunk } from './codec/chunk.ts'

/** Opens the chunk of a row; what it decoded is kept and may be shared, so nobody writes into it. */
export type OpenBlobs = (id: number, main: Uint8Array, spread: Uint8Array | null) => OpenChunk

/** What was decoded, of which blobs, and the bytes that it takes. */
type Entry = {
  readonly chunk: OpenChunk
  readonly size: number
  readonly sum: number
  bytes: number
}

/** About twenty questions for a month of a 64-core machine. */
const MOST_BYTES = 24 << 20

/**
 * Remembers decoded chunks: a chart is asked for again and again, and inflating and decoding is most of its price.
 * A chunk is known by its row and the checksum of its blobs, so nothing has to be told when one is written anew.
 */
export const createChunkCache = (mostBytes: number = MOST_BYTES): OpenBlobs => {
  // by row, with and without its spread, in the order of their last use
  const entries = new Map<number, Entry>()
  let bytes = 0

  const grow = (entry: Entry, by: number) => {
    entry.bytes += by
    bytes += by
  }
  const trim = () => {
    for (const [key, entry] of entries) {
      if (bytes <= mostBytes || entries.size === 1) return
      entries.delete(key)
      bytes -= entry.bytes
    }
  }

  return (id, main, spread) => {
    const key = spread === null ? id * 2 : id * 2 + 1
    const size = main.length + (spread?.length ?? 0)
    const sum = spread === null ? crc32(main) : crc32(spread, crc32(main))
    const known = entries.get(key)
    if (known !== undefined) {
      entries.delete(key)
      if (known.size === size && known.sum === sum) {
        entries.set(key, known)
        return known.chunk
      }
      bytes -= known.bytes
    }
    const opened = openChunk(main, spread)
    const columns = new Map<number, Column | undefined>()
    const entry: Entry = {
      chunk: {
        at: opened.at,
        fields: opened.fields,
        column: (position) => {
          if (columns.has(position)) return columns.get(position)
          const column = opened.column(position)
          columns.set(position, column)
          if (entries.get(key) === entry) {
            grow(entry, sizeOf(column))
            trim()
          }
          return column
        },
      },
      size,
      sum,
      bytes: 0,
    }
    entries.set(key, entry)
    // the inflated blob stays for the columns that were not asked for yet
    grow(entry, opened.at.byteLength + 4 * size)
    trim()
    return entry.chunk
  }
}

const sizeOf = (column: Column | undefined): number =>
  column === undefined
    ? 0
    : [column.value, column.min, column.max, column.n].reduce(
        (sum, part) => sum + (part?.byteLength ?? 0),
        0,
      )
