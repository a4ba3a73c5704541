import {
  bestFound,
  CALIBRATED,
  calibrate,
  type Calibrated,
  type Calibration,
  type Verdicts,
} from '../../src/testing/calibrate.ts'
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
}

const LOADS: readonly Loaded[] = [
  {
    name: 'even load',
    load: simulatedLoad(EVEN),
    what: 'usage of 40 %, daily rhythm of +-5 % of it, AR(1) noise of 8 % of it that forgets itself in 30 s, two bursts of +25 % an hour',
  },
  {
    name: 'restless load',
    load: simulatedLoad(RESTLESS),
    what: 'usage of 40 %, daily rhythm of +-40 % of it, AR(1) noise of 20 % of it that forgets itself in 60 s, four bursts of +75 % an hour',
  },
  {
    name: 'recorded load',
    load: recordedLoad(),
    what: 'half an hour of /proc/stat by the second, recorded on a machine that builds and tests, continued by the stationary bootstrap in pieces of 5 minutes on average, for both periods of a pair independently: they share no rhythm, and nothing that happens at the same time of day',
  },
]

const percent = (share: number) => `${(share * 100).toFixed(1)} %`

type Measured = { readonly calibrated: Calibrated; readonly calibration: Calibration }

/** How often a comparison calls the same load different, and how often it finds a true +10 %. */
export const benchCalibration = async (): Promise<BenchRow[]> => {
  const rows: BenchRow[] = []
  for (const loaded of LOADS) {
    const measured: Measured[] = []
    for (const [index, calibrated] of CALIBRATED.entries()) {
      const random = createRandom(1_000 + index)
      const calibration = await calibrate(loaded.load, calibrated, PAIRS, random)
      measured.push({ calibrated, calibration })
    }
    rows.push(...rowsOf(loaded, measured))
  }
  return rows
}

const rowsOf = ({ name, what }: Loaded, measured: readonly Measured[]): readonly BenchRow[] => {
  const method = `${PAIRS} pairs of periods of each length by the verb compare at the interval of auto; ${what}. Called different: a verdict is true of any field of cpu. Found: a verdict is true of usage_percent, with the current period times 1.1. ${bounds(measured)}`
  return measured.flatMap(({ calibrated, calibration: { flagged, found } }) => {
    const of = `${calibrated.period} against ${calibrated.compareTo.replace('_', ' ')}, ${name}`
    return [
      {
        figure: `same load called different: ${of}`,
        measured: shares(flagged),
        target: `<= ${percent(MOST_FLAGGED)}`,
        ok: flagged.either / PAIRS <= MOST_FLAGGED,
        method,
      },
      {
        figure: `true +10 % found: ${of}`,
        measured: shares(found),
        target: `>= ${percent(LEAST_FOUND)}`,
        ok: found.either / PAIRS >= LEAST_FOUND,
        method,
      },
    ]
  })
}

const shares = ({ either, significant, paired }: Verdicts): string =>
  `${percent(either / PAIRS)} (significant ${percent(significant / PAIRS)}, paired ${percent(paired / PAIRS)})`

/** What the load itself allows, so that a miss can be told from a bad test. */
const bounds = (measured: readonly Measured[]): string => {
  const each = measured.map(
    ({ calibrated: { period }, calibration: { spread } }) =>
      `${percent(spread)} (${period}: at best ${percent(bestFound(spread))})`,
  )
  return `The averages of two periods under this load differ by one deviation of ${each.join(', ')}; at best: what a test of the mean would find at 0.01 that knew this and had to estimate nothing.`
}
