import { DAY, instant } from '../../points/instant.ts'
import type { HistoryImport, HistoryPart } from '../../store/history-import.ts'
import type { CopiedDay, CopyNote } from './note.ts'

/** `beyond`: older than the target keeps it. */
export type DayState = 'whole' | 'beyond' | 'broken'

/** One day of one part: what was copied, and what is there. */
export type CheckedDay = HistoryPart & {
  readonly day: number
  readonly copied: CopiedDay
  readonly there: number
  readonly state: DayState
}

/** Days further apart are counted apart. */
const MOST_GAP_MS = 32 * DAY

/** Counts what the target has of each copied day. */
export const verify = async (
  target: Pick<HistoryImport, 'valuesByDay' | 'keepsFrom'>,
  parts: readonly HistoryPart[],
  note: Pick<CopyNote, 'days'>,
  onDay: (days: number) => void,
): Promise<readonly CheckedDay[]> => {
  const checked: CheckedDay[] = []
  for (const { dataset, tier } of parts) {
    const part = { dataset, tier }
    const days = note.days(part).filter(([, { rows }]) => rows > 0)
    for (const run of runsOf(days.map(([day]) => day))) {
      const range = { from: instant(run.first), to: instant(run.last + DAY) }
      const there = await target.valuesByDay(part, range)
      const keepsFrom = target.keepsFrom(part) ?? -Infinity
      for (const [day, copied] of days) {
        if (day < run.first || day > run.last) continue
        const found = there.get(day) ?? 0
        checked.push({
          ...part,
          day,
          copied,
          there: found,
          state: stateOf(copied, found, day < keepsFrom),
        })
      }
      onDay(checked.length)
    }
  }
  return checked
}

const stateOf = (copied: CopiedDay, there: number, isLeaving: boolean): DayState => {
  if (copied.refused > 0) return 'broken'
  if (copied.tooOld > 0) return 'beyond'
  if (there >= copied.values) return 'whole'
  return isLeaving ? 'beyond' : 'broken'
}

const runsOf = (days: readonly number[]): readonly { first: number; last: number }[] => {
  const runs: { first: number; last: number }[] = []
  for (const day of days) {
    const last = runs.at(-1)
    if (last !== undefined && day - last.last <= MOST_GAP_MS) last.last = day
    else runs.push({ first: day, last: day })
  }
  return runs
}
