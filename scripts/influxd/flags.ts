/**
 * How influxd is started: nothing is told to anybody, nothing is served that is not used, and memory stays small on a
 * machine that has other work (figures in influx/README.md). compose.yaml has the same.
 */
export const SHIPPED_FLAGS = [
  '--reporting-disabled',
  '--query-concurrency=6',
  '--query-queue-size=50',
  '--storage-cache-snapshot-memory-size=8388608',
  '--storage-cache-snapshot-write-cold-duration=1m',
  '--storage-wal-flush-on-shutdown',
] as const

/** Beside them on a server of our own: only this machine asks it, and only by its API. */
export const LOCAL_FLAGS = [
  '--ui-disabled',
  '--pprof-disabled',
  '--hardening-enabled',
  '--log-level=error',
] as const

/** The memory at which Go's collector works harder; the rest of `<= 500 MB` is what it cannot move. */
export const GOMEMLIMIT = '400MiB'
