import type { Command } from 'commander'
import { Option } from 'commander'
import { LOG_LEVELS, type LogLevel } from '../../catalog/records.ts'
import { toIso } from '../../points/instant.ts'
import { openLogSource, type ShownLog } from '../ask/log-source.ts'
import type { Params, SourceOptions } from '../ask/source.ts'
import type { Cli } from '../cli.ts'
import { EXIT, type ExitCode } from '../exit-code.ts'
import type { Colours } from '../terminal.ts'
import { parseMoment } from '../text/span.ts'

type Options = Omit<SourceOptions, 'host'> & {
  readonly follow?: true
  readonly level?: string
  readonly grep?: string
  readonly user?: string
  readonly since?: string
  readonly limit: string
  readonly json?: true
}

export const addLogs = (program: Command, cli: Cli): void => {
  program
    .command('logs')
    .summary('the log records that programs have sent')
    .description('Shows the newest log records, the newest last, or goes on as they come.')
    .option('-f, --follow', 'go on as they come, until Ctrl-C')
    .option('--level <level>', `the least: ${LOG_LEVELS.join(', ')}`)
    .option('--grep <text>', 'only messages that hold this text, in any case')
    .option('--user <name>', 'only records of this user')
    .option('--since <time>', 'a span back from now (90m, 24h, 7d) or a time (UTC without a zone)')
    .option('--limit <records>', 'at most so many, 1 to 1000', '200')
    .option('--json', 'one JSON object a line')
    .option('--url <address>', 'ask a running server (PERFWATCH_URL)')
    .option('--token-file <file>', 'a file with the token for --url (else PERFWATCH_TOKEN)')
    .addOption(
      new Option('--data-dir <folder>', 'ask the data folder (DATA_DIR, ./data)').conflicts('url'),
    )
    .addHelpText(
      'after',
      `
Examples:
  $ perfwatch logs --level warning --since 24h
  $ perfwatch logs --follow --grep "disk full"
  $ perfwatch logs --json --limit 1000 | jq -r .msg

Without --url the data folder is asked, also while a server runs on it.
Exit codes: 0 shown, 2 the command line is wrong, 3 the question could not be put or has no answer.`,
    )
    .action((options: Options) => cli.run(() => logs(cli, options), { asks: true }))
}

const logs = async (cli: Cli, options: Options): Promise<ExitCode> => {
  const { terminal } = cli
  const params = paramsOf(cli, options)
  const source = await openLogSource(cli, options)
  const show = (records: readonly ShownLog[]) => {
    for (const record of records)
      terminal.out(options.json ? JSON.stringify(record) : lineOf(record, terminal.colours))
  }
  try {
    show(await source.newest(params))
    if (options.follow) await untilAsked(cli, (stop) => source.follow(params, show, stop))
    return EXIT.ok
  } finally {
    await source.close()
  }
}

const paramsOf = (cli: Cli, { level, grep, user, since, limit }: Options): Params => ({
  limit,
  ...(level !== undefined && { level }),
  ...(grep !== undefined && { text: grep }),
  ...(user !== undefined && { user }),
  ...(since !== undefined && { since: toIso(parseMoment(since, '--since', cli.now())) }),
})

/** Ctrl-C is how it is meant to end. */
const untilAsked = async (
  { signals }: Pick<Cli, 'signals'>,
  work: (stop: AbortSignal) => Promise<void>,
): Promise<void> => {
  const stop = new AbortController()
  const ask = () => stop.abort()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) signals.on(signal, ask)
  try {
    await work(stop.signal)
  } finally {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) signals.off(signal, ask)
  }
}

const paint = ({
  gray,
  yellow,
  red,
  bold,
}: Colours): Readonly<Record<LogLevel, (text: string) => string>> => ({
  debug: gray,
  info: (text) => text,
  warning: yellow,
  error: red,
  critical: (text) => bold(red(text)),
})

const LEVEL_WIDTH = Math.max(...LOG_LEVELS.map((level) => level.length))

/** A record on a line of its own: what a client sent must not draw on the terminal. */
const lineOf = ({ time, level, user, p_name, pid, msg }: ShownLog, colours: Colours): string => {
  const whence = `${user} ${p_name}${pid === null ? '' : `[${pid}]`}`
  return `${colours.gray(time)} ${paint(colours)[level](level.padEnd(LEVEL_WIDTH))} ${plain(whence)}: ${plain(msg)}`
}

const plain = (text: string): string =>
  text.replace(/\p{Cc}/gu, (character) =>
    character === '\t' ? ' ' : JSON.stringify(character).slice(1, -1),
  )
