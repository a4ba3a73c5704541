import { scan } from '../scan.ts'

/** `/proc/loadavg`; NaN where the kernel does not say. */
export type LoadAverage = {
  readonly minutes1: number
  readonly minutes5: number
  readonly minutes15: number
  /** Processes and threads that exist. */
  readonly tasks: number
}

export const parseLoadAverage = (text: string): LoadAverage => {
  const line = scan(text)
  const [minutes1, minutes5, minutes15] = [line.number(), line.number(), line.number()]
  line.number()
  line.skip(1) // the `/` of `running/total`
  return { minutes1, minutes5, minutes15, tasks: line.number() }
}
