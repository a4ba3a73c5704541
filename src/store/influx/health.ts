import type { Quarantine } from '../../spool/quarantine.ts'
import type { Intake } from './intake.ts'

/** An age of the spool that is worth a sentence. */
const LONG_WAIT_SECONDS = 30

type Parts = {
  readonly url: string
  readonly intake: Pick<Intake, 'figures' | 'problems'>
  readonly quarantine: Pick<Quarantine, 'count'>
  readonly quarantineFolder: string
  /** More sentences of others. */
  readonly others: () => readonly string[]
}

/** Everything that is wrong now, as sentences. */
export const createHealth =
  ({ url, intake, quarantine, quarantineFolder, others }: Parts) =>
  (): readonly string[] => {
    const { lines, ageSeconds } = intake.figures()
    const why = intake.problems()[0]
    const waits =
      lines > 0 && ageSeconds >= LONG_WAIT_SECONDS
        ? [
            `InfluxDB at ${url} has not taken points for ${Math.round(ageSeconds)} seconds; ${lines} lines wait in the spool${why === undefined ? '' : ` (${why})`}.`,
          ]
        : []
    const refused =
      quarantine.count() > 0
        ? [
            `InfluxDB has refused points ${quarantine.count()} times since the start; they and the reasons are in ${quarantineFolder}.`,
          ]
        : []
    return [...waits, ...others(), ...refused]
  }
