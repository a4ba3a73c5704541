import { Option, type Command } from 'commander'
import { ROLES, type Role } from '../../accounts/accounts.ts'
import { AppError } from '../../app-error.ts'
import { toIso } from '../../points/instant.ts'
import { purgeUser } from '../../history/purge.ts'
import type { Cli } from '../cli.ts'
import { EXIT } from '../exit-code.ts'
import { readNewPassword } from '../password.ts'
import { printable } from '../text/table.ts'
import { dataDirOption, type DataDir } from './options.ts'
import { addList, found, isoOrNull, when, withAccounts, withRecords } from './with-accounts.ts'

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
  $ perfwatch user add nightly --logger
  $ perfwatch user passwd alice
  $ perfwatch user list --json
  $ perfwatch user remove bob`,
    )

  addAdd(user, cli)

  user
    .command('passwd')
    .summary('set a new password; ends the sessions of the account')
    .description(
      'Sets a new password, asked for twice or read from standard input, and ends every session of the account.',
    )
    .argument('<name>')
    .addOption(dataDirOption())
    .action((name: string, options: DataDir) =>
      withAccounts(cli, options, async ({ users }) => {
        const { id, username } = found(await users.find(name), 'user', name)
        const password = await readNewPassword(cli.terminal, username)
        await users.update(id, { password }, { minPasswordLength: LEAST_PASSWORD })
        cli.terminal.out(`Set a new password for ${printable(username)}; its sessions have ended.`)
        return EXIT.ok
      }),
    )

  addList(user, cli, {
    name: 'users',
    summary: 'list the accounts',
    read: ({ users }) => users.list(),
    plain: ({ id, username, role, createdAt, lastLogin, telId }) => ({
      id,
      username,
      role,
      created_at: toIso(createdAt),
      last_login: isoOrNull(lastLogin),
      ...(telId !== null && { tel_id: telId }),
    }),
    columns: ['name', 'role', 'created', 'last log-in'],
    cells: ({ username, role, createdAt, lastLogin }) => [
      username,
      role,
      when(createdAt),
      when(lastLogin),
    ],
  })

  user
    .command('remove')
    .summary('remove an account')
    .description(
      'Removes an account and ends its sessions. What it sent is kept, and its name is never given again.',
    )
    .argument('<name>')
    .option('--purge', 'also delete what it sent and free the name; no server may run')
    .addOption(dataDirOption())
    .action((name: string, options: DataDir & { readonly purge?: true }) =>
      withAccounts(cli, options, async ({ users, projects }) => {
        const { id, username } = found(await users.find(name), 'user', name)
        if (options.purge !== true) await users.remove(id)
        else
          await withRecords(cli, options, async (records) => {
            const owned = (await projects.list(username)).map(({ title }) => title)
            await users.remove(id)
            if (records !== null) await purgeUser(records, username, owned)
            await users.remove(id, { forget: true })
          })
        cli.terminal.out(`Removed ${printable(username)}.`)
        return EXIT.ok
      }),
    )
}

const addAdd = (user: Command, cli: Cli): void => {
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
        'admin: everything; viewer: reads host metrics, logs, events; client: only what it sent itself (default: viewer, with --logger client)',
      ).choices(ROLES),
    )
    .option('--logger', 'the clients of LoggerBot can send logs with its name and password')
    .addOption(dataDirOption())
    .action((name: string, options: DataDir & { readonly role?: Role; readonly logger?: true }) =>
      withAccounts(cli, options, async ({ users }) => {
        // before the password is typed twice for nothing
        if ((await users.find(name)) !== null)
          throw new AppError({ code: 'conflict', detail: `There is a user ${name} already.` })
        const password = await readNewPassword(cli.terminal, name)
        const logger = options.logger === true
        const made = await users.create({
          username: name,
          password,
          role: options.role ?? (logger ? 'client' : 'viewer'),
          logger,
          minPasswordLength: LEAST_PASSWORD,
        })
        cli.terminal.out(`Added ${printable(made.username)} as ${made.role}.`)
        return EXIT.ok
      }),
    )
}
