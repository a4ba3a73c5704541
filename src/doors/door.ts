import type { Logger } from 'pino'
import type { Accounts } from '../accounts/accounts.ts'
import type { Origins } from '../http/client-address.ts'
import type { CorsRule } from '../http/cors.ts'
import type { Identify } from '../http/identity.ts'
import type { Surface } from '../http/surface.ts'
import type { Clock } from '../points/clock.ts'
import type { DoorName, Settings } from '../settings.ts'
import type { RecordStore } from '../store/records.ts'

/** What a door works with. */
export type DoorDeps = {
  readonly accounts: Accounts
  readonly records: RecordStore
  readonly clock: Clock
  readonly identify: Identify
  readonly origins: Origins
  readonly settings: Pick<Settings, 'ALLOW_REGISTRATION' | 'LOGGER_API_KEY' | 'EVENT_CORS_ORIGINS'>
  readonly log: Logger
}

/** The surface for the clients of one older system, as they know it. */
export type Door = {
  readonly name: DoorName
  /** The setting that gives it a port of its own. */
  readonly portSetting:
    | 'PERFORMANCE_MONITOR_PORT'
    | 'SPEEDLOG_PORT'
    | 'MOOD_PORT'
    | 'LOGGER_BOT_PORT'
  readonly open: (deps: DoorDeps) => Surface
  /** Pages of other origins that may call some of its paths. */
  readonly cors?: (settings: DoorDeps['settings']) => CorsRule
}
