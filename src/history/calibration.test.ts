import { describe, expect, it } from 'vitest'
import { CALIBRATED, calibrate } from '../testing/calibrate.ts'
import { createRandom } from '../testing/random.ts'
import { recordedLoad } from '../testing/recorded-load.ts'
import { EVEN, RESTLESS, simulatedLoad } from '../testing/simulated-load.ts'

// The full run of 1,000 pairs each is `npm run bench calibration`; this one is seeded and short.
const PAIRS = { hour: 200, day: 100, week: 20 }

describe('a comparison', () => {
  it.each([
    ['even', simulatedLoad(EVEN)],
    ['restless', simulatedLoad(RESTLESS)],
    ['recorded', recordedLoad()],
  ])('seldom finds a difference in the same load: %s', async (_name, load) => {
    for (const calibrated of CALIBRATED) {
      const { pairs, flagged } = await calibrate(
        load,
        calibrated,
        PAIRS[calibrated.period],
        createRandom(41),
      )
      expect(flagged / pairs).toBeLessThanOrEqual(0.05)
    }
  })

  it.each(CALIBRATED)('of an even load finds a true +10 %: $period', async (calibrated) => {
    const { pairs, found } = await calibrate(
      simulatedLoad(EVEN),
      calibrated,
      PAIRS[calibrated.period],
      createRandom(42),
    )
    expect(found / pairs).toBeGreaterThanOrEqual(0.8)
  })

  it('finds a true +10 % in a week of the recorded load', async () => {
    const { pairs, found } = await calibrate(recordedLoad(), CALIBRATED[2], 50, createRandom(43))
    expect(found / pairs).toBeGreaterThanOrEqual(0.8)
  })
})
