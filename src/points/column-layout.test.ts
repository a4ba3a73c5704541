import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { METRICS, metricOf } from '../catalog/catalog.ts'
import type { Metric } from '../catalog/metric.ts'
import { columnLayout, layOutRow, type LaidSeries } from './column-layout.ts'
import { layOut } from './layout.ts'

const keys = fc.uniqueArray(
  fc.constantFrom('0', '1', '3', 'eth0', '/', '__proto__', 'value', 'unit', 'constructor', '007'),
  { minLength: 0, maxLength: 4 },
)
const value = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer({ min: 0, max: 100 }),
  fc.constant(Number.NaN),
)

/** A metric, the series it has, and one value or none for each of their fields. */
const table = fc.constantFrom<Metric>(...METRICS).chain((metric) =>
  fc
    .tuple(...metric.series.map((one) => (one.layout.kind === 'object' ? fc.constant(['']) : keys)))
    .chain((keysOf) => {
      const series = metric.series.flatMap((one, index) =>
        (keysOf[index] ?? []).map((key): LaidSeries =>
          one.layout.kind === 'object'
            ? { measurement: one.measurement }
            : { measurement: one.measurement, key },
        ),
      )
      return fc.record({
        metric: fc.constant(metric),
        series: fc.constant(series),
        values: fc.array(value, { minLength: 400, maxLength: 400 }),
      })
    }),
)

describe('the column layout', () => {
  it('gives each row what the row layout gives for the series that have a value in it', () => {
    fc.assert(
      fc.property(table, ({ metric, series, values }) => {
        const { template, columns } = columnLayout(metric, series)
        const arrays = columns.map((_, index) => Float64Array.of(values[index] ?? Number.NaN))
        const read = (index: number) => (field: string) => {
          const column = columns.findIndex((one) => one.series === index && one.field === field)
          const found = arrays[column]?.[0] ?? Number.NaN
          return Number.isNaN(found) ? null : found
        }
        const isMap = (measurement: string) =>
          metric.series.find((one) => one.measurement === measurement)?.layout.kind === 'map'
        const fieldsOf = (measurement: string) =>
          Object.keys(metric.series.find((one) => one.measurement === measurement)?.fields ?? {})
        const rows = series
          .map((one, index) => Object.assign({ value: read(index) }, one))
          .filter(
            (row) =>
              !isMap(row.measurement) ||
              fieldsOf(row.measurement).some((field) => row.value(field) !== null),
          )
        expect(JSON.stringify(layOutRow(template, arrays, 0))).toBe(
          JSON.stringify(layOut(metric, rows, 'union')),
        )
      }),
      { numRuns: 300, seed: 11 },
    )
  })

  it('keeps the arrays of numbered things equally long, and leaves out named things without a value', () => {
    const network = columnLayout(metricOf('network'), [
      { measurement: 'network_interface', key: 'eth0' },
    ])
    const empty = network.columns.map(() => Float64Array.of(Number.NaN))
    expect(layOutRow(network.template, empty, 0)).toMatchObject({
      interfaces: {},
      bytes_sent_per_sec: null,
    })
    const cpu = columnLayout(metricOf('cpu'), [{ measurement: 'cpu_core', key: '2' }])
    const none = cpu.columns.map(() => Float64Array.of(Number.NaN))
    expect(layOutRow(cpu.template, none, 0)).toMatchObject({ per_core: [null, null, null] })
  })

  it('shows the unit of a quantity only beside a value', () => {
    const { template, columns } = columnLayout(metricOf('perf_events'), [{ measurement: 'perf' }])
    const only = (field: string) =>
      columns.map((one) => Float64Array.of(one.field === field ? 5 : Number.NaN))
    expect(layOutRow(template, only('cycles'), 0)).toMatchObject({
      available: true,
      cycles: 5,
      events: { cycles: { value: 5, unit: 'count/s' }, instructions: { value: null, unit: null } },
    })
  })
})
