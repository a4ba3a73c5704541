import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from '../accounts/config.ts'
import { AppError } from '../app-error.ts'
import type { Clock } from '../points/clock.ts'
import type { Settings } from '../settings.ts'
import { nodeDisk } from '../spool/disk.ts'
import { openEmbedded } from '../store/embedded/open-embedded.ts'
import { restoreFile, type Restored } from '../store/embedded/restore.ts'
import { SERIES_FILE } from '../store/embedded/schema.ts'
import type { HistoryImport } from '../store/history-import.ts'
import { restoreInto } from '../store/influx/backup.ts'
import { openInfluxImport, type ImportOptions } from '../store/influx/import.ts'
import { openInfluxBeside } from '../store/influx/open-beside.ts'
import { openInflux, type InfluxOptions } from '../store/influx/open-influx.ts'
import { readTokens } from '../store/influx/provision/tokens-file.ts'
import { retentionPolicy } from '../store/retention-policy.ts'
import type { SeriesStore } from '../store/store.ts'

export type OpenedStore = {
  readonly store: SeriesStore
  /** For the start banner: what it is and where. */
  readonly name: string
  readonly notes: readonly StoreNote[]
}

/** What a person should know of the store, and do. */
export type StoreNote = { readonly says: string; readonly advice: string }

type InfluxSettings = Pick<
  Settings,
  | 'INFLUX_URL'
  | 'INFLUX_TOKEN'
  | 'INFLUX_ORG'
  | 'INFLUX_BUCKET_PREFIX'
  | 'INFLUX_PROVISION'
  | 'DATA_DIR'
>

/** The store that the settings ask for: InfluxDB where `INFLUX_URL` is set, else the embedded one. */
export const openStore = async (
  settings: InfluxSettings,
  config: Config,
  clock: Clock,
  { path }: { readonly path: string },
): Promise<OpenedStore> => {
  const folder = settings.DATA_DIR
  const policy = retentionPolicy(config)
  if (settings.INFLUX_URL === undefined)
    return {
      store: openEmbedded({ folder, clock, policy }),
      name: `embedded, in ${folder}`,
      notes: [],
    }
  return {
    store: await openInflux(influxOptions(settings, settings.INFLUX_URL, { policy, clock, path })),
    name: `InfluxDB at ${withoutLogin(settings.INFLUX_URL)}; its spool is in ${folder}`,
    notes: pastNotes(folder),
  }
}

/** The same store for a look beside a server, running or not: it takes no points. */
export const openStoreBeside = (
  settings: InfluxSettings,
  config: Config,
  clock: Clock,
  { path }: { readonly path: string },
): Promise<SeriesStore> | SeriesStore => {
  const policy = retentionPolicy(config)
  return settings.INFLUX_URL === undefined
    ? openEmbedded({ folder: settings.DATA_DIR, clock, readOnly: true })
    : openInfluxBeside(influxOptions(settings, settings.INFLUX_URL, { policy, clock, path }))
}

/** InfluxDB, to copy the history of another store into it. AppError `setup` where the settings name none. */
export const openHistoryImport = async (
  settings: InfluxSettings,
  config: Config,
  clock: Clock,
  hooks: Pick<ImportOptions, 'wait' | 'check' | 'onWait' | 'patienceMs'>,
): Promise<{ readonly target: HistoryImport; readonly name: string }> => {
  const { INFLUX_URL: url } = settings
  if (url === undefined)
    throw new AppError({
      code: 'setup',
      detail:
        'INFLUX_URL is not set: give the address of the InfluxDB that is to have the history.',
    })
  const rest = { policy: retentionPolicy(config), clock, path: '' }
  return {
    target: await openInfluxImport({ ...influxOptions(settings, url, rest), ...hooks }),
    name: `InfluxDB at ${withoutLogin(url)}`,
  }
}

const influxOptions = (
  settings: InfluxSettings,
  url: string,
  rest: Pick<InfluxOptions, 'policy' | 'clock' | 'path'>,
): InfluxOptions => ({
  server: { url, org: settings.INFLUX_ORG, prefix: settings.INFLUX_BUCKET_PREFIX },
  token: settings.INFLUX_TOKEN,
  mode: settings.INFLUX_PROVISION,
  folder: settings.DATA_DIR,
  ...rest,
})

/** Where a backup goes: the file of the folder, or InfluxDB where `INFLUX_URL` is set. */
export const restoreBackup = async (
  settings: InfluxSettings,
  backup: string,
  options: {
    readonly replace: boolean
    readonly full: boolean
    readonly stamp: string
    readonly path: string
  },
): Promise<Restored> => {
  const { INFLUX_URL: url, INFLUX_TOKEN: token, DATA_DIR: folder } = settings
  if (url === undefined) return restoreFile(folder, backup, options)
  const server = { url, org: settings.INFLUX_ORG, prefix: settings.INFLUX_BUCKET_PREFIX }
  const kept = token ?? (await readTokens(nodeDisk, folder))?.operator?.token
  await restoreInto({ server, cli: 'influx', path: options.path, token: kept }, backup, options)
  return { aside: null }
}

/** Who moves to InfluxDB should not wonder where the past is. */
export const pastNotes = (folder: string): readonly StoreNote[] =>
  existsSync(join(folder, SERIES_FILE))
    ? [
        {
          says: `The history of the embedded store is still in ${join(folder, SERIES_FILE)} and is not shown.`,
          advice:
            '`perfwatch copy --from embedded --to influx` brings it along; then move the file away.',
        },
      ]
    : []

/** A URL may carry a name and a password, which no log should. */
const withoutLogin = (url: string): string => {
  const parsed = new URL(url)
  parsed.username = ''
  parsed.password = ''
  return parsed.href.replace(/\/$/, '')
}
