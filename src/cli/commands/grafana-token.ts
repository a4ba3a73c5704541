import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { EXIT } from '../exit-code.ts'
import { dataDirOption, type DataDir } from './options.ts'

type Options = DataDir & { readonly json?: true; readonly tokenOnly?: true }

export const addGrafanaToken = (program: Command, cli: Cli): void => {
  program
    .command('grafana-token')
    .summary('what a Grafana needs to read from InfluxDB')
    .description(
      'Prints the URL, the organisation, the bucket and a token that can read what PerfWatch has stored and do nothing else.\nPerfWatch makes the token when it starts on InfluxDB.',
    )
    .option('--token-only', 'the token alone, for a file')
    .option('--json', 'as JSON')
    .addOption(dataDirOption())
    .addHelpText(
      'after',
      `
Examples:
  $ INFLUX_URL=http://127.0.0.1:8086 perfwatch grafana-token
  $ perfwatch grafana-token --token-only > grafana-influx-token`,
    )
    .action((options: Options) =>
      cli.run(async () => {
        const settings = cli.settings({ DATA_DIR: options.dataDir })
        const access = await cli.rooms.influxAccess(settings, 'grafana')
        cli.terminal.out(textOf(access, options))
        return EXIT.ok
      }),
    )
}

type Access = Readonly<Record<'url' | 'org' | 'bucket' | 'token', string>>

const textOf = ({ url, org, bucket, token }: Access, options: Options): string => {
  if (options.tokenOnly) return token
  if (options.json) return JSON.stringify({ url, organization: org, bucket, token }, null, 2)
  return [
    'Query language  Flux',
    `URL             ${url}`,
    `Organization    ${org}`,
    `Default bucket  ${bucket}`,
    `Token           ${token}`,
  ].join('\n')
}
