import type { PerfReport } from '../../sampler/perf/doctor.ts'
import { absent, ok, type Check } from './finding.ts'

/** What `perf stat` counts here, and why not more. */
export const perfCheck = (explain: () => Promise<PerfReport>): Check => ({
  name: 'perf_events',
  run: async () => {
    const report = await explain()
    if (!report.available) return [absent('perf_events', report.reason ?? 'nothing is counted')]
    const counted = report.events.filter((event) => event.counted)
    const missing = report.events.filter((event) => !event.counted).map(({ event }) => event)
    return [
      ok(
        'perf_events',
        `perf ${report.version ?? 'of unknown version'} counts ${counted.length} of ${report.events.length} events`,
      ),
      ...(missing.length === 0
        ? []
        : [absent('perf_events', `not counted: ${missing.join(', ')}`)]),
      ...report.advice.map((advice) => absent('perf_events', advice)),
    ]
  },
})
