import { toIso } from '../points/instant.ts'
import type { CompareQuestion } from './compare-question.ts'
import { toCsv } from './csv.ts'
import { dataPoints, writeDataPoints } from './data-points.ts'
import type { Answered, HistoryDeps } from './deps.ts'
import { gather, refuseAbove } from './gather.ts'
import type { CompareAnswer, PeriodAnswer } from './history.ts'
import { INTERVAL_MS } from './interval.ts'
import { createByteWriter, type ByteWriter } from './json/byte-writer.ts'
import type { Period } from './parameters.ts'
import { possibleWindows, windowsOf } from './plan.ts'
import { prepare } from './prepare.ts'
import { showTables, type ShownTable } from './shown-table.ts'
import { summarise } from './summary.ts'
import { firstWindows, type Table } from './table.ts'

/**
 * Two periods of a metric side by side, at one interval, and what differs. Rejects with an AppError: `invalid` for an
 * unknown metric or more values than allowed, `not-found` for an unknown host.
 */
export const compare = async (
  question: CompareQuestion,
  deps: HistoryDeps,
): Promise<Answered<CompareAnswer>> => {
  const { metricType, limit, current, comparison } = question
  const prepared = await prepare(question, [current, comparison], deps)
  const { subject, source, coverage, interval, unlimited, valuesAWindow } = prepared
  const tablesOf = (windowMs: number): Promise<readonly [Table, Table]> => {
    const possible = possibleWindows(current, windowMs) + possibleWindows(comparison, windowMs)
    refuseAbove(deps.maxValues, possible * valuesAWindow)
    const tableOf = (period: Period) =>
      gather(
        {
          source,
          coverage,
          windows: windowsOf(period, windowMs),
          windowMs,
          beside: ['n'],
          enough: possible,
          valuesAWindow,
        },
        deps,
      )
    return Promise.all([tableOf(current), tableOf(comparison)])
  }
  // A limit is for the points that are shown: the finer windows that it leaves no room for are what is compared.
  const windowMs = INTERVAL_MS[unlimited]
  const compared = await tablesOf(windowMs)
  const [now, then] = interval === unlimited ? compared : await tablesOf(INTERVAL_MS[interval])
  const head = {
    metric_type: metricType,
    period: question.period,
    compare_to: question.compareTo,
    interval,
    sampling_interval_seconds: deps.samplingIntervalMs() / 1000,
  }
  const show = showTables(subject, [now, then], false)
  const shownOf = (period: Period, table: Table): ShownPeriod => {
    const shown = show(firstWindows(table, limit))
    return {
      shown,
      head: {
        start_time: toIso(period.start),
        end_time: toIso(period.end),
        count: shown.at.length,
        truncated: table.at.length > limit,
      },
    }
  }
  const shown = { current: shownOf(current, now), comparison: shownOf(comparison, then) }
  const summary = summarise(
    subject,
    [
      { period: current, table: compared[0] },
      { period: comparison, table: compared[1] },
    ],
    windowMs,
    deps.clock.now(),
  )
  return {
    value: () => ({
      ...head,
      current: periodValue(shown.current),
      comparison: periodValue(shown.comparison),
      summary,
    }),
    json: () => {
      const writer = createByteWriter()
      writer.text(`${JSON.stringify(head).slice(0, -1)},"current":`)
      writePeriod(writer, shown.current)
      writer.text(',"comparison":')
      writePeriod(writer, shown.comparison)
      writer.text(`,"summary":${JSON.stringify(summary)}}`)
      return writer.done()
    },
    csv: () =>
      toCsv(
        ['period'],
        [
          { table: shown.current.shown, before: ['current'] },
          { table: shown.comparison.shown, before: ['comparison'] },
        ],
      ),
  }
}

type ShownPeriod = {
  readonly head: Omit<PeriodAnswer, 'data_points'>
  readonly shown: ShownTable
}

const periodValue = ({ head, shown }: ShownPeriod): PeriodAnswer => ({
  ...head,
  data_points: dataPoints(shown),
})

const writePeriod = (writer: ByteWriter, { head, shown }: ShownPeriod): void => {
  writer.text(`${JSON.stringify(head).slice(0, -1)},"data_points":`)
  writeDataPoints(writer, shown)
  writer.text('}')
}
