import type { Template } from '../points/column-layout.ts'
import { instant, toIso } from '../points/instant.ts'
import type { ShownTable } from './shown-table.ts'

/** Cells that a spreadsheet would take for a formula. */
const FORMULA = /^[=+\-@\t\r]/
const QUOTED = /[",\r\n]/

/** A text as a CSV cell (RFC 4180), made harmless for spreadsheets by a leading apostrophe where it looks like a formula. */
export const textCell = (text: string): string => {
  const safe = FORMULA.test(text) ? `'${text}` : text
  return QUOTED.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

/** A number as it is; NaN is an empty cell. */
export const numberCell = (value: number): string => (Number.isNaN(value) ? '' : String(value))

const line = (cells: readonly string[]): string => `${cells.join(',')}\r\n`

type Leaf = { readonly name: string; readonly column: number }

/** Every value of the JSON with its path as the column's name: `usage_percent`, `per_core.0`, `interfaces.eth0.drops_in`. */
const leavesOf = (template: Template, path: readonly string[]): readonly Leaf[] => {
  switch (template.kind) {
    case 'literal':
      return []
    case 'value':
      return [{ name: path.join('.'), column: template.column }]
    case 'quantity':
      return [{ name: [...path, 'value'].join('.'), column: template.column }]
    case 'object':
      return template.entries.flatMap(({ key, node }) => leavesOf(node, [...path, key]))
    case 'array':
      return template.items.flatMap(({ node, label }, index) =>
        leavesOf(node, [...path, label ?? String(index)]),
      )
  }
}

export type CsvPart = {
  readonly table: ShownTable
  /** Cells before the timestamp: which period it is. */
  readonly before: readonly string[]
}

/**
 * Tables of one template as CSV, flattened: a line per window. Extremes are columns named `min.…` and `max.…`.
 * `before` names the columns before the timestamp.
 */
export const toCsv = (before: readonly string[], parts: readonly CsvPart[]): string => {
  const first = parts[0]?.table
  const leaves = first === undefined ? [] : leavesOf(first.template, [])
  const columnsOf = ({ values, min, max }: ShownTable) => [
    ...leaves.map(({ name, column }) => ({ name, column: values[column] })),
    ...(min === undefined
      ? []
      : leaves.map(({ name, column }) => ({ name: `min.${name}`, column: min[column] }))),
    ...(max === undefined
      ? []
      : leaves.map(({ name, column }) => ({ name: `max.${name}`, column: max[column] }))),
  ]
  const names = first === undefined ? [] : columnsOf(first).map(({ name }) => name)
  const lines = [line([...before, 'timestamp', ...names].map(textCell))]
  for (const part of parts) {
    const columns = columnsOf(part.table).map(({ column }) => column)
    part.table.at.forEach((at, row) => {
      const cells = columns.map((column) => numberCell(column?.[row] ?? Number.NaN))
      lines.push(line([...part.before.map(textCell), toIso(instant(at)), ...cells]))
    })
  }
  return lines.join('')
}
