import type { RangeAnswer } from '../../history/history.ts'
import type { FieldColumn } from '../ask/columns.ts'
import type { Terminal } from '../terminal.ts'
import { sparkline } from './sparkline.ts'
import { printable, table } from './table.ts'
import { sparkWidth, tableWidth } from './widths.ts'
import { formatPeriod, sparkRange } from './when.ts'
import { formatValue } from './value.ts'

/** More rows per core, interface or mount than this are left out unless they were asked for. */
export const PER_THING_ROWS = 24
/** Below this a sparkline says nothing; above it the line runs through the screen. */
const SPARK = { least: 12, most: 60 } as const
const HEADS = ['field', 'last', 'least', 'mean', 'most'] as const

type What = { readonly all: boolean; readonly host: string | undefined }

/** The answer to `query` for a person: what was asked, then a row per field. */
export const rangeTable = (
  answer: RangeAnswer,
  columns: readonly FieldColumn[],
  { colours, size }: Pick<Terminal, 'colours' | 'size'>,
  { all, host }: What,
): string => {
  const of = host === undefined ? '' : ` of ${printable(host)}`
  const title = `${colours.bold(printable(answer.metric_type))}${of} · ${formatPeriod(answer.start_time, answer.end_time)} · ${answer.count} windows of ${answer.interval}`
  if (answer.count === 0) return `${title}\n\nNothing was recorded in this time.`
  const perThing = columns.filter((column) => column.perThing).length
  const shown =
    all || perThing <= PER_THING_ROWS ? columns : columns.filter((column) => !column.perThing)
  const range = sparkRange(answer, answer)
  const figures = shown.map((column) => {
    const { least, mean, most, last } = figuresOf(column)
    return [column.name, ...[last, least, mean, most].map((one) => formatValue(one, column.unit))]
  })
  const width = sparkWidth(size().columns, tableWidth(HEADS, figures), 1, SPARK)
  const text = table(
    [
      ...HEADS.map((head) => ({
        head,
        align: head === 'field' ? ('left' as const) : ('right' as const),
      })),
      { head: 'over time' },
    ],
    figures.map((row, index) => [
      ...row,
      { text: sparkline(shown[index]?.marks ?? [], range, width), style: colours.cyan },
    ]),
    colours.dim,
  )
  const rest =
    shown.length === columns.length
      ? ''
      : `\n\n${columns.length - shown.length} fields per core, interface or mount are not shown: name them with --fields, such as --fields ${topOf(columns)}.`
  return `${title}\n\n${text}${rest}`
}

const topOf = (columns: readonly FieldColumn[]): string =>
  printable(columns.find((column) => column.perThing)?.name.split('.')[0] ?? '')

/** Of the windows: the mean is over time where every window holds as much, which is all a glance needs. */
const figuresOf = ({ marks }: FieldColumn) => {
  const values = marks.map((mark) => mark.value).filter((value) => value !== null)
  if (values.length === 0) return { least: null, mean: null, most: null, last: null }
  let least = Infinity
  let most = -Infinity
  let sum = 0
  for (const value of values) {
    least = Math.min(least, value)
    most = Math.max(most, value)
    sum += value
  }
  return { least, mean: sum / values.length, most, last: marks.at(-1)?.value ?? null }
}
