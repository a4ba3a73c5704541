import fc from 'fast-check'

/** Floats of every kind: what meters give, and everything else that is finite. */
export const finite = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer({ min: -1000, max: 1000 }).map((whole) => whole / 100),
  fc.integer({ min: 0, max: 2 ** 40 }).map((pages) => pages * 4096),
  fc.constantFrom(
    0,
    -0,
    1,
    2 ** 53,
    2 ** 53 - 1,
    -(2 ** 53) - 2,
    2 ** 63,
    Number.MAX_VALUE,
    -Number.MAX_VALUE,
    Number.MIN_VALUE,
    -Number.MIN_VALUE,
    1e-310,
    0.1,
    0.30000000000000004,
  ),
)
