import { monitorEventLoopDelay } from 'node:perf_hooks'
import { Counter, Gauge, type Registry } from 'prom-client'
import { DATASETS, DATASET_TIERS } from '../catalog/datasets.ts'
import type { HubFigures } from '../live/hub.ts'
import type { RelayFigures } from '../live/relay.ts'
import { SECOND } from '../points/instant.ts'
import type { CollectorFigures } from '../sampler/round.ts'
import type { Sampler } from '../sampler/sampler.ts'
import type { SeriesStore, SpoolFigures } from '../store/store.ts'

export type PipelineSources = {
  readonly sampler: Pick<Sampler, 'figures'>
  readonly store: Pick<SeriesStore, 'figures' | 'extent'>
  readonly hub: { figures(): HubFigures }
  readonly relay: { figures(): RelayFigures }
  /** Of the push endpoint. */
  readonly push: () => {
    readonly linesTaken: number
    readonly linesDropped: number
    readonly stringsDropped: number
    readonly linesRestamped: number
  }
  readonly queries: { figures(): { readonly running: number; readonly waiting: number } }
}

const LAG_RESOLUTION_MS = 20
const NANOSECONDS = 1e9

/** The pipeline's own figures, read when somebody asks. Gives what frees the clock of the event loop. */
export const registerPipeline = (registry: Registry, sources: PipelineSources): (() => void) => {
  const registers = [registry]
  const { sampler, store, hub, relay, queries, push } = sources
  const counter = (name: string, help: string, read: () => number): void => {
    new Counter({
      name: `perfwatch_${name}_total`,
      help,
      registers,
      collect() {
        this.reset()
        this.inc(read())
      },
    })
  }
  const gauge = (name: string, help: string, read: () => number): void => {
    new Gauge({
      name: `perfwatch_${name}`,
      help,
      registers,
      collect() {
        this.set(read())
      },
    })
  }

  counter('sampler_ticks', 'Samples taken', () => sampler.figures().ticks)
  new Counter({
    name: 'perfwatch_sampler_ticks_skipped_total',
    help: 'Ticks left out: too late, the round before still running, or the clock was set back',
    labelNames: ['reason'],
    registers,
    collect() {
      const { skippedLate, skippedOverlap, skippedOld } = sampler.figures()
      this.reset()
      this.inc({ reason: 'late' }, skippedLate)
      this.inc({ reason: 'overlap' }, skippedOverlap)
      this.inc({ reason: 'old' }, skippedOld)
    },
  })
  counter(
    'sampler_samples_undelivered',
    'Samples that the store did not take',
    () => sampler.figures().undelivered,
  )
  const perCollector = (name: string, help: string, read: (of: CollectorFigures) => number) => {
    new Counter({
      name: `perfwatch_collector_${name}_total`,
      help,
      labelNames: ['collector'],
      registers,
      collect() {
        this.reset()
        for (const [collector, figures] of Object.entries(sampler.figures().collectors))
          this.inc({ collector }, read(figures))
      },
    })
  }
  perCollector('runs', 'Rounds of a collector', ({ runs }) => runs)
  perCollector('failures', 'Rounds that failed or were late', ({ failures }) => failures)
  perCollector('seconds', 'Time from the call to the answer', ({ totalMs }) => totalMs / SECOND)

  counter('points_written', 'Points stored', () => store.figures().pointsWritten)
  counter('points_refused', 'Points not stored', () => store.figures().pointsRefused)
  counter('windows_rolled_up', 'Windows written', () => store.figures().windowsRolledUp)
  gauge('dirty_windows', 'Windows to be rolled up again', () => store.figures().dirtyWindows)
  if (store.figures().rollupHoursLeft !== undefined)
    gauge(
      'rollup_hours_left',
      'Hours of tiers that the rollup under way has before it',
      () => store.figures().rollupHoursLeft ?? 0,
    )
  gauge('store_bytes', 'Size of the store on disk', () => store.figures().bytes)
  new Gauge({
    name: 'perfwatch_tier_bytes',
    help: 'Size of one tier of one dataset',
    labelNames: ['dataset', 'tier'],
    registers,
    async collect() {
      this.reset()
      const extents = DATASETS.flatMap((dataset) =>
        DATASET_TIERS[dataset].map(async (tier) => {
          this.set({ dataset, tier }, (await store.extent(dataset, tier)).bytes)
        }),
      )
      // of a store that does not answer the sizes are missing: the other figures are wanted all the more
      await Promise.allSettled(extents)
    },
  })

  registerSpool(store, counter, gauge)

  counter('push_lines', 'Pushed lines that were taken', () => push().linesTaken)
  counter('push_lines_dropped', 'Pushed lines that were not', () => push().linesDropped)
  counter('push_strings_dropped', 'Pushed values that are no numbers', () => push().stringsDropped)
  counter(
    'push_lines_restamped',
    'Pushed lines from too far ahead, stamped on arrival',
    () => push().linesRestamped,
  )

  gauge('live_clients', 'WebSocket clients', () => relay.figures().clients)
  counter('live_frames_sent', 'Frames sent', () => relay.figures().framesSent)
  counter(
    'live_frames_skipped',
    'Frames that a client was too slow for',
    () => relay.figures().framesSkipped,
  )
  counter(
    'live_clients_dropped',
    'Clients cut for being too slow',
    () => relay.figures().clientsDropped,
  )
  gauge('live_queue', 'Items that wait for a listener of the hub', () => hub.figures().waiting)
  counter(
    'live_items_dropped',
    'Items that a listener was too slow for',
    () => hub.figures().dropped,
  )
  gauge('queries_running', 'History questions being answered', () => queries.figures().running)
  gauge('queries_waiting', 'History questions that wait', () => queries.figures().waiting)

  return registerProcess(registry)
}

type Register = (name: string, help: string, read: () => number) => void

/** The spool of a store that is not in this process; the embedded store has none. */
const registerSpool = (
  store: Pick<SeriesStore, 'figures'>,
  counter: Register,
  gauge: Register,
): void => {
  if (store.figures().spool === undefined) return
  const of = (read: (spool: SpoolFigures) => number) => () => {
    const { spool } = store.figures()
    return spool === undefined ? 0 : read(spool)
  }
  gauge(
    'spool_lines',
    'Lines accepted and not with the store yet',
    of(({ lines }) => lines),
  )
  gauge(
    'spool_bytes',
    'Bytes of the spool on disk',
    of(({ bytes }) => bytes),
  )
  gauge(
    'spool_oldest_seconds',
    'How long the oldest line has waited',
    of(({ ageSeconds }) => ageSeconds),
  )
  counter(
    'spool_lines_sent',
    'Lines that the store has taken',
    of(({ sent }) => sent),
  )
  counter(
    'spool_retries',
    'Requests that are sent again',
    of(({ retries }) => retries),
  )
  counter(
    'spool_lines_dropped',
    'Lines that the store refused among good ones',
    of(({ dropped }) => dropped),
  )
  counter(
    'spool_lines_quarantined',
    'Lines that the store will never take, kept in files',
    of(({ quarantined }) => quarantined),
  )
  counter(
    'spool_records_damaged',
    'Records that the disk has changed',
    of(({ damaged }) => damaged),
  )
}

const registerProcess = (registry: Registry): (() => void) => {
  const registers = [registry]
  const lag = monitorEventLoopDelay({ resolution: LAG_RESOLUTION_MS })
  lag.enable()
  // the clock measures from timer to timer, so its own interval is in every value; null before the first
  const seconds = (ns: number): number =>
    Number.isFinite(ns) ? Math.max(0, ns / NANOSECONDS - LAG_RESOLUTION_MS / SECOND) : 0
  new Gauge({
    name: 'nodejs_eventloop_lag_seconds',
    help: 'Delay of the event loop since the last time it was asked for',
    labelNames: ['quantile'],
    registers,
    collect() {
      this.set({ quantile: '0.5' }, seconds(lag.percentile(50)))
      this.set({ quantile: '0.99' }, seconds(lag.percentile(99)))
      this.set({ quantile: '1' }, seconds(lag.max))
      lag.reset()
    },
  })
  new Counter({
    name: 'process_cpu_seconds_total',
    help: 'CPU time of this process',
    registers,
    collect() {
      const { user, system } = process.cpuUsage()
      this.reset()
      this.inc((user + system) / 1e6)
    },
  })
  new Gauge({
    name: 'process_resident_memory_bytes',
    help: 'Memory of this process',
    registers,
    collect() {
      this.set(process.memoryUsage.rss())
    },
  })
  return () => lag.disable()
}
