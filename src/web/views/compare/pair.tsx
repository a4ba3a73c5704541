import { useMemo } from 'preact/hooks'
import type { CompareAnswer } from '../../../api/history-schemas.ts'
import { withGaps, type Columns } from '../../chart/columns.ts'
import { ChartFigure } from '../../chart/figure.tsx'
import { lineColour } from '../../chart/theme.ts'
import { localTime, utcTime } from '../../format.ts'
import { stepOf, windowOf } from '../../interval.ts'
import type { Line, Panel } from '../../lines.ts'
import { spanOf } from './question.ts'

type PairProps = {
  readonly panel: Panel
  readonly answer: CompareAnswer
  readonly height: number
}

/** Both periods on one axis, and below what one is more than the other. */
export const Pair = ({ panel, answer, height }: PairProps) => {
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
