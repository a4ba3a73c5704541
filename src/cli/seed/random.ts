/** Numbers that only look random: the same seed gives the same numbers on every machine. */
export type Random = {
  /** 0 <= x < 1. */
  readonly next: () => number
  readonly between: (least: number, most: number) => number
  /** Around 0 with deviation 1, never beyond 3.5. */
  readonly normal: () => number
}

/** Mulberry32: small, fast, and good enough for load that must only look like load. */
export const makeRandom = (seed: number): Random => {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
  return {
    next,
    between: (least, most) => least + (most - least) * next(),
    // four uniform numbers added up are close enough to a bell, and cost no logarithm
    normal: () => (next() + next() + next() + next() - 2) * 1.732,
  }
}

/** Wanders around a mean and always comes back: load that drifts. */
export type Wander = (dtSeconds: number) => number

/** An Ornstein-Uhlenbeck process: `deviation` around `mean`, forgetting itself over `memorySeconds`. */
export const wander = (
  random: Random,
  { mean, deviation, memorySeconds }: { mean: number; deviation: number; memorySeconds: number },
): Wander => {
  let value = mean + deviation * random.normal()
  return (dtSeconds) => {
    const kept = Math.exp(-dtSeconds / memorySeconds)
    value = mean + (value - mean) * kept + deviation * Math.sqrt(1 - kept * kept) * random.normal()
    return value
  }
}

export const clamp = (value: number, least: number, most: number): number =>
  Math.min(most, Math.max(least, value))

/** `value` with so many decimals, as a kernel or a tool would give it. */
export const rounded = (value: number, decimals: number): number => {
  const factor = 10 ** decimals
  return Math.round(value * factor) / factor
}

/** Whole pages: what the kernel counts memory in. */
export const pages = (bytes: number): number => Math.round(bytes / 4096) * 4096
