import type { Command } from 'commander'
import type { Accounts, User } from '../../accounts/accounts.ts'
import { AppError } from '../../app-error.ts'
import { toIso } from '../../points/instant.ts'
import { purgeProject } from '../../history/purge.ts'
import type { Cli } from '../cli.ts'
import { EXIT } from '../exit-code.ts'
import { printable } from '../text/table.ts'
import { dataDirOption, type DataDir } from './options.ts'
import { addList, found, when, withAccounts, withRecords } from './with-accounts.ts'

export const addProject = (program: Command, cli: Cli): void => {
  const project = program
    .command('project')
    .summary('projects of timing events: add, list, remove')
    .description('Projects whose timing events are kept. Also while the server runs.')
    .addHelpText(
      'after',
      `
Examples:
  $ perfwatch project add shop --owner alice
  $ perfwatch project add payments --token-required
  $ perfwatch project list --json
  $ perfwatch project remove shop`,
    )

  project
    .command('add')
    .summary('add a project')
    .description(
      'Adds a project. Its title is 1 to 64 letters, digits, "_", "." or "-"; it is a part of the path to which events are sent.',
    )
    .argument('<title>')
    .option('--owner <user>', 'whose it is: a client reads only its own (default: the first admin)')
    .option(
      '--token-required',
      'takes events only with a token: perfwatch token add NAME --project TITLE',
    )
    .addOption(dataDirOption())
    .action(
      (
        title: string,
        options: DataDir & { readonly owner?: string; readonly tokenRequired?: true },
      ) =>
        withAccounts(cli, options, async ({ users, projects }) => {
          const { id: ownerId } = await ownerOf(users, options.owner)
          const { tokenRequired } = options
          const made = await projects.create({ title, ownerId, tokenRequired })
          cli.terminal.out(`Added ${made.title} of ${printable(made.owner)}.`)
          return EXIT.ok
        }),
    )

  addList(project, cli, {
    name: 'projects',
    summary: 'list the projects',
    read: ({ projects }) => projects.list(),
    plain: ({ id, title, owner, tokenRequired, createdAt }) => ({
      id,
      title,
      owner,
      token_required: tokenRequired,
      created_at: toIso(createdAt),
    }),
    columns: ['title', 'owner', 'events', 'created'],
    cells: ({ title, owner, tokenRequired, createdAt }) => [
      title,
      owner,
      tokenRequired ? 'with a token' : 'open',
      when(createdAt),
    ],
  })

  project
    .command('remove')
    .summary('remove a project')
    .description(
      'Removes a project and ends its tokens. Its events are kept, and its title is never given again.',
    )
    .argument('<title>')
    .option('--purge', 'also delete its events and free the title; no server may run')
    .addOption(dataDirOption())
    .action((title: string, options: DataDir & { readonly purge?: true }) =>
      withAccounts(cli, options, async ({ projects }) => {
        const known = found(await projects.find(title), 'project', title)
        if (options.purge !== true) await projects.remove(known.id)
        else
          await withRecords(cli, options, async (records) => {
            await projects.remove(known.id)
            if (records !== null) await purgeProject(records, known.title)
            await projects.remove(known.id, { forget: true })
          })
        cli.terminal.out(`Removed ${known.title}.`)
        return EXIT.ok
      }),
    )
}

const ownerOf = async (users: Accounts['users'], name: string | undefined): Promise<User> => {
  if (name !== undefined) return found(await users.find(name), 'user', name)
  const admins = (await users.list()).filter(({ role }) => role === 'admin')
  const [first] = admins.sort((a, b) => a.id - b.id)
  if (first !== undefined) return first
  throw new AppError({
    code: 'not-found',
    detail: 'There is no admin yet; name the owner with --owner.',
  })
}
