import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { EXIT } from '../exit-code.ts'

type Options = { readonly port?: string; readonly host?: string; readonly dataDir?: string }

export const addServe = (program: Command, cli: Cli): void => {
  program
    .command('serve')
    .summary('start the server: sample this host, keep the history, answer questions')
    .description(
      'Starts the server: samples this host, keeps the history and answers the API, the WebSocket and the web page.\nRuns until Ctrl-C or SIGTERM.',
    )
    .option('--port <number>', 'where to listen (PORT, 8000)')
    .option('--host <address>', 'which address to listen on (HOST, 127.0.0.1: this machine only)')
    .option('--data-dir <folder>', 'where everything is kept (DATA_DIR, ./data)')
    .addHelpText(
      'after',
      `
Examples:
  $ perfwatch serve
  $ perfwatch serve --port 9000 --data-dir /var/lib/perfwatch
  $ ADMIN_PASSWORD_FILE=/run/secrets/admin perfwatch serve --host 0.0.0.0`,
    )
    .action((options: Options) =>
      cli.run(async () => {
        const settings = cli.settings({
          PORT: options.port,
          HOST: options.host,
          DATA_DIR: options.dataDir,
        })
        await cli.rooms.serve(settings)
        return EXIT.ok
      }),
    )
}
