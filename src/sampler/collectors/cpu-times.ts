import type { CpuTimes } from '../procfs/stat.ts'
import { growth, percent } from '../rates.ts'

/** Clock ticks between two readings, in the groups that are shown. */
export type Times = {
  readonly user: number
  readonly system: number
  readonly softirq: number
  readonly steal: number
  readonly iowait: number
  readonly idle: number
}

/**
 * What one processor did between two readings; null where it was not there before, or its counters began anew.
 * `user` is with `nice`; guest time is inside both already. Kernels let idle, iowait and steal fall by a little (iowait
 * is counted on whichever processor the task slept on): that is no time, not a reset.
 */
export const timesBetween = (before: CpuTimes | undefined, now: CpuTimes): Times | null => {
  const user = growth(before?.user, now.user)
  const nice = growth(before?.nice, now.nice)
  const system = growth(before?.system, now.system)
  const irq = growth(before?.irq, now.irq)
  const softirq = growth(before?.softirq, now.softirq)
  if (before === undefined || user === null || nice === null || system === null) return null
  if (irq === null || softirq === null) return null
  return {
    user: user + nice,
    system: system + irq,
    softirq,
    steal: growth(before.steal, now.steal) ?? 0,
    iowait: growth(before.iowait, now.iowait) ?? 0,
    idle: growth(before.idle, now.idle) ?? 0,
  }
}

/** All processors together; null where none is known. */
export const addTimes = (times: readonly (Times | null)[]): Times | null => {
  let sum: Times | null = null
  for (const one of times) {
    if (one === null) continue
    sum =
      sum === null
        ? one
        : {
            user: sum.user + one.user,
            system: sum.system + one.system,
            softirq: sum.softirq + one.softirq,
            steal: sum.steal + one.steal,
            iowait: sum.iowait + one.iowait,
            idle: sum.idle + one.idle,
          }
  }
  return sum
}

/** Percent of the time that passed; the six parts make 100. All null where no time passed or none is known. */
export const sharesOf = (times: Times | null) => {
  const total = times === null ? Number.NaN : totalOf(times)
  const { user, system, softirq, steal, iowait, idle } = times ?? nothing
  return {
    usage_percent: percent(total - idle - iowait, total),
    user: percent(user, total),
    system: percent(system, total),
    softirq: percent(softirq, total),
    steal: percent(steal, total),
    iowait: percent(iowait, total),
    idle: percent(idle, total),
  }
}

const nothing: Times = { user: 0, system: 0, softirq: 0, steal: 0, iowait: 0, idle: 0 }

const totalOf = ({ user, system, softirq, steal, iowait, idle }: Times): number =>
  user + system + softirq + steal + iowait + idle
