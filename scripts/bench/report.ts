import type { BenchRow } from './bench.ts'

const HEAD = ['figure', 'measured', 'target', 'ok'] as const

/** The rows as one table for a person, with how each figure was measured under it. */
export const report = (rows: readonly BenchRow[]): string => {
  const lines = [
    HEAD,
    ...rows.map((row) => [row.figure, row.measured, row.target, row.ok ? 'yes' : 'NO']),
  ]
  const widths = HEAD.map((_, column) =>
    Math.max(...lines.map((cells) => cells[column]?.length ?? 0)),
  )
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd()
  return [...lines.map(line), '', ...methods(rows)].join('\n')
}

/** Figures that were measured by one method stand together. */
const methods = (rows: readonly BenchRow[]): readonly string[] => {
  const figures = new Map<string, string[]>()
  for (const { figure, method } of rows)
    figures.set(method, [...(figures.get(method) ?? []), figure])
  return [...figures].map(([method, names]) => `${names.join(' · ')}: ${method}`)
}
