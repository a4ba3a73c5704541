/** Two spaces between columns, as `table` draws them. */
const BETWEEN = 2

/** How wide a table will be, in characters. */
export const tableWidth = (
  heads: readonly string[],
  rows: readonly (readonly string[])[],
): number =>
  heads.reduce(
    (sum, head, column) =>
      sum +
      Math.max(head.length, ...rows.map((row) => row[column]?.length ?? 0)) +
      (column === 0 ? 0 : BETWEEN),
    0,
  )

/** What is left of the screen for `count` sparklines beside columns of `taken` characters, each within its bounds. */
export const sparkWidth = (
  columns: number,
  taken: number,
  count: number,
  { least, most }: { readonly least: number; readonly most: number },
): number =>
  Math.max(least, Math.min(most, Math.floor((columns - taken - BETWEEN * count) / count)))
