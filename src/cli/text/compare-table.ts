import type { CompareAnswer, FieldComparison, PeriodAnswer } from '../../history/history.ts'
import { columnsOf, marksOf } from '../ask/columns.ts'
import { isPerThing, unitOf } from '../ask/places.ts'
import { moreThanChance } from '../more-than-chance.ts'
import type { Colours, Terminal } from '../terminal.ts'
import { PER_THING_ROWS } from './range-table.ts'
import { sparkline, type Mark } from './sparkline.ts'
import { printable, table, type Cell } from './table.ts'
import { formatChange, formatValue, NOTHING } from './value.ts'
import { sparkWidth, tableWidth } from './widths.ts'
import { formatPeriod, sparkRange } from './when.ts'

const SPARK = { least: 10, most: 30 } as const

type What = { readonly all: boolean; readonly host: string | undefined }

/** The answer to `compare` for a person: both periods, then a row per field, the sparklines on one scale. */
export const compareTable = (
  answer: CompareAnswer,
  fields: readonly string[],
  { colours, size }: Pick<Terminal, 'colours' | 'size'>,
  { all, host }: What,
): string => {
  const metric = answer.metric_type
  const perThing = fields.filter((name) => isPerThing(metric, name)).length
  const shown =
    all || perThing <= PER_THING_ROWS ? fields : fields.filter((name) => !isPerThing(metric, name))
  const figures = shown.map((name) => figuresOf(answer, name))
  const width = sparkWidth(
    size().columns,
    tableWidth(
      HEADS.slice(0, -2).map(({ head }) => head),
      figures,
    ),
    2,
    SPARK,
  )
  const before = columnsOf(metric, answer.comparison.data_points)
  const now = columnsOf(metric, answer.current.data_points)
  const rows = shown.map((name, index): readonly Cell[] => [
    ...(figures[index] ?? []).map((text, column) =>
      column === CHANGE ? { text, style: changeStyle(answer.summary.fields[name], colours) } : text,
    ),
    ...pair(marksOf(before, name), marksOf(now, name), answer, width).map((text) => ({
      text,
      style: colours.cyan,
    })),
  ])
  const rest =
    shown.length === fields.length
      ? []
      : [
          `${fields.length - shown.length} fields per core, interface or mount are not shown: name them with --fields.`,
        ]
  return [
    headOf(answer, colours, host),
    ...(answer.current.count + answer.comparison.count === 0
      ? ['Nothing was recorded in these periods.']
      : [table(HEADS, rows, colours.dim)]),
    ...rest,
  ].join('\n\n')
}

const HEADS = [
  { head: 'field' },
  { head: 'before', align: 'right' },
  { head: 'now', align: 'right' },
  { head: 'change', align: 'right' },
  { head: 'effect', align: 'right' },
  { head: 'significant' },
  { head: 'before' },
  { head: 'now' },
] as const

const CHANGE = HEADS.findIndex(({ head }) => head === 'change')

const figuresOf = (answer: CompareAnswer, name: string): readonly string[] => {
  const one = answer.summary.fields[name]
  const unit = unitOf(answer.metric_type, name)
  return [
    name,
    formatValue(one?.comparison, unit),
    formatValue(one?.current, unit),
    formatChange(one?.change_percent ?? null),
    formatValue(one?.effect_size, 'ratio'),
    significanceOf(one),
  ]
}

const headOf = (answer: CompareAnswer, colours: Colours, host: string | undefined): string => {
  const { current, comparison, summary, interval } = answer
  const of = host === undefined ? '' : ` of ${printable(host)}`
  return [
    `${colours.bold(printable(answer.metric_type))}${of} · windows of ${interval}`,
    `  now     ${formatPeriod(current.start_time, current.end_time)} · ${current.count} windows`,
    `  before  ${formatPeriod(comparison.start_time, comparison.end_time)} · ${comparison.count} windows`,
    `  in all  ${formatChange(summary.change_percent)} of the primary value`,
  ].join('\n')
}

// on one scale: two lines that are each scaled for themselves look alike whatever happened
const pair = (
  before: readonly Mark[],
  now: readonly Mark[],
  answer: CompareAnswer,
  width: number,
): readonly [string, string] => {
  const values = [...before, ...now].map((mark) => mark.value).filter((value) => value !== null)
  const scale = values.length === 0 ? undefined : { min: least(values), max: most(values) }
  const line = (marks: readonly Mark[], period: PeriodAnswer) =>
    sparkline(marks, sparkRange(period, answer), width, scale)
  return [line(before, answer.comparison), line(now, answer.current)]
}

const least = (values: readonly number[]): number =>
  values.reduce((a, b) => Math.min(a, b), Infinity)
const most = (values: readonly number[]): number =>
  values.reduce((a, b) => Math.max(a, b), -Infinity)

const significanceOf = (one: FieldComparison | undefined): string => {
  const verdict = one === undefined ? null : moreThanChance(one)
  return verdict === null ? NOTHING : verdict ? 'yes' : 'no'
}

// more is not worse for every field, so a change that counts is only set off, not called good or bad
const changeStyle = (one: FieldComparison | undefined, colours: Colours) =>
  one !== undefined && moreThanChance(one) === true
    ? (text: string) => colours.bold(colours.yellow(text))
    : colours.dim
