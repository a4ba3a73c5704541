import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { endOf, failureOf } from './explain-failure.ts'
import type { PerfHost } from './perf-host.ts'

const recorded = readFileSync(new URL('fixtures/unprivileged.txt', import.meta.url), 'utf8')
const host: PerfHost = { platform: 'linux', vendor: 'intel', hybrid: false, paranoid: 2 }

const failed = (errors: string, code = 255) =>
  failureOf({ end: { code, signal: null, errors }, log: '', late: false }, host)

describe('what a failed perf means', () => {
  it.each([
    ['the refusal of perf 6', recorded, 'forbidden'],
    [
      'the refusal of an older perf',
      'Error:\nYou may not have permission to collect system-wide stats.\n\nConsider tweaking /proc/sys/kernel/perf_event_paranoid,\n',
      'forbidden',
    ],
    [
      'a sandbox that blocks the call',
      'Error:\nThe sys_perf_event_open() syscall returned with 1 (Operation not permitted) for event (cpu-clock).\n',
      'forbidden',
    ],
    [
      'a kernel without the call',
      'Error:\nThe sys_perf_event_open() syscall returned with 38 (Function not implemented) for event (cpu-clock).\n',
      'forbidden',
    ],
    [
      'an unknown name',
      "event syntax error: 'nosuch'\n                     \\___ parser error\nRun 'perf list' for a list of valid events\n",
      'unknown-event',
    ],
    [
      'an unknown PMU',
      "event syntax error: 'uncore_imc/data_reads/'\n   \\___ Cannot find PMU `uncore_imc'. Missing kernel support?\n",
      'unknown-event',
    ],
    ['an event without a counter', 'Error:\nThe cycles event is not supported.\n', 'unsupported'],
    ['anything else', 'Error:\nToo many events are opened.\n', 'other'],
  ])('%s', (_, errors, kind) => {
    expect(failed(errors).kind).toBe(kind)
  })

  it('says what to do about a refusal, with the level that is set', () => {
    expect(failed(recorded).why).toBe(
      'The kernel does not let this user count on all processors (kernel.perf_event_paranoid is 2). Run `sysctl kernel.perf_event_paranoid=0` (to keep it: a file in /etc/sysctl.d), or give perf the right to count: `setcap cap_perfmon+ep` on the perf program; in a container see docs/operations.md.',
    )
  })

  it('does not blame the level where it would allow to count', () => {
    const open = { ...host, paranoid: -1 }
    const end = { code: 255, signal: null, errors: recorded }
    expect(failureOf({ end, log: '', late: false }, open).why).toMatch(
      /^The kernel does not let this user count \(a container, or a security module\)\./,
    )
  })

  it('names the packages where there is no perf, and the deadline where there is no answer', () => {
    const end = { code: null, signal: null, errors: '' }
    const missing = failureOf({ end: { ...end, missing: true }, log: '', late: false }, host)
    expect(missing.why).toMatch(/^perf is not installed\. Install linux-perf \(Debian\)/)
    expect(failureOf({ end, log: '', late: true }, host)).toEqual({
      kind: 'late',
      why: 'perf did not answer in time.',
    })
  })
})

it.each([
  [
    { code: 1, signal: null, errors: 'Error:\n\nToo many events\nmore\n' },
    'perf says: Too many events',
  ],
  [{ code: 2, signal: null, errors: '' }, 'perf ended with code 2'],
  [{ code: null, signal: 'SIGKILL', errors: '' }, 'perf was ended by SIGKILL'],
  [{ code: 1, signal: null, errors: 'x'.repeat(999) }, `perf says: ${'x'.repeat(200)}`],
])('the end of a perf in words: %j', (end, words) => {
  expect(endOf(end)).toBe(words)
})
