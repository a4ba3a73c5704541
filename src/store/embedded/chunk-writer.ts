import type { Rows } from '../rows.ts'
import { openChunk } from './codec/chunk.ts'
import { mainSteps, spreadSteps } from './codec/encode-chunk.ts'
import { blobAt, blobOrNullAt, numberAt, type Sql } from './database.ts'
import { paced, type Pace } from './pace.ts'
import { chunkRows, overlay, sliceRows } from './rows.ts'
import { brokenChunk } from './series-reader.ts'
import type { Stock, Stocks } from './stocks.ts'

/** A chunk has at most so many rows; a series with more in one span gets several. */
const ROWS_PER_CHUNK = 2_048
/** So many bytes share a transaction, and so a wait for the disk. */
const BYTES_PER_COMMIT = 64 * 1024

/** A run of rows, encoded. */
type Piece = {
  readonly series: number
  /** The chunk that it replaces; undefined: a new one. */
  readonly id: number | undefined
  readonly t0: number
  readonly t1: number
  readonly n: number
  readonly main: Uint8Array
  readonly spread: Uint8Array | null
}

type Old = { readonly points: number; readonly bytes: number }

/** Writes rows into the chunks of one stock; what `merge` has taken is safe after `commit`. */
export const createChunkWriter = (sql: Sql, stocks: Stocks, stock: Stock) => {
  const { shelf, source } = stock
  let pieces: Piece[] = []
  let bytes = 0
  let old: Old = { points: 0, bytes: 0 }

  const commit = () => {
    if (pieces.length === 0) return
    sql.transaction(() => {
      let points = 0
      for (const { series, id, t0, t1, n, main, spread } of pieces) {
        if (id === undefined) sql.run(INSERT, [shelf.id, source, series, t0, t1, n, main, spread])
        else sql.run(UPDATE, [t0, t1, n, main, spread, id])
        points += n
      }
      stock.points += points - old.points
      stock.bytes += bytes - old.bytes
      stocks.save(stock)
    })
    pieces = []
    bytes = 0
    old = { points: 0, bytes: 0 }
  }

  const encode = async (series: number, id: number | undefined, rows: Rows, pace: Pace) => {
    for (let first = 0; first < rows.at.length; first += ROWS_PER_CHUNK) {
      const [from, to] = [rows.at[first] ?? 0, rows.at[first + ROWS_PER_CHUNK] ?? Infinity]
      const piece = sliceRows(rows, from, to)
      const main = await paced(mainSteps(piece), pace)
      const spread = await paced(spreadSteps(piece), pace)
      const [t0, t1] = [piece.at[0] ?? 0, piece.at.at(-1) ?? 0]
      const replaced = first === 0 ? id : undefined
      pieces.push({ series, id: replaced, t0, t1, n: piece.at.length, main, spread })
      bytes += main.length + (spread?.length ?? 0)
      if (pace.due()) await pace.rest()
    }
    if (bytes < BYTES_PER_COMMIT) return
    commit()
    if (pace.due()) await pace.rest()
  }

  const load = (id: number, positions: readonly number[]): Rows => {
    const row = sql.first('SELECT main, spread FROM chunk WHERE id = ?', [id])
    if (row === undefined) throw new Error(`Chunk ${id} is gone while it is being sealed.`)
    const main = blobAt(row, 0)
    const spread = blobOrNullAt(row, 1)
    try {
      const rows = chunkRows(openChunk(main, spread), positions)
      const size = main.length + (spread?.length ?? 0)
      old = { points: old.points + rows.at.length, bytes: old.bytes + size }
      return rows
    } catch (error) {
      throw brokenChunk(error, id)
    }
  }

  return {
    commit,
    /**
     * Takes rows of one span of a series; the same span only once before `commit`. A row belongs to the last chunk
     * that begins before it, or to the first one.
     */
    merge: async (series: number, positions: readonly number[], fresh: Rows, pace: Pace) => {
      const start = Math.floor((fresh.at[0] ?? 0) / shelf.chunkMs) * shelf.chunkMs
      const chunks = sql
        .all(
          'SELECT id, t0 FROM chunk WHERE tier = ? AND series = ? AND t0 >= ? AND t0 < ? ORDER BY t0',
          [shelf.id, series, start, start + shelf.chunkMs],
        )
        .map((row) => ({ id: numberAt(row, 0), t0: numberAt(row, 1) }))
      if (chunks.length === 0) return encode(series, undefined, fresh, pace)
      for (const [i, { id, t0 }] of chunks.entries()) {
        const mine = sliceRows(fresh, i === 0 ? -Infinity : t0, chunks[i + 1]?.t0 ?? Infinity)
        if (mine.at.length === 0) continue
        const sealed = load(id, positions)
        if (pace.due()) await pace.rest()
        const merged = overlay(sealed, mine)
        if (pace.due()) await pace.rest()
        await encode(series, id, merged, pace)
      }
    },
  }
}

const INSERT =
  'INSERT INTO chunk(tier, grp, series, t0, t1, n, main, spread) VALUES(?, ?, ?, ?, ?, ?, ?, ?)'
const UPDATE = 'UPDATE chunk SET t0 = ?, t1 = ?, n = ?, main = ?, spread = ? WHERE id = ?'
