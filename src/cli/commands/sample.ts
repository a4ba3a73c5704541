import type { Command } from 'commander'
import { AppError } from '../../app-error.ts'
import { frame } from '../../points/frame.ts'
import { toIso } from '../../points/instant.ts'
import type { Sample } from '../../points/sample.ts'
import type { Cli } from '../cli.ts'
import { makeDashboard, primaryLineOf } from '../dashboard.ts'
import { EXIT, type ExitCode } from '../exit-code.ts'
import { openScreen } from '../screen.ts'
import { sampleLines } from '../text/sample-lines.ts'

type Options = { readonly json?: true; readonly watch?: true; readonly interval: string }

export const addSample = (program: Command, cli: Cli): void => {
  program
    .command('sample')
    .summary('what this host does now; --watch for a live view')
    .description(
      'Reads this host once and shows it, or keeps reading. Nothing is stored and no server is needed.',
    )
    .option('--json', 'the live frame of the API; with --watch one line per sample')
    .option('--watch', 'a live view; q leaves')
    .option('--interval <seconds>', 'between two samples of --watch', '2')
    .addHelpText(
      'after',
      `
Examples:
  $ perfwatch sample
  $ perfwatch sample --json | jq .data.cpu.usage_percent
  $ perfwatch sample --watch --interval 1
  $ perfwatch sample --watch --json > samples.jsonl

Rates need two readings, so one sample takes about a second.`,
    )
    .action((options: Options) =>
      cli.run(() => (options.watch ? watch(cli, options) : once(cli, options))),
    )
}

const once = async (cli: Cli, { json }: Options): Promise<ExitCode> => {
  const { out, size, colours } = cli.terminal
  const sample = await cli.rooms.sampleOnce(cli.settings())
  out(
    json
      ? JSON.stringify(frame(sample), null, 2)
      : sampleLines(sample, size().columns, colours).join('\n'),
  )
  return EXIT.ok
}

const watch = async (cli: Cli, options: Options): Promise<ExitCode> => {
  const intervalMs = intervalOf(options.interval)
  if (options.json) await follow(cli, intervalMs, (sample) => JSON.stringify(frame(sample)))
  else if (cli.terminal.interactive) await liveView(cli, intervalMs)
  else await follow(cli, intervalMs, oneLineOf)
  return EXIT.ok
}

const intervalOf = (text: string): number => {
  const seconds = Number(text)
  if (text.trim() === '' || !(seconds >= 0.2 && seconds <= 3_600))
    throw new AppError({
      code: 'invalid',
      detail: `--interval: '${text}' is not 0.2 to 3600 seconds.`,
    })
  return Math.round(seconds * 1_000)
}

const liveView = async (cli: Cli, intervalMs: number): Promise<void> => {
  const { terminal } = cli
  const dashboard = makeDashboard(intervalMs, terminal.colours)
  const screen = openScreen(terminal, cli.signals)
  const draw = () => screen.draw(dashboard.lines(terminal.size()))
  screen.onResize(draw)
  draw()
  try {
    const stop = await cli.rooms.watch(cli.settings(), intervalMs, (sample) => {
      dashboard.add(sample)
      draw()
    })
    await screen.left
    await stop()
  } finally {
    screen.close()
  }
}

/** A line per sample until a signal, for pipes and files. */
const follow = async (
  cli: Cli,
  intervalMs: number,
  lineOf: (sample: Sample) => string,
): Promise<void> => {
  const stopped = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) cli.signals.on(signal, resolve)
  })
  const stop = await cli.rooms.watch(cli.settings(), intervalMs, (sample) =>
    cli.terminal.out(lineOf(sample)),
  )
  await stopped
  await stop()
}

const oneLineOf = (sample: Sample): string =>
  [toIso(sample.at), ...primaryLineOf(sample)].join('  ')
