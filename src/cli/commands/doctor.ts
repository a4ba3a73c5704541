import type { Command } from 'commander'
import { AppError } from '../../app-error.ts'
import type { Instant } from '../../points/instant.ts'
import type { Settings } from '../../settings.ts'
import type { Cli } from '../cli.ts'
import { clockCheck } from '../doctor/clock-check.ts'
import { collectorsCheck } from '../doctor/collectors-check.ts'
import { dataFolderCheck } from '../doctor/data-folder-check.ts'
import type { Check } from '../doctor/finding.ts'
import { nodeVersion } from '../doctor/node-version.ts'
import { perfCheck } from '../doctor/perf-check.ts'
import { portCheck } from '../doctor/port-check.ts'
import { runChecks } from '../doctor/run-checks.ts'
import { settingsCheck } from '../doctor/settings-check.ts'
import { storeCheck } from '../doctor/store-check.ts'
import { tiersCheck } from '../doctor/tiers-check.ts'
import { EXIT } from '../exit-code.ts'
import { closingLine, findingLines } from '../text/findings-lines.ts'
import { dataDirOption, type DataDir } from './options.ts'

type Options = DataDir & { readonly tiers?: true; readonly json?: true }

export const addDoctor = (program: Command, cli: Cli): void => {
  program
    .command('doctor')
    .summary('what works on this host, what does not, and why')
    .description(
      'Looks at Node, the settings, the data folder, the store, the port, the clock and every collector, and says what to do.\nChanges nothing, also while the server runs.',
    )
    .option(
      '--tiers',
      'also count the raw rows of the last day again and compare them with the rollups',
    )
    .option('--json', 'as JSON')
    .addOption(dataDirOption())
    .addHelpText(
      'after',
      `
Examples:
  $ perfwatch doctor
  $ perfwatch doctor --tiers
  $ perfwatch doctor --json | jq '.findings[] | select(.state == "broken")'

Marks: ✓ works, – this host does not have it, ! have a look, ✗ broken.
Exit codes: 0 nothing is broken, 1 something is, 2 the command line is wrong.`,
    )
    .action((options: Options) => cli.run(() => doctor(cli, options)))
}

const doctor = async (cli: Cli, options: Options) => {
  const { out, colours } = cli.terminal
  const findings = await runChecks(checksFor(cli, options), (found) => {
    if (options.json !== true)
      for (const finding of found) out(findingLines(finding, colours).join('\n'))
  })
  const broken = findings.some((finding) => finding.state === 'broken')
  out(
    options.json
      ? JSON.stringify({ healthy: !broken, findings }, null, 2)
      : `\n${closingLine(findings)}`,
  )
  return broken ? EXIT.no : EXIT.ok
}

const checksFor = (cli: Cli, options: Options): readonly Check[] => {
  const { rooms, now } = cli
  const early = [nodeVersion(cli.nodeVersion), settingsCheck(cli.environment)]
  const settings = settingsOf(cli, options)
  // without valid settings nothing else can be looked at; the sentence is there already
  if (settings === undefined) return early
  const folder = settings.DATA_DIR
  const openStore = () => rooms.openStore(settings, 'read')
  return [
    ...early,
    dataFolderCheck(folder, () => rooms.serverRuns(folder)),
    storeCheck({
      exists: () => rooms.storeExists(settings),
      damage: () => rooms.storeDamage(settings),
      notes: () => rooms.storeNotes(settings),
      open: openStore,
    }),
    ...(options.tiers ? [tiersCheck(openStore, now)] : []),
    portCheck(settings, () => rooms.serverRuns(folder)),
    clockCheck(cli.clock, rooms.wait, () => newestOf(cli, settings)),
    collectorsCheck(() => rooms.sampleOnce(settings)),
    perfCheck(() => rooms.explainPerf(settings)),
  ]
}

/** The newest stored sample of this host; null: none. */
const newestOf = async ({ rooms }: Cli, settings: Settings): Promise<Instant | null> => {
  if (!(await rooms.storeExists(settings))) return null
  const { host } = await rooms.about(settings)
  const store = await rooms.openStore(settings, 'read')
  return store.newest(host).finally(store.close)
}

const settingsOf = (cli: Cli, options: Options): Settings | undefined => {
  try {
    return cli.settings({ DATA_DIR: options.dataDir })
  } catch (error) {
    if (error instanceof AppError) return undefined
    throw error
  }
}
