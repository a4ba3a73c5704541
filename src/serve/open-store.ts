import { AppError } from '../app-error.ts'
import type { Config } from '../accounts/config.ts'
import type { Clock } from '../points/clock.ts'
import type { Settings } from '../settings.ts'
import { openEmbedded } from '../store/embedded/open-embedded.ts'
import { retentionPolicy } from '../store/retention-policy.ts'
import type { SeriesStore } from '../store/store.ts'

export type OpenedStore = {
  readonly store: SeriesStore
  /** For the start banner. */
  readonly name: string
}

/** The store that the settings ask for: InfluxDB where `INFLUX_URL` is set, else the embedded one. */
export const openStore = async (
  settings: Settings,
  config: Config,
  clock: Clock,
): Promise<OpenedStore> => {
  if (settings.INFLUX_URL !== undefined)
    throw new AppError({
      code: 'setup',
      detail:
        'INFLUX_URL: InfluxDB is not supported by this version yet; unset it to use the embedded store.',
    })
  const store = openEmbedded({
    folder: settings.DATA_DIR,
    clock,
    policy: retentionPolicy(config),
  })
  return { store, name: 'embedded' }
}
