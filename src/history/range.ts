import { toIso } from '../points/instant.ts'
import { toCsv } from './csv.ts'
import { dataPoints, writeDataPoints } from './data-points.ts'
import type { Answered, HistoryDeps } from './deps.ts'
import { gather, refuseAbove } from './gather.ts'
import type { RangeAnswer } from './history.ts'
import { INTERVAL_MS } from './interval.ts'
import { createByteWriter } from './json/byte-writer.ts'
import { possibleWindows, windowsOf } from './plan.ts'
import { prepare } from './prepare.ts'
import type { RangeQuestion } from './range-question.ts'
import { showTables } from './shown-table.ts'
import { firstWindows } from './table.ts'

/**
 * The windows of a metric in a range. Rejects with an AppError: `invalid` for an unknown metric or more values than
 * allowed, `not-found` for an unknown host.
 */
export const range = async (
  question: RangeQuestion,
  deps: HistoryDeps,
): Promise<Answered<RangeAnswer>> => {
  const { metricType, start, end, limit, stats } = question
  const { subject, source, coverage, interval, valuesAWindow } = await prepare(
    question,
    [question],
    deps,
  )
  const windowMs = INTERVAL_MS[interval]
  refuseAbove(deps.maxValues, Math.min(possibleWindows(question, windowMs), limit) * valuesAWindow)
  const windows = windowsOf(question, windowMs)
  const beside = stats ? (['min', 'max'] as const) : []
  const found = await gather(
    { source, coverage, windows, windowMs, beside, enough: limit, valuesAWindow },
    deps,
  )
  const table = firstWindows(found, limit)
  const shown = showTables(subject, [table], stats)(table)
  const head = {
    metric_type: metricType,
    start_time: toIso(start),
    end_time: toIso(end),
    interval,
    sampling_interval_seconds: deps.samplingIntervalMs() / 1000,
    count: table.at.length,
    truncated: found.at.length > limit,
  }
  return {
    value: () => ({ ...head, data_points: dataPoints(shown) }),
    json: () => {
      const writer = createByteWriter()
      writer.text(`${JSON.stringify(head).slice(0, -1)},"data_points":`)
      writeDataPoints(writer, shown)
      writer.text('}')
      return writer.done()
    },
    csv: () => toCsv([], [{ table: shown, before: [] }]),
  }
}
