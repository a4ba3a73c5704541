/**
 * What a hot row holds for one field of one series: a value; `[mean, min, max, n]` of a rolled-up mean; null or
 * nothing: no value.
 */
export type Cell = number | readonly [mean: number, min: number, max: number, n: number] | null
/** The fields of one series by position. */
export type Cells = (Cell | undefined)[]
/** The series of one block at one instant, by series id. */
export type BlockCells = Map<number, Cells>

/** Puts the values of `newer` over `older`; a field without a value keeps the one it had. */
export const mergeCells = (older: Cells, newer: Cells): Cells => {
  const merged = older.slice()
  for (let position = 0; position < newer.length; position++) {
    const cell = newer[position]
    if (cell !== null && cell !== undefined) merged[position] = cell
  }
  return merged
}

export const mergeBlocks = (older: BlockCells, newer: BlockCells): BlockCells => {
  const merged = new Map(older)
  for (const [series, cells] of newer) {
    const before = merged.get(series)
    merged.set(series, before === undefined ? cells : mergeCells(before, cells))
  }
  return merged
}

/** The JSON of a hot row. By hand, because JSON.stringify turns -0 into 0. */
export const blockText = (block: BlockCells): string => {
  let text = ''
  for (const [series, cells] of block) {
    text += text === '' ? `{"${series}":[` : `,"${series}":[`
    for (let position = 0; position < cells.length; position++) {
      if (position > 0) text += ','
      text += cellText(cells[position])
    }
    text += ']'
  }
  return text === '' ? '{}' : `${text}}`
}

const cellText = (cell: Cell | undefined): string => {
  if (typeof cell === 'number') return numberText(cell)
  if (cell === null || cell === undefined) return 'null'
  return `[${numberText(cell[0])},${numberText(cell[1])},${numberText(cell[2])},${cell[3]}]`
}

const numberText = (value: number): string => (Object.is(value, -0) ? '-0' : `${value}`)

/** The series of a hot row by their id, as the file holds them. */
export type ParsedBlock = Readonly<Record<string, Cells>>
export const parseBlock = (text: string): ParsedBlock => JSON.parse(text) as ParsedBlock

export const blockOf = (parsed: ParsedBlock): BlockCells => {
  const block: BlockCells = new Map()
  for (const series in parsed) {
    const cells = parsed[series]
    if (cells !== undefined) block.set(Number(series), cells)
  }
  return block
}
