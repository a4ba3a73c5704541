import { parseCsvLine, type CsvLine } from './csv-line.ts'

export type Count = { readonly value: number | null; readonly bytes: boolean }

/** What perf counted in one of its intervals; a name has null where any line of it had. */
export type Interval = {
  readonly seconds: number
  readonly counts: ReadonlyMap<string, Count>
}

export type Intervals = {
  /** Takes what perf wrote, cut anywhere. */
  push(text: string): void
  /** Tells that nothing more came for a while, so the open interval is whole. */
  settle(): void
}

/** Longer than any line of perf: garbage without an end must not fill the memory. */
const LONGEST_LINE = 65_536

/**
 * Gathers the lines of one run of perf into intervals. perf writes all lines of an interval at once
 * and stamps them alike, so an interval ends with the first line of the next, or with `settle`.
 */
export const gatherIntervals = (onInterval: (interval: Interval) => void): Intervals => {
  let rest = ''
  let open: { readonly at: number; readonly counts: Map<string, Count> } | undefined
  let closedAt = 0

  const close = () => {
    if (open === undefined) return
    const { at, counts } = open
    open = undefined
    onInterval({ seconds: at - closedAt, counts })
    closedAt = at
  }

  const take = (line: CsvLine) => {
    // a stamp that was closed already, or runs backwards, has no length of its own
    if (line.at <= closedAt) return
    if (open !== undefined && open.at !== line.at) close()
    open ??= { at: line.at, counts: new Map() }
    open.counts.set(line.event, added(open.counts.get(line.event), line))
  }

  return {
    push: (text) => {
      const lines = (rest + text).split('\n')
      rest = lines.pop() ?? ''
      if (rest.length > LONGEST_LINE) rest = ''
      for (const line of lines) {
        const parsed = parseCsvLine(line)
        if (parsed !== undefined) take(parsed)
      }
    },
    settle: () => {
      if (rest === '') close()
    },
  }
}

/** Two lines of one event are two kinds of core (or two controllers): their sum, null if one is missing. */
const added = (before: Count | undefined, { value, bytes }: Count): Count => {
  if (before === undefined) return { value, bytes }
  const alike = before.bytes === bytes && before.value !== null && value !== null
  return { value: alike ? before.value + value : null, bytes }
}
