import { unitOf } from '../ask/places.ts'
import type { Verdict } from '../fail-if.ts'
import type { Colours } from '../terminal.ts'
import { printable } from './table.ts'
import { formatChange, formatValue } from './value.ts'

/** What became of a `--fail-if` condition, in one line. */
export const verdictLine = (verdict: Verdict, metric: string, colours: Colours): string => {
  const { condition, kind } = verdict
  const text = printable(condition.text)
  if (kind === 'unknown')
    return `${colours.yellow('?')} ${text}: cannot be judged, ${printable(verdict.why)}`
  const is =
    condition.measure === 'change'
      ? `changed by ${formatChange(verdict.is)}`
      : `is ${formatValue(verdict.is, unitOf(metric, condition.field))}`
  switch (kind) {
    case 'holds':
      return `${colours.red('✗')} ${text}: ${is}`
    case 'fails':
      return `${colours.green('✓')} ${text}: ${is}`
    case 'chance':
      return `${colours.green('✓')} ${text}: ${is}, but that is within chance`
  }
}
