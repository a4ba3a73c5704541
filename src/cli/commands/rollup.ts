import type { Command } from 'commander'
import { AppError } from '../../app-error.ts'
import {
  HOUR,
  instant,
  toIso,
  windowCeil,
  windowStart,
  type Instant,
  type TimeRange,
} from '../../points/instant.ts'
import type { SeriesStore } from '../../store/store.ts'
import type { Cli } from '../cli.ts'
import { EXIT, type ExitCode } from '../exit-code.ts'
import { startProgress } from '../progress.ts'
import { parseMoment } from '../text/span.ts'
import { formatPeriod } from '../text/when.ts'
import { formatValue } from '../text/value.ts'
import { dataDirOption, type DataDir } from './options.ts'

type Options = DataDir & { readonly since: string; readonly until: string }

/** So much is rolled up between two looks at whether somebody wants to stop. */
const STEP_MS = 6 * HOUR

export const addRollup = (program: Command, cli: Cli): void => {
  program
    .command('rollup')
    .summary('make the 1m, 5m and 1h windows of a range again')
    .description(
      'Makes the 1m, 5m and 1h windows of a range again from what is stored, whole hours at a time. The server and the tasks of InfluxDB do so by themselves; this is for a range that something else has written or deleted in.\nOn InfluxDB it works beside a running server and leaves the last hour to the tasks; on the embedded store the server must not run.',
    )
    .requiredOption(
      '--since <time>',
      'a span back from now (24h, 7d) or a time (UTC without a zone)',
    )
    .option('--until <time>', 'the end, as --since', 'now')
    .addOption(dataDirOption())
    .addHelpText(
      'after',
      `
Examples:
  $ perfwatch rollup --since 7d
  $ perfwatch rollup --since 2025-01-18 --until 2025-01-19T12:00Z

Ctrl-C ends it after the stretch at hand and says how to go on. Doing a range twice changes nothing.`,
    )
    .action((options: Options) => cli.run(() => rollup(cli, options)))
}

const rollup = async (cli: Cli, options: Options): Promise<ExitCode> => {
  const now = cli.now()
  const from = windowStart(parseMoment(options.since, '--since', now), HOUR)
  const to = windowCeil(parseMoment(options.until, '--until', now), HOUR)
  if (from >= to) throw new AppError({ code: 'invalid', detail: '--since must be before --until.' })
  const store = await cli.rooms.openStore(cli.settings({ DATA_DIR: options.dataDir }), 'roll')
  const stop = stopAsked(cli)
  try {
    const first = await firstRow(store)
    if (first === null || first >= to) {
      cli.terminal.out('There is nothing to roll up.')
      return EXIT.ok
    }
    const range = { from: instant(Math.max(from, windowStart(first, HOUR))), to }
    return await rollSteps(cli, store, range, stop.isAsked)
  } finally {
    stop.forget()
    await store.close()
  }
}

const rollSteps = async (
  { terminal }: Cli,
  store: SeriesStore,
  { from, to }: TimeRange,
  isStopped: () => boolean,
): Promise<ExitCode> => {
  const hours = (to - from) / HOUR
  const progress = await startProgress(
    terminal,
    `Rolling up ${formatPeriod(toIso(from), toIso(to))}`,
    hours,
  )
  let windows = 0
  let at = from
  try {
    while (at < to && !isStopped()) {
      const end = instant(Math.min(to, windowStart(at, STEP_MS) + STEP_MS))
      windows += await store.rollUp({ from: at, to: end })
      at = end
      progress.to((at - from) / HOUR)
    }
  } finally {
    progress.end()
  }
  terminal.out(`Wrote ${formatValue(windows, 'count')} windows.`)
  if (at >= to) return EXIT.ok
  terminal.out(`Stopped. To go on: perfwatch rollup --since ${toIso(at)} --until ${toIso(to)}`)
  return EXIT.no
}

/** Where the oldest host begins; null: nothing is stored. */
const firstRow = async (store: SeriesStore): Promise<Instant | null> =>
  (await store.hosts()).reduce<Instant | null>(
    (first, { firstSeen }) => (first === null || firstSeen < first ? firstSeen : first),
    null,
  )

/** Ctrl-C asks to stop at the next seam. */
const stopAsked = ({ signals }: Pick<Cli, 'signals'>) => {
  let asked = false
  const ask = () => {
    asked = true
  }
  signals.on('SIGINT', ask)
  return { isAsked: () => asked, forget: () => void signals.off('SIGINT', ask) }
}
