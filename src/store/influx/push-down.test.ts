import { InfluxDB, type QueryApi } from '@influxdata/influxdb-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { HOST_MEASUREMENTS } from '../../catalog/catalog.ts'
import { ROLLUP_TIERS } from '../../catalog/tiers.ts'
import { HOUR, instant, MINUTE } from '../../points/instant.ts'
import { load } from '../contract/load.ts'
import type { RangeQuery } from '../range-query.ts'
import type { SeriesStore } from '../store.ts'
import { SHELVES } from './buckets.ts'
import { countScript } from './counts.ts'
import { ALL_TIME, endsScript } from './ends.ts'
import { rangeScript } from './range-script.ts'
import { rollupScript } from './rollup-script.ts'
import { newestScript } from './task-watch.ts'
import { binaries, OPERATOR, ORG, startLab, type Lab } from './testing.ts'

const start = instant(Math.floor(Date.now() / HOUR) * HOUR - 3 * HOUR)
const range = { from: start, to: instant(start + 2 * HOUR) }

const question = (over: Partial<RangeQuery>): RangeQuery => ({
  dataset: 'metrics',
  measurements: ['cpu'],
  tags: { host: 'alpha' },
  tier: 'raw',
  range,
  beside: [],
  ...over,
})
const fields = ['usage_percent', 'core_count']
const beside = ['min', 'max', 'n'] as const

describe.skipIf(binaries === null)('storage does the work', () => {
  let lab: Lab
  let store: SeriesStore
  let client: QueryApi
  beforeAll(async () => {
    lab = await startLab(['--no-tasks'])
    store = await lab.open()
    client = new InfluxDB({ url: lab.server.url, token: OPERATOR }).getQueryApi(ORG)
    await store.write('metrics', load(start, 2))
    await store.write('pushed', load(start, 1))
    await store.rollUp()
  })
  afterAll(() => lab.end())

  /**
   * The kinds of steps in the plan of a script, each once. From the plan, which is made before anything runs: the
   * profile of the operators leaves out those that had ended too soon.
   */
  const planOf = async (script: string): Promise<ReadonlySet<string>> => {
    const imports = script.match(/^import .*\n/gm) ?? []
    const rest = imports.reduce((left, line) => left.replace(line, ''), script)
    const rows = await client.collectRows<Readonly<Record<string, unknown>>>(
      `import "profiler"\n${imports.join('')}\noption profiler.enabledProfilers = ["query"]\n${rest}`,
    )
    const plans = rows.flatMap(({ 'flux/query-plan': plan }) =>
      typeof plan === 'string' ? [plan] : [],
    )
    const steps = plans.flatMap((plan) =>
      Array.from(plan.matchAll(/^ *"([^"]+)"$/gm), ([, step = '']) => step.replace(/\d+/g, '')),
    )
    return new Set(steps)
  }

  it('which this test would notice if it did not', async () => {
    expect(
      await planOf(
        'from(bucket: "perfwatch") |> range(start: -6h) |> filter(fn: (r) => contains(value: r._field, set: ["user"])) |> window(every: 1m) |> mean()',
      ),
    ).toEqual(new Set(['ReadRange', 'filter', 'window', 'mean']))
  })

  it.each<[string, Partial<RangeQuery>, string]>([
    ['rows of fields', { fields }, 'merged_ReadRange_filter'],
    ['all rows', {}, 'merged_ReadRange_filter'],
    ['several measurements', { measurements: HOST_MEASUREMENTS }, 'merged_ReadRange_filter'],
    ['every host', { tags: {} }, 'merged_ReadRange_filter'],
    ['a tier', { tier: '1m', beside }, 'merged_ReadRange_filter'],
    ['a tier without companions', { tier: '1h' }, 'merged_ReadRange_filter'],
    ['fields of a tier', { tier: '5m', fields, beside: ['n'] }, 'merged_ReadRange_filter'],
    ['folds', { windowMs: MINUTE, fields, beside }, 'ReadWindowAggregateByTime'],
    [
      'folds of everything',
      { windowMs: HOUR, measurements: HOST_MEASUREMENTS },
      'ReadWindowAggregateByTime',
    ],
    ['pushed rows', { dataset: 'pushed' }, 'merged_ReadRange_filter'],
    [
      'folds of pushed rows',
      { dataset: 'pushed', windowMs: MINUTE, beside },
      'ReadWindowAggregateByTime',
    ],
  ])('for %s', async (_, over, read) => {
    const plan = await planOf(rangeScript('perfwatch', question(over))?.script ?? '')
    expect(plan).toEqual(new Set([read, 'drop', 'yield']))
  })

  it.each(SHELVES.map((shelf) => [shelf.dataset, shelf.tier, shelf] as const))(
    'for where %s %s begins and ends, and how much it is',
    async (_dataset, _tier, shelf) => {
      expect(await planOf(endsScript('perfwatch', shelf))).toEqual(
        new Set(['ReadWindowAggregate', 'keep', 'group', 'min', 'max', 'yield']),
      )
      expect(await planOf(countScript('perfwatch', shelf, ALL_TIME))).toEqual(
        new Set(['ReadWindowAggregate', 'group', 'max', 'sum']),
      )
    },
  )

  it('for how far the tasks have come', async () => {
    expect(await planOf(newestScript('perfwatch', Date.now()))).toEqual(
      new Set(['ReadWindowAggregate', 'keep', 'group', 'max', 'yield']),
    )
  })

  it.each(ROLLUP_TIERS)('for the rollup of %s', async (tier) => {
    const write = ['vectorizedMap', 'drop', 'pivot', 'rename', 'wide-to']
    expect(await planOf(rollupScript('perfwatch', tier))).toEqual(
      new Set(['ReadWindowAggregateByTime', ...write]),
    )
    // Who rolls up a range is told how many windows were written.
    expect(await planOf(rollupScript('perfwatch', tier, range))).toEqual(
      new Set(['ReadWindowAggregateByTime', ...write, 'group', 'count', 'yield']),
    )
  })
})
