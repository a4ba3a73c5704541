import type { CompareAnswer } from '../../../api/history-schemas.ts'
import type { Unit } from '../../../catalog/metric.ts'
import { format, localTime } from '../../format.ts'

const percent = (value: number): string => format('percent', Math.abs(value))

type HeadlineProps = {
  readonly answer: CompareAnswer
  readonly title: string
  readonly unit: Unit | undefined
}

/** The answer in one sentence. */
export const Headline = ({ answer, title, unit = 'count' }: HeadlineProps) => {
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
