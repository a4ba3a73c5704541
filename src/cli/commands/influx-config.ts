import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { Option, type Command } from 'commander'
import { AppError } from '../../app-error.ts'
import type { Cli } from '../cli.ts'
import { EXIT } from '../exit-code.ts'
import { dataDirOption, type DataDir } from './options.ts'

type Options = DataDir & {
  readonly name: string
  readonly path?: string
  readonly print?: true
  readonly active?: true
}

export const addInfluxConfig = (program: Command, cli: Cli): void => {
  program
    .command('influx-config')
    .summary('a read-only profile for the influx CLI')
    .description(
      'Writes a profile into the configuration of the influx CLI, with a token that can read what PerfWatch has stored and do\nnothing else. Other profiles stay as they are.',
    )
    .option('--name <profile>', 'its name', 'perfwatch')
    .option('--active', 'make it the one that `influx` uses when it is given none')
    .addOption(new Option('--path <file>', 'the CLI’s configuration (~/.influxdbv2/configs)'))
    .option('--print', 'print the profile and write nothing')
    .addOption(dataDirOption())
    .addHelpText(
      'after',
      `
Examples:
  $ INFLUX_URL=http://127.0.0.1:8086 perfwatch influx-config
  $ influx query --active-config perfwatch --file influx/queries/busiest-hours.flux`,
    )
    .action((options: Options) => cli.run(() => writeProfile(cli, options)))
}

const writeProfile = async (cli: Cli, options: Options) => {
  const settings = cli.settings({ DATA_DIR: options.dataDir })
  const { name, path = join(homedir(), '.influxdbv2', 'configs') } = options
  if (!/^[\w-]+$/.test(name))
    throw new AppError({
      code: 'invalid',
      detail: '--name must be of letters, digits, _ and -',
    })
  const access = await cli.rooms.influxAccess(settings, 'reader')
  const profile = profileText(name, access, options.active === true)
  if (options.print) {
    cli.terminal.out(profile.trimEnd())
    return EXIT.ok
  }
  const before = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return ''
    throw error
  })
  const others = withoutProfile(before, name)
  const kept = options.active === true ? others.map(passive) : others
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  await writeFile(path, [...kept, profile].join('\n'), { mode: 0o600 })
  // the file may have been there, open to others
  await chmod(path, 0o600)
  cli.terminal.out(
    `The profile ${name} is in ${path}. Try: influx query --active-config ${name} 'buckets()'`,
  )
  return EXIT.ok
}

type Access = Readonly<Record<'url' | 'org' | 'token', string>>

/** A text of TOML; JSON's escapes are among its own. */
const quoted = (text: string): string => JSON.stringify(text)

const profileText = (name: string, { url, org, token }: Access, isActive: boolean): string =>
  [
    `[${name}]`,
    `  url = ${quoted(url)}`,
    `  token = ${quoted(token)}`,
    `  org = ${quoted(org)}`,
    ...(isActive ? ['  active = true'] : []),
    '',
  ].join('\n')

/** The tables of the file but this one, each with what stands before the next. */
const withoutProfile = (text: string, name: string): readonly string[] =>
  text
    .split(/^(?=\[)/m)
    .filter((table) => table.trim() !== '' && !table.startsWith(`[${name}]`))
    .map((table) => `${table.trimEnd()}\n`)

const passive = (table: string): string =>
  table
    .split('\n')
    .filter((line) => !/^\s*active\s*=/.test(line))
    .join('\n')
