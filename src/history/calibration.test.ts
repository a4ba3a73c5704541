import { describe, expect, it } from 'vitest'
import { bestFound, CALIBRATED, calibrate } from '../testing/calibrate.ts'
import { createRandom } from '../testing/random.ts'
import { recordedLoad } from '../testing/recorded-load.ts'
import { EVEN, RESTLESS, simulatedLoad } from '../testing/simulated-load.ts'

// The full run of 1,000 pairs each is `npm run bench calibration`; this one is seeded and short.
const PAIRS = { hour: 200, day: 100, week: 20 }
const [hour, day, week] = CALIBRATED
const [even, restless, recorded] = [simulatedLoad(EVEN), simulatedLoad(RESTLESS), recordedLoad()]

describe('a comparison', () => {
  it.each([
    ['even', even],
    ['restless', restless],
    ['recorded', recorded],
  ])('seldom finds a difference in the same load: %s', async (_name, load) => {
    for (const calibrated of CALIBRATED) {
      const { pairs, flagged } = await calibrate(
        load,
        calibrated,
        PAIRS[calibrated.period],
        createRandom(41),
      )
      expect(flagged.either / pairs).toBeLessThanOrEqual(0.05)
    }
  })

  it.each([
    { name: 'an hour of even load', load: even, calibrated: hour },
    { name: 'a day of even load', load: even, calibrated: day },
    { name: 'a week of even load', load: even, calibrated: week },
    { name: 'a day with a strong rhythm', load: restless, calibrated: day },
    { name: 'a week with a strong rhythm', load: restless, calibrated: week },
    { name: 'a week of recorded load', load: recorded, calibrated: week },
  ])('finds a tenth more in $name', async ({ load, calibrated }) => {
    const pairs = PAIRS[calibrated.period]
    const { found } = await calibrate(load, calibrated, pairs, createRandom(42))
    expect(found.either / pairs).toBeGreaterThanOrEqual(0.8)
  })

  // Such periods differ by so much of themselves that a test which found the tenth in 80 % would find it where there is none.
  it.each([
    { name: 'an hour with a strong rhythm and high bursts', load: restless, calibrated: hour },
    { name: 'an hour of recorded load', load: recorded, calibrated: hour },
    { name: 'a day of recorded load', load: recorded, calibrated: day },
  ])('finds no more than there is to be found in $name', async ({ load, calibrated }) => {
    const pairs = PAIRS[calibrated.period]
    const { found, spread } = await calibrate(load, calibrated, pairs, createRandom(43))
    expect(bestFound(spread)).toBeLessThan(0.8)
    expect(found.either / pairs).toBeLessThanOrEqual(bestFound(spread) + 0.05)
  })
})

describe('what can be found at best', () => {
  // The shift in deviations less 2.5758, the normal quantile of 0.005: 1 - 2.5758, 2.5758 - 2.5758, 4 - 2.5758.
  it.each([
    [0.1, 0.0577],
    [0.1 / 2.5758, 0.5],
    [0.025, 0.9228],
    [1_000, 0.01],
  ])('with periods that differ by %d is %d', (spread, found) => {
    expect(bestFound(spread)).toBeCloseTo(found, 3)
  })
})
