import { resolve } from 'node:path'
import type { Command } from 'commander'
import { toIso } from '../../points/instant.ts'
import type { Cli } from '../cli.ts'
import { EXIT, type ExitCode } from '../exit-code.ts'
import { dataDirOption, type DataDir } from './options.ts'

type Options = DataDir & { readonly replace?: true; readonly full?: true }

export const addRestore = (program: Command, cli: Cli): void => {
  program
    .command('restore')
    .summary('bring a backup of the history back')
    .description(
      'Puts what `perfwatch backup` has written in the place of the history. On the embedded store the server must not run; the backup is checked first, and what was there is moved aside and kept. On InfluxDB (INFLUX_URL) it runs `influx restore` with the operator token, while PerfWatch is stopped.',
    )
    .argument('<backup>', 'a file of the embedded store, a folder of InfluxDB')
    .option('--replace', 'embedded store: also where there is a history, which is moved aside')
    .option('--full', 'InfluxDB: all of the server becomes what the backup was, its tokens too')
    .addOption(dataDirOption())
    .addHelpText(
      'after',
      `
Examples:
  $ perfwatch restore /mnt/backup/perfwatch-2025-01-18.db
  $ perfwatch restore --replace /mnt/backup/perfwatch-2025-01-18.db
  $ INFLUX_URL=http://127.0.0.1:8086 perfwatch restore --full /mnt/backup/influx-2025-01-18

Accounts are not in it: copy accounts.db while the server is stopped.`,
    )
    .action((backup: string, options: Options) => cli.run(() => restore(cli, backup, options)))
}

const restore = async (cli: Cli, backup: string, options: Options): Promise<ExitCode> => {
  const settings = cli.settings({ DATA_DIR: options.dataDir })
  const { aside } = await cli.rooms.restore(settings, resolve(backup), {
    replace: options.replace === true,
    full: options.full === true,
    stamp: toIso(cli.now()).replaceAll(/[:.]/g, ''),
  })
  cli.terminal.out(`The history is that of ${resolve(backup)}.`)
  if (aside !== null) cli.terminal.out(`What was there is ${aside} now.`)
  return EXIT.ok
}
