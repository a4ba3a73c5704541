import type { Command } from 'commander'
import { AppError } from '../../app-error.ts'
import type { SeriesStore } from '../../store/store.ts'
import type { Cli } from '../cli.ts'
import { EXIT, type ExitCode } from '../exit-code.ts'
import { startProgress } from '../progress.ts'
import { DEMO, fillDemo } from '../seed/fill.ts'
import { formatValue } from '../text/value.ts'
import { dataDirOption, type DataDir } from './options.ts'

type Options = DataDir & { readonly days: string; readonly remove?: true }

const MOST_DAYS = 400

export const addSeed = (program: Command, cli: Cli): void => {
  program
    .command('seed')
    .summary(`fill the store with plausible data of a host "${DEMO}", to try things out`)
    .description(
      `Writes plausible data of a host "${DEMO}": days and nights, weekends, bursts, a nightly backup. Always the same for the same days.\nNo other host is touched. The server must not run.`,
    )
    .option('--days <days>', `how far back, 1 to ${MOST_DAYS}`, '30')
    .option('--remove', `delete everything of the host "${DEMO}"`)
    .addOption(dataDirOption())
    .addHelpText(
      'after',
      `
Examples:
  $ perfwatch seed --days 30
  $ perfwatch query cpu --host ${DEMO} --since 7d
  $ perfwatch compare cpu --host ${DEMO} --period day --to last_week
  $ perfwatch seed --remove`,
    )
    .action((options: Options) => cli.run(() => seed(cli, options)))
}

const seed = async (cli: Cli, options: Options): Promise<ExitCode> => {
  const days = daysOf(options.days)
  const settings = cli.settings({ DATA_DIR: options.dataDir })
  if ((await cli.rooms.about(settings)).host === DEMO)
    throw new AppError({
      code: 'conflict',
      detail: `This host itself is called ${DEMO}, and its data must not be mixed up: give it another HOST_NAME.`,
    })
  const store = await cli.rooms.openStore(settings, 'write')
  try {
    return options.remove ? await remove(cli, store) : await fill(cli, store, days)
  } finally {
    await store.close()
  }
}

const fill = async (cli: Cli, store: SeriesStore, days: number): Promise<ExitCode> => {
  const { terminal } = cli
  // what was seeded before is of other days, and two loads laid over each other look like none
  if (await isThere(store)) await store.removeHost(DEMO)
  const progress = await startProgress(terminal, `Seeding ${inDays(days)}`, days)
  const points = await fillDemo(store, cli.now(), days, progress.to).finally(progress.end)
  terminal.out(
    `Wrote ${formatValue(points, 'count')} points of ${inDays(days)} under the host ${DEMO}. Try: perfwatch query cpu --host ${DEMO} --since 7d`,
  )
  return EXIT.ok
}

const remove = async ({ terminal }: Cli, store: SeriesStore): Promise<ExitCode> => {
  if (await isThere(store)) {
    await store.removeHost(DEMO)
    terminal.out(`Removed everything of the host ${DEMO}.`)
  } else terminal.out(`There is nothing of the host ${DEMO}.`)
  return EXIT.ok
}

const isThere = async (store: SeriesStore): Promise<boolean> =>
  (await store.hosts()).some(({ host }) => host === DEMO)

const inDays = (days: number): string => `${days} ${days === 1 ? 'day' : 'days'}`

const daysOf = (text: string): number => {
  const days = Number(text)
  if (!/^\d+$/.test(text) || days < 1 || days > MOST_DAYS)
    throw new AppError({
      code: 'invalid',
      detail: `--days: '${text}' is not a whole number from 1 to ${MOST_DAYS}.`,
    })
  return days
}
