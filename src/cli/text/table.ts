import Table from 'cli-table3'

export type TableColumn = { readonly head: string; readonly align?: 'left' | 'right' }
/** A text, or one with how it is to be coloured; the width is that of the text. */
export type Cell = string | { readonly text: string; readonly style: (text: string) => string }

const NO_BORDER = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '  ',
} as const

/** Plain columns without lines, so that a result can be cut with `awk` and read aloud. */
export const table = (
  columns: readonly TableColumn[],
  rows: readonly (readonly Cell[])[],
  styleHead: (text: string) => string = (text) => text,
): string => {
  const made = new Table({
    head: columns.map(({ head }) => styleHead(printable(head))),
    colAligns: columns.map(({ align }) => align ?? 'left'),
    chars: NO_BORDER,
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [] },
  })
  for (const row of rows) made.push(row.map(content))
  return made
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
}

const content = (cell: Cell): string =>
  typeof cell === 'string' ? printable(cell) : cell.style(printable(cell.text))

/** Names of hosts, mounts and interfaces are not ours: no control character of theirs may reach the terminal. */
export const printable = (text: string): string =>
  // oxlint-disable-next-line no-control-regex
  text.replace(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, '?')
