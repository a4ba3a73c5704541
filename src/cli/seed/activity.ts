import { DAY, HOUR, MINUTE, SECOND } from '../../points/instant.ts'
import { clamp, wander, type Random } from './random.ts'

/** How busy the host is at a moment, 0 idle to 1 all it can do, by what is wanted. */
export type Activity = {
  readonly at: number
  readonly dtSeconds: number
  readonly cpu: number
  readonly io: number
  readonly net: number
}

type Burst = {
  readonly until: number
  readonly cpu: number
  readonly io: number
  readonly net: number
}

const IDLE = 0.06
const DAYTIME = 0.34
/** Saturday and Sunday: what is left of a working day. */
const WEEKEND = 0.35
const BURSTS_PER_HOUR = 1.5
/** A nightly backup, UTC. */
const BACKUP = {
  startsAt: 2 * HOUR + 30 * MINUTE,
  lasts: 25 * MINUTE,
  cpu: 0.18,
  io: 0.7,
  net: 0.45,
}

/**
 * A working day with a lunch dip, a quiet weekend, drift, bursts of minutes and a nightly backup. Called with rising times.
 */
export const makeActivity = (random: Random): ((at: number, dtSeconds: number) => Activity) => {
  const drift = wander(random, { mean: 0, deviation: 0.035, memorySeconds: 1_800 })
  const jitter = wander(random, { mean: 0, deviation: 0.02, memorySeconds: 20 })
  const io = wander(random, { mean: 0.5, deviation: 0.22, memorySeconds: 240 })
  const net = wander(random, { mean: 0.55, deviation: 0.16, memorySeconds: 420 })
  let bursts: Burst[] = []
  return (at, dtSeconds) => {
    bursts = bursts.filter((burst) => burst.until > at)
    if (random.next() < (dtSeconds / 3_600) * BURSTS_PER_HOUR) bursts.push(startBurst(random, at))
    const demand = IDLE + DAYTIME * rhythm(at) + drift(dtSeconds)
    const backup = isBackup(at) ? BACKUP : { cpu: 0, io: 0, net: 0 }
    const of = (kind: 'cpu' | 'io' | 'net') => backup[kind] + total(bursts, kind)
    const least = 0.004
    return {
      at,
      dtSeconds,
      cpu: clamp(demand + jitter(dtSeconds) + of('cpu'), least, 0.99),
      io: clamp(Math.max(0, demand) * io(dtSeconds) * 0.5 + of('io'), least, 1),
      net: clamp(Math.max(0, demand) * net(dtSeconds) + of('net'), least, 1),
    }
  }
}

const total = (bursts: readonly Burst[], kind: 'cpu' | 'io' | 'net'): number => {
  let sum = 0
  for (const burst of bursts) sum += burst[kind]
  return sum
}

const startBurst = (random: Random, at: number): Burst => {
  // most are short and small, a few are long and large
  const size = random.next() ** 2
  const lean = random.next()
  return {
    until: at + (1 + 14 * size) * MINUTE + random.between(0, 40) * SECOND,
    cpu: 0.08 + 0.45 * size,
    io: lean < 0.4 ? 0.1 + 0.5 * size : 0.03,
    net: lean > 0.6 ? 0.12 + 0.5 * size : 0.04,
  }
}

const isBackup = (at: number): boolean => {
  const ofDay = at % DAY
  return ofDay >= BACKUP.startsAt && ofDay < BACKUP.startsAt + BACKUP.lasts
}

/** 0 at night to 1 in the middle of a working day, UTC. */
const rhythm = (at: number): number => {
  const hour = (at % DAY) / HOUR
  const morning = 1 / (1 + Math.exp(-(hour - 8.5) * 1.6))
  const evening = 1 / (1 + Math.exp((hour - 18) * 1.1))
  const lunch = 0.25 * Math.exp(-(((hour - 12.6) / 0.7) ** 2))
  // 1970-01-01 was a Thursday
  const weekday = (Math.floor(at / DAY) + 4) % 7
  const scale = weekday === 0 || weekday === 6 ? WEEKEND : 1
  return clamp(morning * evening - lunch, 0, 1) * scale
}
