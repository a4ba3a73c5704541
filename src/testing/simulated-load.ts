import { DAY } from '../points/instant.ts'
import type { Random } from './random.ts'

/** Windows to fill: contiguous, the first starting at `start`. */
export type Stretch = {
  readonly start: number
  readonly windowMs: number
  readonly count: number
}

/** The means of the windows of a stretch, field by field; every call is another realisation of the same load. */
export type Load = (random: Random, stretch: Stretch) => Readonly<Record<string, Float64Array>>

/** How a simulated host is loaded. Shares are of the level. */
export type Shape = {
  /** CPU usage in percent. */
  readonly level: number
  /** Amplitude of the daily rhythm. */
  readonly rhythm: number
  /** Deviation of a sample's noise, and over how many seconds the noise forgets itself. */
  readonly noise: number
  readonly memorySeconds: number
  /** Height of the bursts, how many come an hour, and how long one is on average. */
  readonly burst: number
  readonly burstsAnHour: number
  readonly burstSeconds: number
}

/**
 * A host that is loaded evenly: its minutes deviate by some 8 % from its level. A true +10 % has to be found in an hour,
 * a day and a week of it.
 */
export const EVEN: Shape = {
  level: 40,
  rhythm: 0.05,
  noise: 0.08,
  memorySeconds: 30,
  burst: 0.25,
  burstsAnHour: 2,
  burstSeconds: 60,
}

/** A host with a strong rhythm and high bursts: it must not be called different from itself. */
export const RESTLESS: Shape = {
  level: 40,
  rhythm: 0.4,
  noise: 0.2,
  memorySeconds: 60,
  burst: 0.75,
  burstsAnHour: 4,
  burstSeconds: 60,
}

const SAMPLE_MS = 5_000
const SAMPLE_SECONDS = SAMPLE_MS / 1_000

/** The fields of a cpu metric under a load with a daily rhythm, noise with a memory (AR(1)), and bursts; a sample each 5 s. */
export const simulatedLoad =
  (shape: Shape): Load =>
  (random, { start, windowMs, count }) => {
    const usage = usageOf(shape, random)
    const samples = windowMs / SAMPLE_MS
    const spread = { random, samples }
    const window = () => new Float64Array(count)
    const fields = {
      usage_percent: window(),
      load_avg_1: window(),
      load_avg_5: window(),
      load_avg_15: window(),
    }
    const averages = [
      { into: fields.load_avg_1, load: loadAverage(60) },
      { into: fields.load_avg_5, load: loadAverage(300) },
      { into: fields.load_avg_15, load: loadAverage(900) },
    ]
    for (let place = 0; place < count; place++) {
      let sum = 0
      for (let sample = 0; sample < samples; sample++) {
        const now = usage(start + place * windowMs + sample * SAMPLE_MS)
        sum += now
        for (const { into, load } of averages)
          into[place] = (into[place] ?? 0) + load(now) / samples
      }
      fields.usage_percent[place] = sum / samples
    }
    return { ...fields, ...partsOf(fields.usage_percent, spread) }
  }

const usageOf = (shape: Shape, random: Random): ((at: number) => number) => {
  const kept = Math.exp(-SAMPLE_SECONDS / shape.memorySeconds)
  const fresh = Math.sqrt(1 - kept * kept)
  const chance = (shape.burstsAnHour * SAMPLE_SECONDS) / 3_600
  let noise = random.normal()
  let bursting = 0
  return (at) => {
    noise = kept * noise + fresh * random.normal()
    if (bursting > 0) bursting -= 1
    else if (random.next() < chance)
      bursting = Math.ceil((-Math.log(1 - random.next()) * shape.burstSeconds) / SAMPLE_SECONDS)
    const rhythm = 1 + shape.rhythm * Math.sin((2 * Math.PI * (at % DAY)) / DAY)
    const share = rhythm + shape.noise * noise + (bursting > 0 ? shape.burst : 0)
    return Math.min(100, Math.max(0, shape.level * share))
  }
}

/** As the kernel does it: an exponential mean over so many seconds, here of the running tasks of two cores. */
const loadAverage = (seconds: number): ((usage: number) => number) => {
  const kept = Math.exp(-SAMPLE_SECONDS / seconds)
  let value: number | undefined
  return (usage) => {
    value = value === undefined ? usage / 50 : kept * value + (1 - kept) * (usage / 50)
    return value
  }
}

/** What usage is made of: shares of it, each with a little noise of its own. */
const partsOf = (
  usage: Float64Array,
  { random, samples }: { readonly random: Random; readonly samples: number },
): Readonly<Record<string, Float64Array>> => {
  const share = (of: number) =>
    usage.map((value) => value * of * (1 + (0.05 * random.normal()) / Math.sqrt(samples)))
  const iowait = share(0.02)
  return {
    user: share(0.7),
    system: share(0.25),
    softirq: share(0.04),
    steal: share(0.01),
    iowait,
    idle: usage.map((value, place) => 100 - value - (iowait[place] ?? 0)),
    interrupts: share(40),
    context_switches: share(90),
  }
}
