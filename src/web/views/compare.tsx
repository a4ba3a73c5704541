import { useMemo } from 'preact/hooks'
import { findMetric, METRICS } from '../../catalog/catalog.ts'
import type { Metric, Unit } from '../../catalog/metric.ts'
import type { CompareAnswer } from '../../api/history-schemas.ts'
import { ask, urlOf } from '../api.ts'
import { useBaseline, type Baseline } from '../baseline.ts'
import { withGaps, type Columns } from '../chart/columns.ts'
import { ChartFigure } from '../chart/figure.tsx'
import { lineColour } from '../chart/theme.ts'
import { format, localTime, utcTime } from '../format.ts'
import { useHost } from '../hosts.ts'
import { stepOf, windowOf } from '../interval.ts'
import { mainPanel, panelsOf, pushedPanels, unitOf, type Line, type Panel } from '../lines.ts'
import { useLoaded } from '../load.ts'
import { go, usePlace, type Place } from '../place.ts'
import { isoOf, secondsOf } from '../range.ts'
import { MetricPicker } from '../ui/metric-picker.tsx'
import { TimeField } from '../ui/range-picker.tsx'

type Field = CompareAnswer['summary']['fields'][string]

/** The periods that the API knows by name, in the order of their lengths. */
const PERIODS = [
  { id: 'hour', title: 'Last hour' },
  { id: 'day', title: 'Last day' },
  { id: 'week', title: 'Last week' },
] as const satisfies readonly { id: CompareAnswer['period']; title: string }[]
const AGAINST = [
  { id: 'yesterday', title: 'a day before' },
  { id: 'last_week', title: 'a week before' },
] as const satisfies readonly { id: CompareAnswer['compare_to']; title: string }[]

const MOST_POINTS = 10_000
const DAY = 86_400

/** Two periods of equal length: named ones that end now, or any. */
type Question =
  | { readonly kind: 'named'; readonly period: string; readonly against: string }
  | { readonly kind: 'free'; readonly from: number; readonly to: number; readonly base: number }

const questionOf = (place: Place): Question => {
  const from = secondsOf(place.get('from'))
  const to = secondsOf(place.get('to'))
  if (from !== undefined && to !== undefined && from < to)
    return { kind: 'free', from, to, base: secondsOf(place.get('base')) ?? from - DAY }
  return {
    kind: 'named',
    period: place.get('period') ?? 'hour',
    against: place.get('against') ?? 'yesterday',
  }
}

const parametersOf = (question: Question) =>
  question.kind === 'named'
    ? { period: question.period, compare_to: question.against }
    : {
        start_time_1: isoOf(question.from),
        end_time_1: isoOf(question.to),
        start_time_2: isoOf(question.base),
        end_time_2: isoOf(question.base + question.to - question.from),
      }

const goNamed = (period: string, against: string): void =>
  go({ period, against, from: null, to: null, base: null })

const goFree = (from: number, to: number, base: number): void =>
  go({ from: isoOf(from), to: isoOf(to), base: isoOf(base), period: null, against: null })

/** One period against another: how much of what has changed, and whether it is more than chance. */
export const Compare = () => {
  const place = usePlace()
  const host = useHost()
  const name = place.get('metric')?.split(',')[0] ?? METRICS[0].name
  const question = questionOf(place)
  const query = { metric_type: name, ...parametersOf(question), limit: MOST_POINTS, host }
  const { value, error, isLoading } = useLoaded(JSON.stringify(query), (signal) =>
    ask<CompareAnswer>('api/history/compare', { query, signal }),
  )
  return (
    <>
      <div class="controls">
        <MetricPicker chosen={[name]} onToggle={(metric) => go({ metric })} />
      </div>
      <PeriodPicker question={question} answer={value} host={host ?? ''} />
      {error !== undefined && (
        <p class="error" role="alert">
          {error}
        </p>
      )}
      {value !== undefined && (
        <div class="stack" aria-busy={isLoading}>
          <Answer
            answer={value}
            csv={urlOf('api/history/compare', { ...query, format: 'csv' }).href}
          />
        </div>
      )}
    </>
  )
}

type PickerProps = {
  readonly question: Question
  readonly answer: CompareAnswer | undefined
  readonly host: string
}

const spanOf = ({ start_time, end_time }: CompareAnswer['current']): readonly [number, number] => [
  Date.parse(start_time) / 1000,
  Date.parse(end_time) / 1000,
]

const PeriodPicker = ({ question, answer, host }: PickerProps) => {
  const { baseline, pin, unpin } = useBaseline()
  const named = question.kind === 'named' ? question : undefined
  const [from, to] = answer === undefined ? [0, 0] : spanOf(answer.current)
  const [base] = answer === undefined ? [0] : spanOf(answer.comparison)
  return (
    <div class="controls">
      <div class="group" role="group" aria-label="Period">
        {PERIODS.map(({ id, title }) => (
          <button
            key={id}
            type="button"
            aria-pressed={named?.period === id}
            onClick={() => goNamed(id, named?.against ?? 'yesterday')}
          >
            {title}
          </button>
        ))}
      </div>
      <div class="group" role="group" aria-label="Against">
        {AGAINST.map(({ id, title }) => (
          <button
            key={id}
            type="button"
            aria-pressed={named?.against === id}
            onClick={() => goNamed(named?.period ?? 'hour', id)}
          >
            {title}
          </button>
        ))}
      </div>
      {answer !== undefined && (
        <>
          <TimeField
            label="From"
            value={from}
            onChange={(at) => goFree(at, Math.max(to, at + 60), base)}
          />
          <TimeField
            label="To"
            value={to}
            onChange={(at) => goFree(Math.min(from, at - 60), at, base)}
          />
          <TimeField
            label="Against the same length from"
            value={base}
            onChange={(at) => goFree(from, to, at)}
          />
          <button type="button" onClick={() => pin({ host, from, to })}>
            Pin this period as the baseline
          </button>
        </>
      )}
      {baseline !== undefined && <Pinned baseline={baseline} host={host} unpin={unpin} />}
    </div>
  )
}

type PinnedProps = {
  readonly baseline: Baseline
  readonly host: string
  readonly unpin: () => void
}

const Pinned = ({ baseline, host, unpin }: PinnedProps) => {
  const { from, to } = baseline
  const compare = () => {
    const now = Math.floor(Date.now() / 1000)
    goFree(now - (to - from), now, from)
  }
  return (
    <p class="hint">
      Baseline: {localTime(from * 1000)} to {localTime(to * 1000)}
      {baseline.host === host ? '' : ' of another host'}{' '}
      <button type="button" onClick={compare}>
        Compare now with it
      </button>{' '}
      <button type="button" class="link" onClick={unpin}>
        Unpin
      </button>
    </p>
  )
}

const Answer = ({ answer, csv }: { readonly answer: CompareAnswer; readonly csv: string }) => {
  const metric = findMetric(answer.metric_type)
  const panels = useMemo(() => {
    const data = [...answer.current.data_points, ...answer.comparison.data_points].map(
      (point) => point.data,
    )
    if (metric === undefined) return pushedPanels(data)
    return [mainPanel(metric, data), ...panelsOf(metric)]
  }, [answer, metric])
  const [main, ...others] = panels
  return (
    <>
      <section class="card" aria-label="Overview">
        <div class="bar">
          <Headline answer={answer} title={metric?.title ?? answer.metric_type} unit={main?.unit} />
          <a class="button" href={csv} download>
            CSV
          </a>
        </div>
        {main !== undefined && <Pair panel={main} answer={answer} height={220} />}
      </section>
      <Summary answer={answer} metric={metric} />
      {others.length > 0 && (
        <details class="card">
          <summary>All charts of {metric?.title ?? answer.metric_type}</summary>
          <div class="grid charts">
            {others.map((panel) => (
              <div key={panel.id}>
                <Pair panel={panel} answer={answer} height={160} />
              </div>
            ))}
          </div>
        </details>
      )}
    </>
  )
}

const percent = (value: number): string => format('percent', Math.abs(value))

type HeadlineProps = {
  readonly answer: CompareAnswer
  readonly title: string
  readonly unit: Unit | undefined
}

/** The answer in one sentence. */
const Headline = ({ answer, title, unit = 'count' }: HeadlineProps) => {
  const { current_avg, comparison_avg, change_percent } = answer.summary
  const change =
    change_percent === null
      ? 'cannot be compared'
      : change_percent === 0
        ? 'is the same'
        : `is ${percent(change_percent)} ${change_percent > 0 ? 'higher' : 'lower'}`
  const shown = (period: CompareAnswer['current']) =>
    `${localTime(Date.parse(period.start_time))} to ${localTime(Date.parse(period.end_time))}`
  return (
    <div>
      <h2>
        {title} {change}: {format(unit, current_avg)} against {format(unit, comparison_avg)}
      </h2>
      <p class="hint">
        {shown(answer.current)}, against {shown(answer.comparison)}; windows of {answer.interval}
        {answer.current.truncated || answer.comparison.truncated
          ? '; the charts show the first of them only'
          : ''}
      </p>
    </div>
  )
}

type PairProps = {
  readonly panel: Panel
  readonly answer: CompareAnswer
  readonly height: number
}

/** Both periods on one axis, and below what one is more than the other. */
const Pair = ({ panel, answer, height }: PairProps) => {
  const { overlaid, difference, range, shift } = useMemo(
    () => alignedOf(panel, answer),
    [panel, answer],
  )
  const timeText = (at: number) =>
    `${localTime(at * 1000)} | ${localTime((at - shift) * 1000)} (${utcTime(at * 1000)})`
  const shared = { unit: panel.unit, range, timeText, sync: 'compare' } as const
  return (
    <>
      <ChartFigure {...shared} {...overlaid} title={panel.title} height={height} />
      <ChartFigure
        {...shared}
        {...difference}
        title={`${panel.title}: difference`}
        height={Math.round(height * 0.6)}
        empty="No window has a counterpart in the other period."
      />
    </>
  )
}

/**
 * The windows of both periods by their number from the start, so that they meet also where the shift is no multiple of
 * a window. The axis is the current period's.
 */
const alignedOf = (panel: Panel, answer: CompareAnswer) => {
  const window = windowOf(answer)
  const numbered = (period: CompareAnswer['current']) => {
    const first = Math.floor(Date.parse(period.start_time) / 1000 / window)
    return new Map(
      period.data_points.map(({ timestamp, data }) => [
        Math.round(Date.parse(timestamp) / 1000 / window) - first,
        data,
      ]),
    )
  }
  const [current, comparison] = [numbered(answer.current), numbered(answer.comparison)]
  const numbers = [...new Set([...current.keys(), ...comparison.keys()])].toSorted((a, b) => a - b)
  const [from, to] = spanOf(answer.current)
  const first = Math.floor(from / window) * window
  const times = numbers.map((number) => first + number * window)
  const lines = panel.lines([...current.values(), ...comparison.values()])
  const read = (period: typeof current, line: Line) =>
    numbers.map((number) => line.read(period.get(number)))
  const now = lines.map((line) => read(current, line))
  const then = lines.map((line) => read(comparison, line))
  const gapped = (values: Columns['values']) => withGaps({ times, values }, stepOf(answer))
  return {
    range: [from, to] as const,
    shift: from - spanOf(answer.comparison)[0],
    overlaid: {
      lines: [
        ...lines.map(({ label }, place) => ({ label, colour: lineColour(place) })),
        ...lines.map(({ label }, place) => ({
          label: `${label}, before`,
          colour: lineColour(place),
          isDashed: true,
        })),
      ],
      columns: gapped([...now, ...then]),
    },
    difference: {
      lines: lines.map(({ label }) => ({ label })),
      columns: gapped(
        now.map((column, place) =>
          column.map((value, row) => {
            const before = then[place]?.[row] ?? null
            return value === null || before === null ? null : value - before
          }),
        ),
      ),
    },
  }
}

/** What the tests say, the paired one where there is one: it does not mind a daily rhythm. */
const verdictOf = ({ significant, significant_paired }: Field): boolean | null =>
  significant_paired ?? significant

const VERDICTS = new Map<boolean | null, string>([
  [true, 'more than chance'],
  [false, 'not shown'],
  [null, '–'],
])

const signed = (value: number | null): string =>
  value === null ? '–' : `${value > 0 ? '+' : ''}${format('percent', value)}`

type SummaryProps = {
  readonly answer: CompareAnswer
  readonly metric: Metric | undefined
}

/** All fields, what has changed by more than chance first. */
const Summary = ({ answer, metric }: SummaryProps) => {
  const fields = Object.entries(answer.summary.fields)
  const isSure = ([, field]: (typeof fields)[number]) => verdictOf(field) === true
  const rows = [...fields.filter(isSure), ...fields.filter((one) => !isSure(one))]
  return (
    <section class="card" aria-label="Summary">
      <h2>All fields</h2>
      <p class="hint">
        Averages over the whole periods. Effect size: the difference in standard deviations of the
        windows. “Not shown” is not “the same”.
      </p>
      <div class="scroll tall" tabIndex={0} role="region" aria-label="All fields, table">
        <table>
          <thead>
            <tr>
              <th scope="col">Field</th>
              <th scope="col" class="number">
                Current
              </th>
              <th scope="col" class="number">
                Before
              </th>
              <th scope="col" class="number">
                Change
              </th>
              <th scope="col" class="number">
                Effect size
              </th>
              <th scope="col">Difference</th>
            </tr>
          </thead>
          <tbody>
            {rows.map(([name, field]) => {
              const unit = (metric && unitOf(metric, name)) ?? 'count'
              const verdict = verdictOf(field)
              return (
                <tr key={name} class={verdict === true ? 'sure' : ''}>
                  <th scope="row">{name}</th>
                  <td class="number">{format(unit, field.current)}</td>
                  <td class="number">{format(unit, field.comparison)}</td>
                  <td class="number">{signed(field.change_percent)}</td>
                  <td class="number">{format('ratio', field.effect_size)}</td>
                  <td>{VERDICTS.get(verdict)}</td>
                </tr>
              )
            })}
          </tbody>
        </table>
      </div>
    </section>
  )
}
