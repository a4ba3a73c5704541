import type { Accounts } from '../accounts/accounts.ts'
import type { Sample } from '../points/sample.ts'
import type { PerfReport } from '../sampler/perf/doctor.ts'
import type { InfluxAccess, InfluxReader } from '../serve/influx-access.ts'
import type { StoreNote } from '../serve/open-store.ts'
import type { Settings } from '../settings.ts'
import type { CopyHooks, CopyPlaces } from './copy/places.ts'
import type { SeriesStore } from '../store/store.ts'

export type FolderFacts = { readonly host: string; readonly samplingIntervalMs: number }

/**
 * `read`: beside a running server. `write`: refuses while one holds the folder. `roll`: rolls up, on InfluxDB beside
 * a server, on the embedded store as `write`.
 */
export type StoreAccess = 'read' | 'write' | 'roll'

/** The rooms that commands open; tests give fakes. Each is loaded when it is opened, so that the others cost no start. */
export type Rooms = {
  readonly serve: (settings: Settings) => Promise<void>
  /** `not-found` when the folder holds no accounts: a slip in `DATA_DIR` must not make new ones. */
  readonly openAccounts: (settings: Settings) => Promise<Accounts>
  readonly openStore: (settings: Settings, access: StoreAccess) => Promise<SeriesStore>
  /** The embedded store of the folder and the InfluxDB of the settings, to copy from one to the other. */
  readonly openCopy: (settings: Settings, hooks: CopyHooks) => Promise<CopyPlaces>
  /** The host and the sampling interval of the folder's server, where one has run; else what they would be. */
  readonly about: (settings: Settings) => Promise<FolderFacts>
  /** One sample of this host, with rates. */
  readonly sampleOnce: (settings: Settings) => Promise<Sample>
  /** Samples until the returned function is called. */
  readonly watch: (
    settings: Settings,
    intervalMs: number,
    onSample: (sample: Sample) => void,
  ) => Promise<() => Promise<void>>
  /** What `perf` can count here, and why not more. */
  readonly explainPerf: (settings: Settings) => Promise<PerfReport>
  /** A server holds the folder. */
  readonly serverRuns: (folder: string) => Promise<boolean>
  readonly storeExists: (settings: Settings) => Promise<boolean>
  /** What is wrong with the store's file; null: it is whole, or the store is InfluxDB. */
  readonly storeDamage: (settings: Settings) => Promise<string | null>
  /** Puts a backup in the place of what is there; `write` access. */
  readonly restore: (
    settings: Settings,
    backup: string,
    options: { readonly replace: boolean; readonly full: boolean; readonly stamp: string },
  ) => Promise<{ readonly aside: string | null }>
  /** What a person should know of the store that is chosen. */
  readonly storeNotes: (settings: Settings) => Promise<readonly StoreNote[]>
  /** How to read from the InfluxDB that the server runs on. */
  readonly influxAccess: (settings: Settings, reader: InfluxReader) => Promise<InfluxAccess>
  readonly wait: (ms: number) => Promise<void>
}
