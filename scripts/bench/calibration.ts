import { CALIBRATED, calibrate, type Calibrated } from '../../src/testing/calibrate.ts'
import { createRandom } from '../../src/testing/random.ts'
import { recordedLoad } from '../../src/testing/recorded-load.ts'
import { EVEN, RESTLESS, simulatedLoad, type Load } from '../../src/testing/simulated-load.ts'
import type { BenchRow } from './bench.ts'

const PAIRS = 1_000
const MOST_FLAGGED = 0.05
const LEAST_FOUND = 0.8

type Loaded = {
  readonly name: string
  readonly load: Load
  /** What it is, for the method. */
  readonly what: string
  /** The comparisons in which a true +10 % has to be found; of the others the share is only told. */
  readonly found: readonly Calibrated['period'][]
}

const LOADS: readonly Loaded[] = [
  {
    name: 'even load',
    load: simulatedLoad(EVEN),
    what: 'usage of 40 %, daily rhythm of +-5 % of it, AR(1) noise of 8 % of it that forgets itself in 30 s, two bursts of +25 % an hour',
    found: ['hour', 'day', 'week'],
  },
  {
    name: 'restless load',
    load: simulatedLoad(RESTLESS),
    what: 'usage of 40 %, daily rhythm of +-40 % of it, AR(1) noise of 20 % of it that forgets itself in 60 s, four bursts of +75 % an hour',
    found: [],
  },
  {
    name: 'recorded load',
    load: recordedLoad(),
    what: 'half an hour of /proc/stat by the second, recorded on a machine that builds and tests, continued by the stationary bootstrap in pieces of 5 minutes',
    found: ['week'],
  },
]

const percent = (share: number) => `${(share * 100).toFixed(1)} %`

const methodOf = (what: string): string =>
  `${PAIRS} pairs of periods of each length by the verb compare at the interval of auto; ${what}. Called different: any field of cpu is significant. Found: usage_percent is, with the current period times 1.1.`

/** How often a comparison calls the same load different, and how often it finds a true +10 %. */
export const benchCalibration = async (): Promise<BenchRow[]> => {
  const rows: BenchRow[] = []
  for (const { name, load, what, found: bound } of LOADS)
    for (const [index, calibrated] of CALIBRATED.entries()) {
      const random = createRandom(1_000 + index)
      const { pairs, flagged, found } = await calibrate(load, calibrated, PAIRS, random)
      const { period, compareTo } = calibrated
      const of = `${period} against ${compareTo.replace('_', ' ')}, ${name}`
      const must = bound.includes(period)
      rows.push(
        {
          figure: `same load called different: ${of}`,
          measured: percent(flagged / pairs),
          target: `<= ${percent(MOST_FLAGGED)}`,
          ok: flagged / pairs <= MOST_FLAGGED,
          method: methodOf(what),
        },
        {
          figure: `true +10 % found: ${of}`,
          measured: percent(found / pairs),
          target: must ? `>= ${percent(LEAST_FOUND)}` : 'told only',
          ok: !must || found / pairs >= LEAST_FOUND,
          method: methodOf(what),
        },
      )
    }
  return rows
}
