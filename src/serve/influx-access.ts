import { AppError } from '../app-error.ts'
import type { Settings } from '../settings.ts'
import { nodeDisk } from '../spool/disk.ts'
import { readTokens } from '../store/influx/provision/tokens-file.ts'

/** Who reads beside PerfWatch: people at a command line, and Grafana. Neither may write or see a task. */
export type InfluxReader = 'reader' | 'grafana'

/** What somebody needs to read from InfluxDB. */
export type InfluxAccess = {
  readonly url: string
  readonly org: string
  /** Of raw samples; the names of the other buckets begin with it. */
  readonly bucket: string
  readonly token: string
}

/** Rejects with an AppError that says what to do where there is no InfluxDB, or no token yet. */
export const influxAccess = async (
  settings: Pick<Settings, 'INFLUX_URL' | 'INFLUX_ORG' | 'INFLUX_BUCKET_PREFIX' | 'DATA_DIR'>,
  reader: InfluxReader,
): Promise<InfluxAccess> => {
  const { INFLUX_URL, INFLUX_ORG, INFLUX_BUCKET_PREFIX, DATA_DIR } = settings
  if (INFLUX_URL === undefined)
    throw new AppError({
      code: 'not-found',
      detail:
        'The data is in the embedded store, which has no tokens. Set INFLUX_URL to the InfluxDB that PerfWatch runs on.',
    })
  const kept = await readTokens(nodeDisk, DATA_DIR)
  const token = kept?.scoped[reader]?.token
  if (token === undefined)
    throw new AppError({
      code: 'not-found',
      detail: `There is no token in ${DATA_DIR} yet: PerfWatch makes it when it starts on InfluxDB. Start it once, or set DATA_DIR.`,
    })
  return { url: INFLUX_URL, org: INFLUX_ORG, bucket: INFLUX_BUCKET_PREFIX, token }
}
