import type { Finding, State } from '../doctor/finding.ts'
import type { Colours } from '../terminal.ts'
import { printable } from './table.ts'

const CHECK_WIDTH = 18

/** A finding as lines: its mark, what was looked at, what is the case, and below what to do. */
export const findingLines = (finding: Finding, colours: Colours): readonly string[] => {
  const { mark, style } = LOOKS[finding.state]
  const paint = colours[style]
  return [
    `${paint(mark)} ${finding.check.padEnd(CHECK_WIDTH)} ${printable(finding.says)}`,
    ...(finding.advice === undefined
      ? []
      : [`  ${' '.repeat(CHECK_WIDTH)} ${colours.dim(`→ ${printable(finding.advice)}`)}`]),
  ]
}

const LOOKS: Readonly<Record<State, { mark: string; style: 'green' | 'dim' | 'yellow' | 'red' }>> =
  {
    ok: { mark: '✓', style: 'green' },
    absent: { mark: '–', style: 'dim' },
    note: { mark: '!', style: 'yellow' },
    broken: { mark: '✗', style: 'red' },
  }

/** How it stands in all, in one line. */
export const closingLine = (findings: readonly Finding[]): string => {
  const count = (state: State) => findings.filter((finding) => finding.state === state).length
  const brokenOnes = count('broken')
  const notes = count('note')
  if (brokenOnes > 0) return `${brokenOnes} ${brokenOnes === 1 ? 'thing is' : 'things are'} broken.`
  return notes > 0 ? `Works; ${notes} ${notes === 1 ? 'note' : 'notes'} above.` : 'All is well.'
}
