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
import { binaries, ORG, startLab, type Lab } from './testing.ts'

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
  beforeAll(async () => {
    lab = await startLab(['--no-tasks'])
    store = await lab.open()
    await store.write('metrics', load(start, 2))
    await store.write('pushed', load(start, 1))
    await store.rollUp()
  })
  afterAll(() => lab.end())

  /** The operators of a script: what storage read, and what Flux did to it. */
  const operators = async (script: string) => {
    const imports = script.match(/^import .*\n/gm) ?? []
    const rest = imports.reduce((left, line) => left.replace(line, ''), script)
    const rows = await lab.admin.query(
      ORG,
      `import "profiler"\n${imports.join('')}\noption profiler.enabledProfilers = ["operator"]\n${rest}`,
    )
    return rows
      .filter(({ _measurement }) => _measurement === 'profiler/operator')
      .map(({ Type = '', Label = '' }) => ({ type: Type, label: Label }))
  }
  const sources = (all: { type: string; label: string }[]) =>
    all.filter(({ type }) => type.endsWith('Source')).map(({ label }) => label.replace(/\d+/g, ''))
  /** What reads rows one by one: a filter, a window or an aggregate that storage has not taken. */
  const slow = (all: { type: string }[]) =>
    all.filter(({ type }) => !type.endsWith('Source') && /filter|window|aggregate/i.test(type))

  it('which this test would notice if it did not', async () => {
    const found = await operators(
      'from(bucket: "perfwatch") |> range(start: -6h) |> filter(fn: (r) => contains(value: r._field, set: ["user"])) |> window(every: 1m) |> mean()',
    )
    // the profiler does not always tell of every step, but always of one that storage has not taken
    expect(slow(found).map(({ type }) => type.replace(/.*\./, ''))).toContain(
      'filterTransformation',
    )
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
    const found = await operators(rangeScript('perfwatch', question(over))?.script ?? '')
    expect(new Set(sources(found))).toEqual(new Set([read]))
    expect(slow(found)).toEqual([])
  })

  it.each(SHELVES.map((shelf) => [shelf.dataset, shelf.tier, shelf] as const))(
    'for where %s %s begins and ends, and how much it is',
    async (_dataset, _tier, shelf) => {
      const ends = await operators(endsScript('perfwatch', shelf))
      expect(new Set(sources(ends))).toEqual(new Set(['ReadWindowAggregate']))
      expect(slow(ends)).toEqual([])
      const count = await operators(countScript('perfwatch', shelf, ALL_TIME))
      expect(sources(count)).toEqual(['ReadWindowAggregate'])
    },
  )

  it('for how far the tasks have come', async () => {
    const found = await operators(newestScript('perfwatch', Date.now()))
    expect(new Set(sources(found))).toEqual(new Set(['ReadWindowAggregate']))
    expect(slow(found)).toEqual([])
  })

  it.each(ROLLUP_TIERS)('for the rollup of %s', async (tier) => {
    for (const script of [
      rollupScript('perfwatch', tier),
      rollupScript('perfwatch', tier, range),
    ]) {
      const found = await operators(script)
      expect(new Set(sources(found))).toEqual(new Set(['ReadWindowAggregateByTime']))
      expect(slow(found.filter(({ label }) => !label.startsWith('count')))).toEqual([])
    }
  })
})
