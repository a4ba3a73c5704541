/** Numbers that only look random: the same seed gives the same ones everywhere. */
export type Random = {
  /** 0 <= x < 1. */
  readonly next: () => number
  /** The normal distribution around 0 with deviation 1, tails and all: what a test of significance needs. */
  readonly normal: () => number
}

/** Mulberry32, and Marsaglia's polar method for the bell. */
export const createRandom = (seed: number): Random => {
  let state = seed >>> 0
  let spare: number | undefined
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
  const normal = () => {
    if (spare !== undefined) {
      const value = spare
      spare = undefined
      return value
    }
    let x = 0
    let y = 0
    let square = 0
    while (square === 0 || square >= 1) {
      x = 2 * next() - 1
      y = 2 * next() - 1
      square = x * x + y * y
    }
    const scale = Math.sqrt((-2 * Math.log(square)) / square)
    spare = y * scale
    return x * scale
  }
  return { next, normal }
}
