import type { PerfHost } from './perf-host.ts'
import type { PerfEnd } from './perf-process.ts'
import type { Ran } from './run-once.ts'

/** Why perf did not do as asked; `why` is a sentence for a person. */
export type Failure = {
  readonly kind: 'missing' | 'forbidden' | 'unknown-event' | 'unsupported' | 'late' | 'other'
  readonly why: string
}

export const NOT_INSTALLED: Failure = {
  kind: 'missing',
  why: 'perf is not installed. Install linux-perf (Debian), linux-tools-$(uname -r) (Ubuntu) or perf (Fedora, Arch, Alpine).',
}

export const UNSUPPORTED: Failure = {
  kind: 'unsupported',
  why: 'The processor or the kernel does not count it.',
}

/** What a run that did not end well means. */
export const failureOf = ({ end, late }: Ran, host: PerfHost): Failure => {
  if (end.missing) return NOT_INSTALLED
  if (late) return { kind: 'late', why: 'perf did not answer in time.' }
  const { errors } = end
  if (/Function not implemented|ENOSYS/i.test(errors))
    return { kind: 'forbidden', why: 'The kernel, or the sandbox, has no performance events.' }
  if (/syntax error|unknown term|Cannot find PMU|Bad event|Unable to find event/i.test(errors))
    return { kind: 'unknown-event', why: 'This perf or this kernel does not know it.' }
  if (/perf_event_paranoid|permission|not permitted|observability operations/i.test(errors))
    return { kind: 'forbidden', why: forbidden(host) }
  if (/is not supported|not supported by|No such device|No such file/i.test(errors))
    return UNSUPPORTED
  return { kind: 'other', why: `${endOf(end)}.` }
}

/** How perf ended, in words: its own first line where it wrote one. */
export const endOf = ({ code, signal, errors }: PerfEnd): string => {
  const said = firstLine(errors)
  if (said !== '') return `perf says: ${said}`
  return signal === null ? `perf ended with code ${code ?? '?'}` : `perf was ended by ${signal}`
}

/** What to change where the kernel refuses to count on all processors. */
export const PERMISSION_ADVICE =
  'Run `sysctl kernel.perf_event_paranoid=0` (to keep it: a file in /etc/sysctl.d), or give perf the right to count: `setcap cap_perfmon+ep` on the perf program; in a container see docs/operations.md.'

const forbidden = ({ paranoid }: PerfHost): string =>
  paranoid === null || paranoid <= 0
    ? `The kernel does not let this user count (a container, or a security module). ${PERMISSION_ADVICE}`
    : `The kernel does not let this user count on all processors (kernel.perf_event_paranoid is ${paranoid}). ${PERMISSION_ADVICE}`

const MOST_CHARACTERS = 200

const firstLine = (errors: string): string =>
  (
    errors
      .split('\n')
      .map((line) => line.trim())
      .find((line) => line !== '' && line !== 'Error:') ?? ''
  ).slice(0, MOST_CHARACTERS)
