import { numberAfter, scan } from '../scan.ts'

/** Clock ticks that one logical processor has spent in each state; guest time is inside `user` and `nice`. */
export type CpuTimes = {
  readonly core: number
  readonly user: number
  readonly nice: number
  readonly system: number
  readonly idle: number
  readonly iowait: number
  readonly irq: number
  readonly softirq: number
  readonly steal: number
}

/** `/proc/stat`; NaN where the kernel does not say. */
export type Stat = {
  /** The processors that are online, in the kernel's order. */
  readonly cores: readonly CpuTimes[]
  readonly interrupts: number
  readonly contextSwitches: number
  readonly forks: number
  readonly running: number
  readonly blocked: number
}

export const parseStat = (text: string): Stat => {
  const cores: CpuTimes[] = []
  const line = scan(text)
  do {
    if (!line.at('cpu')) continue
    line.skip(3)
    if (line.at(' ')) continue // the sum of all, ever: it jumps when a processor goes offline
    const core = line.number()
    if (Number.isNaN(core)) continue
    cores.push({
      core,
      user: line.number(),
      nice: line.number(),
      system: line.number(),
      idle: line.number(),
      iowait: line.number(),
      irq: line.number(),
      softirq: line.number(),
      steal: line.number(),
    })
  } while (line.nextLine() && line.at('cpu'))
  return {
    cores,
    interrupts: numberAfter(text, 'intr '),
    contextSwitches: numberAfter(text, 'ctxt '),
    forks: numberAfter(text, 'processes '),
    running: numberAfter(text, 'procs_running '),
    blocked: numberAfter(text, 'procs_blocked '),
  }
}
