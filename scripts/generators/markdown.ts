/** A Markdown table; a `|` in a cell is text. */
export const table = (
  head: readonly string[],
  rows: readonly (readonly string[])[],
): readonly string[] => [line(head), line(head.map(() => '---')), ...rows.map(line)]

const line = (cells: readonly string[]) =>
  `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`

export const code = (text: string): string => `\`${text}\``

/** The first line of a generated page. */
export const madeFrom = (source: string): string =>
  `<!-- Made by scripts/generate.ts from ${source}; change that and run \`npm run generate\`. -->`
