import type { Command } from 'commander'
import { AppError } from '../../app-error.ts'
import { METRIC_NAMES } from '../../catalog/catalog.ts'
import type { RangeAnswer } from '../../history/history.ts'
import { toIso } from '../../points/instant.ts'
import { columnsOf, pickColumns, pruned, type FieldColumn } from '../ask/columns.ts'
import { toCsv } from '../ask/csv.ts'
import { withSource, type Params, type SourceOptions } from '../ask/source.ts'
import type { Cli } from '../cli.ts'
import { EXIT } from '../exit-code.ts'
import { parseMoment } from '../text/span.ts'
import { rangeTable } from '../text/range-table.ts'
import { askOptions } from './options.ts'

type Options = SourceOptions & {
  readonly since: string
  readonly until: string
  readonly interval?: string
  readonly limit?: string
  readonly fields?: readonly string[]
  readonly csv?: true
  readonly json?: true
}

export const addQuery = (program: Command, cli: Cli): void => {
  const command = program
    .command('query')
    .summary('the history of a metric')
    .description(
      `Shows the history of a metric: a row per field, with a sparkline.\nMetrics: ${METRIC_NAMES.join(', ')}, and what was pushed.`,
    )
    .argument('<metric>', 'such as cpu')
    .option(
      '--since <time>',
      'a span back from now (90m, 24h, 7d) or a time (UTC without a zone)',
      '1h',
    )
    .option('--until <time>', 'the end, as --since', 'now')
  askOptions(command)
    .option('--csv', 'the windows as CSV')
    .option('--json', 'the answer of the API as JSON')
    .addHelpText(
      'after',
      `
Examples:
  $ perfwatch query cpu --since 24h
  $ perfwatch query memory --since 2025-01-18T10:00Z --until 2025-01-18T12:00Z --interval 1m
  $ perfwatch query cpu --since 7d --fields usage_percent,iowait --csv > cpu.csv
  $ perfwatch query disk --since 1h --json | jq .count
  $ PERFWATCH_TOKEN=... perfwatch query cpu --url http://127.0.0.1:8000

Without --url the data folder is asked, also while a server runs on it.
Exit codes: 0 answered, 2 the command line is wrong, 3 the question could not be put or has no answer.`,
    )
    .action((metric: string, options: Options) =>
      cli.run(() => query(cli, metric, options), { asks: true }),
    )
}

const query = async (cli: Cli, metric: string, options: Options) => {
  if (options.csv && options.json)
    throw new AppError({ code: 'invalid', detail: 'Give one of --csv and --json.' })
  const params = paramsOf(cli, metric, options)
  const answer = await withSource(cli, options, (source) => source.range(params))
  const columns = columnsOf(metric, answer.data_points)
  const wanted = wantedOf(columns, options.fields, answer)
  const { terminal } = cli
  if (options.json)
    terminal.out(
      JSON.stringify(options.fields === undefined ? answer : prunedAnswer(answer, wanted), null, 2),
    )
  else if (options.csv) terminal.out(toCsv(answer.data_points, wanted))
  else
    terminal.out(
      rangeTable(answer, wanted, terminal, {
        all: options.fields !== undefined,
        host: options.host,
      }),
    )
  if (answer.truncated)
    terminal.err(
      `Only the first ${answer.count} windows are in the answer: raise --limit or take a coarser --interval.`,
    )
  return EXIT.ok
}

const paramsOf = (cli: Cli, metric: string, options: Options): Params => {
  const now = cli.now()
  const { host, interval, limit } = options
  return {
    metric_type: metric,
    start_time: toIso(parseMoment(options.since, '--since', now)),
    end_time: toIso(parseMoment(options.until, '--until', now)),
    ...(host === undefined ? {} : { host }),
    ...(interval === undefined ? {} : { interval }),
    ...(limit === undefined ? {} : { limit }),
  }
}

const wantedOf = (
  columns: readonly FieldColumn[],
  fields: readonly string[] | undefined,
  answer: RangeAnswer,
): readonly FieldColumn[] => {
  // where nothing is, no name can be checked
  if (fields === undefined || answer.count === 0) return columns
  const { picked, unknown } = pickColumns(columns, fields)
  if (unknown.length > 0)
    throw new AppError({
      code: 'invalid',
      detail: `--fields: ${answer.metric_type} has no ${unknown.join(', ')}; it has ${columns.map((column) => column.name).join(', ')}.`,
    })
  return picked
}

const prunedAnswer = (answer: RangeAnswer, columns: readonly FieldColumn[]): RangeAnswer => {
  const names = new Set(columns.map(({ name }) => name))
  return {
    ...answer,
    data_points: answer.data_points.map(({ timestamp, data }) => ({
      timestamp,
      data: pruned(answer.metric_type, data, names),
    })),
  }
}
