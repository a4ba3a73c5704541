import { ROLLUP_TIERS } from '../../src/catalog/tiers.ts'
import { rollupScript, taskName } from '../../src/store/influx/rollup-script.ts'
import type { Generator } from '../generate.ts'

const PREFIX = 'perfwatch'

/** The task of each tier, as PerfWatch makes it in InfluxDB under the default prefix; for making it by hand. */
export const fluxTasks: readonly Generator[] = ROLLUP_TIERS.map((tier) => ({
  file: `influx/tasks/${taskName(PREFIX, tier)}.flux`,
  make: () => rollupScript(PREFIX, tier),
}))
