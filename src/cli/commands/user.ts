import { Option, type Command } from 'commander'
import { ROLES, type Accounts, type Role, type User } from '../../accounts/accounts.ts'
import { AppError } from '../../app-error.ts'
import { toIso } from '../../points/instant.ts'
import type { Cli } from '../cli.ts'
import { EXIT, type ExitCode } from '../exit-code.ts'
import { readNewPassword } from '../password.ts'
import { printable, table } from '../text/table.ts'
import { NOTHING } from '../text/value.ts'
import { formatTime } from '../text/when.ts'
import { dataDirOption, type DataDir } from './options.ts'

/** As PUT /api/auth/password asks it. */
const LEAST_PASSWORD = 8

export const addUser = (program: Command, cli: Cli): void => {
  const user = program
    .command('user')
    .summary('accounts: add, passwd, list, remove')
    .description(
      'Accounts of this server, also while it runs. Passwords are asked for, or read from standard input; never an argument.',
    )
    .addHelpText(
      'after',
      `
Examples:
  $ perfwatch user add alice --role viewer
  $ pass show perfwatch/bob | perfwatch user add bob --role client
  $ perfwatch user passwd alice
  $ perfwatch user list --json
  $ perfwatch user remove bob`,
    )

  user
    .command('add')
    .summary('make an account')
    .description(
      'Makes an account. The password is asked for twice, or is the first line of standard input.',
    )
    .argument('<name>')
    .addOption(
      new Option(
        '--role <role>',
        'admin: everything; viewer: reads host metrics, logs, events; client: only what it sent itself',
      )
        .choices(ROLES)
        .default('viewer'),
    )
    .addOption(dataDirOption())
    .action((name: string, options: DataDir & { readonly role: Role }) =>
      cli.run(() =>
        withAccounts(cli, options, async (accounts) => {
          // before the password is typed twice for nothing
          if ((await accounts.users.find(name)) !== null)
            throw new AppError({ code: 'conflict', detail: `There is a user ${name} already.` })
          const password = await readNewPassword(cli.terminal, name)
          const made = await accounts.users.create({
            username: name,
            password,
            role: options.role,
            minPasswordLength: LEAST_PASSWORD,
          })
          cli.terminal.out(`Added ${printable(made.username)} as ${made.role}.`)
          return EXIT.ok
        }),
      ),
    )

  user
    .command('passwd')
    .summary('set a new password; ends the sessions of the account')
    .description(
      'Sets a new password, asked for twice or read from standard input, and ends every session of the account.',
    )
    .argument('<name>')
    .addOption(dataDirOption())
    .action((name: string, options: DataDir) =>
      cli.run(() =>
        withAccounts(cli, options, async (accounts) => {
          const { id, username } = await known(accounts, name)
          const password = await readNewPassword(cli.terminal, username)
          await accounts.users.update(id, { password }, { minPasswordLength: LEAST_PASSWORD })
          cli.terminal.out(
            `Set a new password for ${printable(username)}; its sessions have ended.`,
          )
          return EXIT.ok
        }),
      ),
    )

  user
    .command('list')
    .summary('list the accounts')
    .option('--json', 'as JSON')
    .addOption(dataDirOption())
    .action((options: DataDir & { readonly json?: true }) =>
      cli.run(() =>
        withAccounts(cli, options, async (accounts) => {
          const users = await accounts.users.list()
          const { out, colours } = cli.terminal
          out(
            options.json
              ? JSON.stringify({ users: users.map(plain) }, null, 2)
              : usersTable(users, colours.dim),
          )
          return EXIT.ok
        }),
      ),
    )

  user
    .command('remove')
    .summary('remove an account')
    .description(
      'Removes an account and ends its sessions. What it sent is kept, and its name is never given again.',
    )
    .argument('<name>')
    .option('--purge', 'also free the name')
    .addOption(dataDirOption())
    .action((name: string, options: DataDir & { readonly purge?: true }) =>
      cli.run(() =>
        withAccounts(cli, options, async (accounts) => {
          const { id, username } = await known(accounts, name)
          await accounts.users.remove(id, { forget: options.purge === true })
          cli.terminal.out(`Removed ${printable(username)}.`)
          return EXIT.ok
        }),
      ),
    )
}

/** Opens the accounts of the data folder, which must be there: a slip in `DATA_DIR` must not make a new one. */
export const withAccounts = async (
  cli: Cli,
  options: DataDir,
  work: (accounts: Accounts) => Promise<ExitCode>,
): Promise<ExitCode> => {
  const accounts = await cli.rooms.openAccounts(cli.settings({ DATA_DIR: options.dataDir }))
  try {
    return await work(accounts)
  } finally {
    await accounts.close()
  }
}

const known = async (accounts: Accounts, name: string): Promise<User> => {
  const user = await accounts.users.find(name)
  if (user === null)
    throw new AppError({
      code: 'not-found',
      detail: `There is no user ${name}; perfwatch user list shows who there is.`,
    })
  return user
}

const plain = ({ id, username, role, createdAt, lastLogin }: User) => ({
  id,
  username,
  role,
  created_at: toIso(createdAt),
  last_login: lastLogin === null ? null : toIso(lastLogin),
})

const usersTable = (users: readonly User[], dim: (text: string) => string): string =>
  table(
    [{ head: 'name' }, { head: 'role' }, { head: 'created' }, { head: 'last log-in' }],
    users.map(({ username, role, createdAt, lastLogin }) => [
      username,
      role,
      formatTime(toIso(createdAt)),
      lastLogin === null ? NOTHING : formatTime(toIso(lastLogin)),
    ]),
    dim,
  )
