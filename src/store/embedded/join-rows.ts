import type { Folder } from '../fold.ts'
import type { Beside, Column } from '../range-query.ts'
import { companion, holes, type Rows } from '../rows.ts'

/** Takes rows as they come and gives them as one, as a folder gives windows. */
export const createJoiner = (width: number): Folder => {
  const pieces: Rows[] = []
  return {
    add: (rows) => void pieces.push(rows),
    finish: () => joinRows(pieces, width),
  }
}

/** Pieces that follow each other as one; `width`: how many columns they have. */
export const joinRows = (pieces: readonly Rows[], width: number): Rows => {
  const [only] = pieces
  if (pieces.length === 1 && only !== undefined) return only
  const length = pieces.reduce((sum, piece) => sum + piece.at.length, 0)
  const at = new Float64Array(length)
  let row = 0
  for (const piece of pieces) {
    at.set(piece.at, row)
    row += piece.at.length
  }
  const columns = Array.from({ length: width }, (_, i) => joinedColumn(pieces, i, length))
  return { at, columns }
}

const joinedColumn = (pieces: readonly Rows[], i: number, length: number): Column | undefined => {
  const has = (part: Beside | 'value') =>
    pieces.some((piece) => piece.columns[i]?.[part] !== undefined)
  if (!has('value')) return undefined
  const isWhole = pieces.every((piece) => piece.columns[i] !== undefined)
  const join = (part: Beside | 'value') => {
    const all = isWhole ? new Float64Array(length) : holes(length)
    let row = 0
    for (const piece of pieces) {
      const column = piece.columns[i]
      if (column !== undefined) all.set(column[part] ?? companion(column.value, part), row)
      row += piece.at.length
    }
    return all
  }
  return {
    value: join('value'),
    ...(has('min') ? { min: join('min') } : {}),
    ...(has('max') ? { max: join('max') } : {}),
    ...(has('n') ? { n: join('n') } : {}),
  }
}
