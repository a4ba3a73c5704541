import type { Instant } from '../../points/instant.ts'
import type { Reading, Row, Sample } from '../../points/sample.ts'
import { makeActivity } from './activity.ts'
import { makeRandom } from './random.ts'
import { makeCpu } from './readings/cpu.ts'
import { makeDisk } from './readings/disk.ts'
import { makeHost } from './readings/host.ts'
import { makeMemoryBandwidth } from './readings/memory-bandwidth.ts'
import { makeMemory } from './readings/memory.ts'
import { makeNetwork } from './readings/network.ts'
import { makePerfEvents } from './readings/perf-events.ts'
import { makePressure } from './readings/pressure.ts'
import { SMALL_SERVER, type HostShape } from './shape.ts'

export type SyntheticHost = {
  /** The sample at `at`; times must rise, and the rates are over the time since the one before. */
  readonly sampleAt: (at: Instant) => Sample
}

/**
 * A host that does not exist, with a load that looks like one: the same seed, shape and times give the same samples.
 * Every field of the catalogue is in every sample (a disk that read nothing has no read latency, as a real one).
 */
export const makeSyntheticHost = ({
  host,
  seed,
  shape = SMALL_SERVER,
}: {
  readonly host: string
  readonly seed: number
  readonly shape?: HostShape
}): SyntheticHost => {
  const random = makeRandom(seed)
  const activityAt = makeActivity(random)
  const cpu = makeCpu(random, shape)
  const memory = makeMemory(random, shape)
  const network = makeNetwork(random, shape)
  const disk = makeDisk(random, shape)
  const perfEvents = makePerfEvents(random, shape)
  const memoryBandwidth = makeMemoryBandwidth(random)
  const pressure = makePressure(random)
  const machine = makeHost(random, shape)
  let before: number | undefined
  return {
    sampleAt: (at) => {
      const dtSeconds = before === undefined ? 5 : Math.max(0.001, (at - before) / 1_000)
      before = at
      const activity = activityAt(at, dtSeconds)
      const processors = cpu(activity)
      const disks = disk(activity)
      return {
        at,
        host,
        errors: [],
        readings: {
          cpu: ok(processors.rows),
          memory: ok(memory(activity)),
          network: ok(network(activity)),
          disk: ok(disks.rows),
          perf_events: ok(perfEvents(activity, processors.state)),
          memory_bandwidth: ok(memoryBandwidth(activity, disks.state)),
          pressure: ok(pressure(activity)),
          host: ok(machine(activity)),
        },
      }
    },
  }
}

const ok = (rows: readonly Row[]): Reading => ({ kind: 'ok', rows })
