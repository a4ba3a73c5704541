import type { Command } from 'commander'
import type { Accounts } from '../../accounts/accounts.ts'
import { AppError } from '../../app-error.ts'
import { toIso, type Instant } from '../../points/instant.ts'
import type { RecordStore } from '../../store/records.ts'
import type { Cli } from '../cli.ts'
import { EXIT, type ExitCode } from '../exit-code.ts'
import { table } from '../text/table.ts'
import { NOTHING } from '../text/value.ts'
import { formatTime } from '../text/when.ts'
import { dataDirOption, type DataDir } from './options.ts'

/** What `user`, `token` and `project` share: they work on the accounts of the data folder, also while its server runs. */

/** Runs a command's work on them; the folder must be there, since a slip in `DATA_DIR` must not make a new one. */
export const withAccounts = (
  cli: Cli,
  options: DataDir,
  work: (accounts: Accounts) => Promise<ExitCode>,
): Promise<void> =>
  cli.run(async () => {
    const accounts = await cli.rooms.openAccounts(cli.settings({ DATA_DIR: options.dataDir }))
    try {
      return await work(accounts)
    } finally {
      await accounts.close()
    }
  })

/**
 * Runs a command's work on the records of the folder's store, where there is one. AppError `setup` while a server has
 * it: only that may delete then.
 */
export const withRecords = async (
  cli: Cli,
  options: DataDir,
  work: (records: Pick<RecordStore, 'remove'> | null) => Promise<void>,
): Promise<void> => {
  const settings = cli.settings({ DATA_DIR: options.dataDir })
  if (await cli.rooms.serverRuns(settings.DATA_DIR))
    throw new AppError({
      code: 'conflict',
      detail:
        'A server runs on this folder, and only it can delete data: stop it, or send DELETE /api/users/{id}?purge=true (or /api/projects/{id}) to it.',
    })
  if (!(await cli.rooms.storeExists(settings))) return work(null)
  const store = await cli.rooms.openStore(settings, 'write')
  try {
    await work(store.records)
  } finally {
    await store.close()
  }
}

/** Adds `list [--json]` to a command: a table for people, `{"<name>": [...]}` for programs. */
export const addList = <Item>(
  parent: Command,
  cli: Cli,
  list: {
    readonly name: string
    readonly summary: string
    readonly read: (accounts: Accounts) => Promise<readonly Item[]>
    readonly plain: (item: Item) => object
    readonly columns: readonly string[]
    readonly cells: (item: Item) => readonly string[]
  },
): void => {
  parent
    .command('list')
    .summary(list.summary)
    .option('--json', 'as JSON')
    .addOption(dataDirOption())
    .action((options: DataDir & { readonly json?: true }) =>
      withAccounts(cli, options, async (accounts) => {
        const items = await list.read(accounts)
        const { out, colours } = cli.terminal
        out(
          options.json
            ? JSON.stringify({ [list.name]: items.map(list.plain) }, null, 2)
            : table(
                list.columns.map((head) => ({ head })),
                items.map(list.cells),
                colours.dim,
              ),
        )
        return EXIT.ok
      }),
    )
}

/** What was named; AppError `not-found` that says where to look. */
export const found = <Item>(
  item: Item | null | undefined,
  kind: 'user' | 'token' | 'project',
  name: string,
): Item => {
  if (item !== null && item !== undefined) return item
  throw new AppError({
    code: 'not-found',
    detail: `There is no ${kind} ${name}; perfwatch ${kind} list shows ${kind === 'user' ? 'who' : 'what'} there is.`,
  })
}

export const isoOrNull = (at: Instant | null): string | null => (at === null ? null : toIso(at))

/** A time in a table. */
export const when = (at: Instant | null): string => (at === null ? NOTHING : formatTime(toIso(at)))
