import { perSecond, rounded } from '../rates.ts'
import type { Count, Interval } from './intervals.ts'
import { NO_FIELDS, type Plan, type Slot } from './plan.ts'

export type PerfFields = Readonly<Record<string, number | null>>

export type Tally = {
  add(interval: Interval): void
  /** The rates per second over what was added since the last `take`; undefined where nothing was. */
  take(): PerfFields | undefined
}

/**
 * Adds intervals up as they come, so that an hour of them costs no memory. Each field is weighted by the
 * seconds in which it was measured; the ratio is of the sums, not a mean of ratios.
 */
export const tallyOf = (plan: Plan): Tally => {
  const sums = plan.slots.map((slot) => ({ slot, total: 0, seconds: 0 }))
  const pair = { cycles: 0, instructions: 0 }
  let any = false

  const ipc = () => (pair.cycles > 0 ? rounded(pair.instructions / pair.cycles, 3) : null)

  return {
    add: ({ seconds, counts }) => {
      any = true
      for (const sum of sums) {
        const value = valueOf(sum.slot, counts)
        if (value === null) continue
        sum.total += value
        sum.seconds += seconds
      }
      const cycles = counts.get('cycles')?.value ?? null
      const instructions = counts.get('instructions')?.value ?? null
      if (!plan.grouped || cycles === null || instructions === null) return
      pair.cycles += cycles
      pair.instructions += instructions
    },
    take: () => {
      if (!any) return undefined
      const fields: Record<string, number | null> = { ...NO_FIELDS, ipc: ipc() }
      for (const sum of sums) {
        fields[sum.slot.field] = perSecond(sum.seconds > 0 ? sum.total : null, sum.seconds * 1_000)
        sum.total = 0
        sum.seconds = 0
      }
      pair.cycles = 0
      pair.instructions = 0
      any = false
      return fields
    },
  }
}

const valueOf = (slot: Slot, counts: ReadonlyMap<string, Count>): number | null => {
  let total = 0
  for (const event of slot.events) {
    const count = counts.get(event)
    if (count === undefined || count.value === null || count.bytes !== slot.bytes) return null
    total += count.value
  }
  return total * slot.factor
}
