import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { AppError } from '../../app-error.ts'
import type { Cli } from '../cli.ts'
import { EXIT } from '../exit-code.ts'
import { dataDirOption, type DataDir } from './options.ts'

export const addBackup = (program: Command, cli: Cli): void => {
  program
    .command('backup')
    .summary('copy the history into a file, also while the server runs')
    .description(
      'Writes a consistent copy of the history into a new file, also while the server runs.',
    )
    .argument('<file>', 'must not exist yet')
    .addOption(dataDirOption())
    .addHelpText(
      'after',
      `
Examples:
  $ perfwatch backup /mnt/backup/perfwatch-$(date +%F).db

perfwatch restore brings it back, while the server is stopped. With INFLUX_URL it is InfluxDB that is copied, into a folder.
Accounts are not in it: copy accounts.db while the server is stopped.`,
    )
    .action((file: string, options: DataDir) =>
      cli.run(async () => {
        const target = resolve(file)
        if (existsSync(target))
          throw new AppError({
            code: 'conflict',
            detail: `${target} exists; nothing is overwritten. Give another name.`,
          })
        const store = await cli.rooms.openStore(cli.settings({ DATA_DIR: options.dataDir }), 'read')
        try {
          await store.backup(target)
        } finally {
          await store.close()
        }
        cli.terminal.out(`Wrote ${target}.`)
        return EXIT.ok
      }),
    )
}
