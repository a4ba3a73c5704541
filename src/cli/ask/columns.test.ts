import { describe, expect, it } from 'vitest'
import { METRICS } from '../../catalog/catalog.ts'
import type { Metric } from '../../catalog/metric.ts'
import { instant, toIso } from '../../points/instant.ts'
import { layOut, type JsonObject } from '../../points/layout.ts'
import { makeSyntheticHost } from '../seed/synthetic-host.ts'
import { columnsOf, marksOf, pickColumns, pruned } from './columns.ts'
import { toCsv } from './csv.ts'
import { isPerThing, unitOf } from './places.ts'

const AT = instant(Date.UTC(2025, 0, 18, 10))
const point = (data: JsonObject, at = AT) => ({ timestamp: toIso(at), data })
const namesOf = (metric: string, data: JsonObject) =>
  columnsOf(metric, [point(data)]).map(({ name }) => name)

/** The JSON of one metric of a made-up host, as history lays it out. */
const dataOf = (metric: Metric): JsonObject => {
  const { readings } = makeSyntheticHost({ host: 'demo', seed: 1 }).sampleAt(AT)
  const reading = readings[metric.name as keyof typeof readings]
  if (reading?.kind !== 'ok') throw new Error(`There is no ${metric.name}.`)
  const rows = reading.rows.map(({ measurement, key, fields }) => ({
    measurement,
    key,
    value: (field: string) => fields[field] ?? null,
  }))
  return layOut(metric, rows, 'union')
}

describe('columns', () => {
  it.each(METRICS.map((metric): Metric => metric))(
    'of $name are all its fields, each with its unit, and nothing else',
    (metric) => {
      const columns = columnsOf(metric.name, [point(dataOf(metric))])
      const { readings } = makeSyntheticHost({ host: 'demo', seed: 1 }).sampleAt(AT)
      const reading = readings[metric.name as keyof typeof readings]
      const values =
        reading?.kind === 'ok'
          ? reading.rows.reduce((sum, row) => sum + Object.keys(row.fields).length, 0)
          : 0
      expect(columns).toHaveLength(values)
      expect(columns.filter(({ unit }) => unit === undefined)).toEqual([])
    },
  )

  it('are called as compare calls them, by the field and not by its place in an array', () => {
    expect(namesOf('cpu', { usage_percent: 1, load_avg: [1, 2, 3], per_core: [4, 5] })).toEqual([
      'usage_percent',
      'load_avg_1',
      'load_avg_5',
      'load_avg_15',
      'per_core.0',
      'per_core.1',
    ])
  })

  it('show a value once that the JSON shows twice', () => {
    const twice = { cycles: 5, events: { cycles: { value: 5, unit: 'count/s' } } }
    expect(columnsOf('perf_events', [point(twice)])).toEqual([
      {
        name: 'cycles',
        path: 'cycles',
        unit: 'count/s',
        perThing: false,
        marks: [{ at: AT, value: 5 }],
      },
    ])
  })

  it('leave availability and facts out', () => {
    expect(
      namesOf('perf_events', { available: true, cpu_cores: null, interval_ms: 1000, ipc: 1 }),
    ).toEqual(['ipc'])
  })

  it('know an interface with dots in its name', () => {
    const data = { interfaces: { 'eth0.100': { errors_in: 1, bytes_sent_per_sec: 2 } } }
    expect(columnsOf('network', [point(data)]).map(({ name, unit }) => [name, unit])).toEqual([
      ['interfaces.eth0.100.errors_in', 'count'],
      ['interfaces.eth0.100.bytes_sent_per_sec', 'bytes/s'],
    ])
  })

  it('of what was pushed carry their tags, whatever the order of the series', () => {
    const first = { tags: { host: 'a', queue: 'x' }, fields: { depth: 1 } }
    const second = { tags: {}, fields: { depth: 2 } }
    const columns = columnsOf('jobs', [
      point({ series: [first, second] }),
      point({ series: [second] }, instant(AT + 1000)),
    ])
    expect(columns.map(({ name, marks }) => [name, marks.map(({ value }) => value)])).toEqual([
      ['depth{host=a,queue=x}', [1]],
      ['depth', [2, 2]],
    ])
  })

  it('of nothing are none', () => {
    expect(columnsOf('cpu', [])).toEqual([])
    expect(namesOf('jobs', {})).toEqual([])
  })
})

describe('picking columns', () => {
  const data = { usage_percent: 1, load_avg: [1, 2, 3], per_core: [4, 5], core_count: 2 }
  const columns = columnsOf('cpu', [point(data)])

  it.each([
    [['usage_percent'], ['usage_percent'], []],
    [['per_core', 'usage_percent'], ['per_core.0', 'per_core.1', 'usage_percent'], []],
    [['per_core.1'], ['per_core.1'], []],
    [['load_avg'], ['load_avg_1', 'load_avg_5', 'load_avg_15'], []],
    [['load_avg.0', 'load_avg_1'], ['load_avg_1'], []],
    [['core'], [], ['core']],
    [['nope', 'core_count'], ['core_count'], ['nope']],
  ])('%j', (wanted, names, unknown) => {
    const found = pickColumns(columns, wanted)
    expect([found.picked.map(({ name }) => name), found.unknown]).toEqual([names, unknown])
  })

  it('prunes the JSON in its own shape; an array keeps its places', () => {
    expect(pruned('cpu', data, new Set(['per_core.1', 'load_avg_5']))).toEqual({
      load_avg: [null, 2, null],
      per_core: [null, 5],
    })
    expect(pruned('cpu', data, new Set())).toEqual({})
    expect(
      pruned(
        'perf_events',
        { events: { cycles: { value: 1, unit: 'count/s' } } },
        new Set(['cycles']),
      ),
    ).toEqual({ events: { cycles: { value: 1, unit: 'count/s' } } })
  })
})

it('the marks of per_core are the mean of the cores that have a value', () => {
  const columns = columnsOf('cpu', [
    point({ per_core: [2, 4] }),
    point({ per_core: [null, 6] }, instant(AT + 1000)),
    point({ per_core: [null, null] }, instant(AT + 2000)),
  ])
  expect(marksOf(columns, 'per_core')).toEqual([
    { at: AT, value: 3 },
    { at: AT + 1000, value: 6 },
  ])
  expect(marksOf(columns, 'nope')).toEqual([])
})

it.each([
  ['cpu', 'usage_percent', 'percent', false],
  ['cpu', 'load_avg_1', 'count', false],
  ['cpu', 'per_core', 'percent', false],
  ['cpu', 'frequency_mhz', 'MHz', false],
  ['cpu', 'per_core.0', 'percent', true],
  ['disk', 'io.read_bytes_per_sec', 'bytes/s', false],
  ['disk', 'partitions./mnt/a.b.usage_percent', 'percent', true],
  ['perf', 'cpu_clock', 'ms/s', false],
  ['cpu', 'nope', undefined, false],
  ['jobs', 'depth', undefined, false],
])('%s %s is in %s', (metric, name, unit, perThing) => {
  expect([unitOf(metric, name), isPerThing(metric, name)]).toEqual([unit, perThing])
})

it('CSV has a line per window, nothing where nothing was measured, and no formula', () => {
  const points = [
    point({ partitions: { '=cmd|x': { used_bytes: 1 }, '/a,"b"': { used_bytes: 2 } } }),
    point({ partitions: { '/a,"b"': { used_bytes: null } } }, instant(AT + 60_000)),
  ]
  expect(toCsv(points, columnsOf('disk', points))).toBe(
    [
      'timestamp,partitions.=cmd|x.used_bytes,"partitions./a,""b"".used_bytes"',
      '2025-01-18T10:00:00Z,1,2',
      '2025-01-18T10:01:00Z,,',
    ].join('\n'),
  )
})
