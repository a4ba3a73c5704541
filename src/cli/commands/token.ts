import type { Command } from 'commander'
import type { IngestToken } from '../../accounts/accounts.ts'
import { TOKEN_QUOTA } from '../../accounts/token-scope.ts'
import { toIso } from '../../points/instant.ts'
import type { Cli } from '../cli.ts'
import { EXIT } from '../exit-code.ts'
import { printable } from '../text/table.ts'
import { NOTHING } from '../text/value.ts'
import { dataDirOption, type DataDir } from './options.ts'
import { addList, found, isoOrNull, when, withAccounts } from './with-accounts.ts'

type Limits = {
  readonly dataset?: string
  readonly host?: string
  readonly project?: string
  readonly prefix?: string
  readonly agent?: true
  readonly metrics?: true
  readonly pointsPerSecond?: number
  readonly maxSeries?: number
}

export const addToken = (program: Command, cli: Cli): void => {
  const token = program
    .command('token')
    .summary('tokens for programs that send: add, list, revoke')
    .description(
      'Tokens for programs that send data, or that read /metrics. Also while the server runs.',
    )
    .addHelpText(
      'after',
      `
Examples:
  $ perfwatch token add nightly-build --prefix build_ > token
  $ perfwatch token add shop-page --project shop
  $ perfwatch token add web-1 --agent --host web-1
  $ perfwatch token add prometheus --metrics
  $ perfwatch token list
  $ perfwatch token revoke nightly-build

The value is shown once; only its hash is kept.`,
    )

  addAdd(token, cli)

  addList(token, cli, {
    name: 'tokens',
    summary: 'list the tokens, without their values',
    read: ({ tokens }) => tokens.list(),
    plain,
    columns: ['name', 'kind', 'dataset', 'host', 'project', 'prefix', 'created', 'last used'],
    cells: (one) => [
      one.name,
      one.metrics ? 'metrics' : one.agent ? 'agent' : 'push',
      one.dataset ?? NOTHING,
      one.host ?? NOTHING,
      one.project ?? NOTHING,
      one.prefix ?? NOTHING,
      when(one.createdAt),
      when(one.lastUsed),
    ],
  })

  token
    .command('revoke')
    .summary('end a token at once')
    .argument('<name>')
    .addOption(dataDirOption())
    .action((name: string, options: DataDir) =>
      withAccounts(cli, options, async ({ tokens }) => {
        const known = (await tokens.list()).find((one) => one.name === name)
        const { id } = found(known, 'token', name)
        await tokens.remove(id)
        cli.terminal.out(`Revoked ${printable(name)}.`)
        return EXIT.ok
      }),
    )
}

const addAdd = (token: Command, cli: Cli): void => {
  const { pointsPerSecond, maxSeries } = TOKEN_QUOTA
  token
    .command('add')
    .summary('make a token; its value alone is the output')
    .description('Makes a token. Its value alone is written to standard output, this once.')
    .argument('<name>')
    .option('--dataset <dataset>', 'only into this dataset: pushed, metrics, events or logs')
    .option('--host <host>', 'only for this host')
    .option('--project <title>', 'only events of this project')
    .option('--prefix <prefix>', 'only measurements whose name begins so')
    .option('--agent', 'writes the metrics of --host, which no other token may')
    .option('--metrics', 'reads /metrics and nothing else')
    .option(
      '--points-per-second <count>',
      `lines it may send in a second (default: ${pointsPerSecond})`,
      Number,
    )
    .option('--max-series <count>', `series it may send (default: ${maxSeries})`, Number)
    .addOption(dataDirOption())
    .action((name: string, options: DataDir & Limits) =>
      withAccounts(cli, options, async ({ tokens }) => {
        const { dataDir: _, ...limits } = options
        const made = await tokens.create({ name, ...limits })
        if (made.record.dataset === 'metrics' && !made.record.agent)
          cli.terminal.err(
            'note: only a token with --agent may write metrics; this one writes nothing.',
          )
        cli.terminal.out(made.token)
        return EXIT.ok
      }),
    )
}

const plain = (token: IngestToken) => ({
  id: token.id,
  name: token.name,
  dataset: token.dataset,
  host: token.host,
  project: token.project,
  prefix: token.prefix,
  agent: token.agent,
  metrics: token.metrics,
  points_per_second: token.pointsPerSecond,
  max_series: token.maxSeries,
  created_at: toIso(token.createdAt),
  last_used: isoOrNull(token.lastUsed),
})
