import { layoutTag, type Series } from '../../catalog/metric.ts'
import type { Row } from '../../points/sample.ts'
import { table } from './table.ts'
import { formatValue } from './value.ts'
import { tableWidth } from './widths.ts'

type Grid = { readonly heads: readonly string[]; readonly rows: readonly (readonly string[])[] }

/**
 * Rows of a series that has one per core, interface, device or mount. A line per thing where that fits into the width, else a
 * line per field, in as many blocks as the things need.
 */
export const thingLines = (
  series: Series,
  rows: readonly Row[],
  width: number,
  style: (text: string) => string,
): readonly string[] => {
  const tag = layoutTag(series.layout) ?? ''
  const fields = Object.entries(series.fields)
  const values = rows.map((row) =>
    fields.map(([name, { unit }]) => formatValue(row.fields[name], unit)),
  )
  const keys = rows.map((row) => row.key ?? '')
  const byThing: Grid = {
    heads: [tag, ...fields.map(([name]) => name)],
    rows: keys.map((key, index) => [key, ...(values[index] ?? [])]),
  }
  if (widthOf(byThing) <= width) return draw(byThing, style)
  const names = fields.map(([name]) => name)
  return blocks(names, keys, values, width).flatMap((grid) =>
    draw({ ...grid, heads: [tag, ...grid.heads.slice(1)] }, style),
  )
}

/** A line per field; as many things side by side as fit, at least one. */
const blocks = (
  names: readonly string[],
  keys: readonly string[],
  values: readonly (readonly string[])[],
  width: number,
): readonly Grid[] => {
  const grids: Grid[] = []
  let begin = 0
  while (begin < keys.length) {
    let end = begin + 1
    let grid = gridOf(names, keys, values, begin, end)
    while (end < keys.length) {
      const wider = gridOf(names, keys, values, begin, end + 1)
      if (widthOf(wider) > width) break
      grid = wider
      end += 1
    }
    grids.push(grid)
    begin = end
  }
  return grids
}

const gridOf = (
  names: readonly string[],
  keys: readonly string[],
  values: readonly (readonly string[])[],
  begin: number,
  end: number,
): Grid => ({
  heads: ['', ...keys.slice(begin, end)],
  rows: names.map((name, field) => [
    name,
    ...values.slice(begin, end).map((row) => row[field] ?? ''),
  ]),
})

const draw = (grid: Grid, style: (text: string) => string): readonly string[] =>
  table(
    grid.heads.map((head, index) => ({ head, align: index === 0 ? 'left' : 'right' })),
    grid.rows,
    style,
  ).split('\n')

const widthOf = ({ heads, rows }: Grid): number => tableWidth(heads, rows)
