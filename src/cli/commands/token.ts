import type { Command } from 'commander'
import type { IngestToken } from '../../accounts/accounts.ts'
import { AppError } from '../../app-error.ts'
import { toIso } from '../../points/instant.ts'
import type { Cli } from '../cli.ts'
import { EXIT } from '../exit-code.ts'
import { printable, table } from '../text/table.ts'
import { NOTHING } from '../text/value.ts'
import { formatTime } from '../text/when.ts'
import { dataDirOption, type DataDir } from './options.ts'
import { withAccounts } from './user.ts'

type Limits = {
  readonly dataset?: string
  readonly host?: string
  readonly prefix?: string
  readonly metrics?: true
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
  $ perfwatch token add prometheus --metrics
  $ perfwatch token list
  $ perfwatch token revoke nightly-build

The value is shown once; only its hash is kept.`,
    )

  token
    .command('add')
    .summary('make a token; its value alone is the output')
    .description('Makes a token. Its value alone is written to standard output, this once.')
    .argument('<name>')
    .option('--dataset <dataset>', 'only into this dataset')
    .option('--host <host>', 'only for this host')
    .option('--prefix <prefix>', 'only measurements whose name begins so')
    .option('--metrics', 'reads /metrics and nothing else')
    .addOption(dataDirOption())
    .action((name: string, options: DataDir & Limits) =>
      cli.run(() =>
        withAccounts(cli, options, async ({ tokens }) => {
          const { dataset, host, prefix, metrics } = options
          const made = await tokens.create({ name, dataset, host, prefix, metrics })
          cli.terminal.out(made.token)
          return EXIT.ok
        }),
      ),
    )

  token
    .command('list')
    .summary('list the tokens, without their values')
    .option('--json', 'as JSON')
    .addOption(dataDirOption())
    .action((options: DataDir & { readonly json?: true }) =>
      cli.run(() =>
        withAccounts(cli, options, async ({ tokens }) => {
          const all = await tokens.list()
          const { out, colours } = cli.terminal
          out(
            options.json
              ? JSON.stringify({ tokens: all.map(plain) }, null, 2)
              : tokensTable(all, colours.dim),
          )
          return EXIT.ok
        }),
      ),
    )

  token
    .command('revoke')
    .summary('end a token at once')
    .argument('<name>')
    .addOption(dataDirOption())
    .action((name: string, options: DataDir) =>
      cli.run(() =>
        withAccounts(cli, options, async ({ tokens }) => {
          const found = (await tokens.list()).find((one) => one.name === name)
          if (found === undefined)
            throw new AppError({
              code: 'not-found',
              detail: `There is no token ${name}; perfwatch token list shows what there is.`,
            })
          await tokens.remove(found.id)
          cli.terminal.out(`Revoked ${printable(found.name)}.`)
          return EXIT.ok
        }),
      ),
    )
}

const plain = ({ id, name, dataset, host, prefix, createdAt, lastUsed }: IngestToken) => ({
  id,
  name,
  dataset,
  host,
  prefix,
  created_at: toIso(createdAt),
  last_used: lastUsed === null ? null : toIso(lastUsed),
})

const tokensTable = (tokens: readonly IngestToken[], dim: (text: string) => string): string =>
  table(
    ['name', 'dataset', 'host', 'prefix', 'created', 'last used'].map((head) => ({ head })),
    tokens.map(({ name, dataset, host, prefix, createdAt, lastUsed }) => [
      name,
      dataset ?? NOTHING,
      host ?? NOTHING,
      prefix ?? NOTHING,
      formatTime(toIso(createdAt)),
      lastUsed === null ? NOTHING : formatTime(toIso(lastUsed)),
    ]),
    dim,
  )
