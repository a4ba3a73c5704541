import type { Command } from 'commander'
import { AppError } from '../../app-error.ts'
import { METRIC_NAMES, findMetric } from '../../catalog/catalog.ts'
import type { CompareAnswer } from '../../history/history.ts'
import { toIso, type Instant } from '../../points/instant.ts'
import { pickColumns } from '../ask/columns.ts'
import { isPerThing } from '../ask/places.ts'
import { withSource, type Params, type SourceOptions } from '../ask/source.ts'
import type { Cli } from '../cli.ts'
import { EXIT, type ExitCode } from '../exit-code.ts'
import { judge, parseCondition, PRIMARY, type Condition, type Verdict } from '../fail-if.ts'
import { compareTable } from '../text/compare-table.ts'
import { parsePeriod } from '../text/span.ts'
import { verdictLine } from '../text/verdict-line.ts'
import { askOptions, repeated } from './options.ts'

type Options = SourceOptions & {
  readonly period?: string
  readonly to?: string
  readonly current?: string
  readonly with?: string
  readonly interval?: string
  readonly limit?: string
  readonly fields?: readonly string[]
  readonly failIf?: readonly string[]
  readonly significant?: true
  readonly json?: true
}

export const addCompare = (program: Command, cli: Cli): void => {
  const command = program
    .command('compare')
    .summary('a metric now against then; fails a build when it got worse')
    .description(
      `Compares a metric between two periods: a row per field, with the change, its size and whether it is more than chance.\nMetrics: ${METRIC_NAMES.join(', ')}, and what was pushed.`,
    )
    .argument('<metric>', 'such as cpu')
    .option('--period <period>', 'hour, day or week until now')
    .option('--to <when>', 'yesterday or last_week: the same period that long ago')
    .option('--current <from..to>', 'a period of your own, such as 2h..1h')
    .option('--with <from..to>', 'the period to compare it with, equally long')
    .option(
      '--fail-if <condition>',
      `exit 1 when it holds; may be repeated: 'usage_percent>+10%' (grew by more), '<-10%' (fell by more), 'usage_percent>90' (is above); ${PRIMARY} is the metric’s primary value`,
      repeated,
    )
    .option(
      '--significant',
      'a change fails only when it is more than chance (alpha 0.01), and is unknown where that was not tested',
    )
  askOptions(command)
    .option('--json', 'the answer of the API as JSON, with the conditions')
    .addHelpText(
      'after',
      `
Examples:
  $ perfwatch compare cpu --period day --to last_week
  $ perfwatch compare memory --current 2h..1h --with 26h..25h
  $ perfwatch compare cpu --period hour --to yesterday --fail-if 'usage_percent>+10%' --fail-if 'iowait>5'

Exit codes: 0 compared and no condition holds, 1 a condition holds, 2 the command line is wrong,
3 the question could not be put, or a condition could not be judged because nothing was measured or tested.`,
    )
    .action((metric: string, options: Options) =>
      cli.run(() => compare(cli, metric, options), { asks: true }),
    )
}

const compare = async (cli: Cli, metric: string, options: Options): Promise<ExitCode> => {
  // first of all: a condition with a slip must not wait for an answer
  const conditions = (options.failIf ?? []).map(parseCondition)
  const params = paramsOf(cli.now(), metric, options)
  const answer = await withSource(cli, options, (source) => source.compare(params))
  refuseUnknown(metric, conditions, answer)
  const verdicts = conditions.map((condition) =>
    judge(condition, answer.summary, options.significant === true),
  )
  const { terminal } = cli
  if (options.json)
    terminal.out(JSON.stringify({ ...answer, conditions: verdicts.map(plain) }, null, 2))
  else {
    const fields = wantedOf(answer, options.fields)
    terminal.out(
      compareTable(answer, fields, terminal, {
        all: options.fields !== undefined,
        host: options.host,
      }),
    )
    for (const verdict of verdicts) terminal.out(verdictLine(verdict, metric, terminal.colours))
  }
  if (verdicts.some((verdict) => verdict.kind === 'holds')) return EXIT.no
  return verdicts.some((verdict) => verdict.kind === 'unknown') ? EXIT.unanswered : EXIT.ok
}

/** A slip in a name must not look like a measurement that is missing; a disk that is not there is one. */
const refuseUnknown = (
  metric: string,
  conditions: readonly Condition[],
  { summary }: CompareAnswer,
): void => {
  const names = Object.keys(summary.fields)
  const unknown = conditions.find(
    ({ field }) =>
      field !== PRIMARY &&
      !names.includes(field) &&
      findMetric(metric) !== undefined &&
      !isPerThing(metric, field),
  )
  if (unknown === undefined) return
  throw new AppError({
    code: 'invalid',
    detail: `--fail-if: ${metric} has no field ${unknown.field}; it has ${[PRIMARY, ...names].join(', ')}.`,
  })
}

const plain = (verdict: Verdict) => ({
  condition: verdict.condition.text,
  verdict: verdict.kind,
  ...(verdict.kind === 'unknown' ? { why: verdict.why } : { is: verdict.is }),
})

const paramsOf = (now: Instant, metric: string, options: Options): Params => {
  const { host, interval, limit } = options
  return {
    metric_type: metric,
    ...periodsOf(now, options),
    ...(host === undefined ? {} : { host }),
    ...(interval === undefined ? {} : { interval }),
    ...(limit === undefined ? {} : { limit }),
  }
}

const periodsOf = (now: Instant, options: Options): Params => {
  const { period, to, current, with: other } = options
  if (current !== undefined && other !== undefined && period === undefined && to === undefined) {
    const one = parsePeriod(current, '--current', now)
    const two = parsePeriod(other, '--with', now)
    return {
      start_time_1: toIso(one.from),
      end_time_1: toIso(one.to),
      start_time_2: toIso(two.from),
      end_time_2: toIso(two.to),
    }
  }
  if (period !== undefined && to !== undefined && current === undefined && other === undefined)
    return { period, compare_to: to }
  throw new AppError({
    code: 'invalid',
    detail: 'Give --period and --to, or --current and --with.',
  })
}

const wantedOf = (answer: CompareAnswer, fields: readonly string[] | undefined) => {
  const all = Object.keys(answer.summary.fields).map((name) => ({ name }))
  if (fields === undefined || all.length === 0) return all.map(({ name }) => name)
  const { picked, unknown } = pickColumns(all, fields)
  if (unknown.length > 0)
    throw new AppError({
      code: 'invalid',
      detail: `--fields: ${answer.metric_type} has no ${unknown.join(', ')}; it has ${all.map(({ name }) => name).join(', ')}.`,
    })
  return picked.map(({ name }) => name)
}
