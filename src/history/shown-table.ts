import { layoutTag } from '../catalog/metric.ts'
import { findSeries } from '../catalog/catalog.ts'
import {
  columnLayout,
  type ColumnLayout,
  type ColumnSource,
  type ObjectTemplate,
} from '../points/column-layout.ts'
import { seriesText } from './series-text.ts'
import type { Subject } from './subject.ts'
import type { Table, TableSeries } from './table.ts'

/** A table with the place of each of its columns in the JSON. The columns are in the template's order. */
export type ShownTable = {
  readonly at: Float64Array
  readonly template: ObjectTemplate
  readonly values: readonly Float64Array[]
  /** Where the extremes were asked for. */
  readonly min?: readonly Float64Array[]
  readonly max?: readonly Float64Array[]
}

/**
 * How tables of one subject are shown: all with the same template, that of the series that any of them has. `stats` adds
 * the extremes of each window.
 */
export const showTables = (
  subject: Subject,
  tables: readonly Table[],
  stats: boolean,
): ((table: Table) => ShownTable) => {
  const all = [...tables.flatMap(({ series }) => series), ...objectSeries(subject, tables)]
  const known = new Map(all.map((one) => [keyOf(one), one]))
  const keys = [...known.keys()].toSorted()
  const { template, columns } = layoutFor(
    subject,
    keys.flatMap((key) => known.get(key) ?? []),
  )
  return ({ at, series }) => {
    const own = new Map(series.map((one) => [keyOf(one), one]))
    const inOrder = keys.map((key) => own.get(key))
    const empty = new Float64Array(at.length).fill(Number.NaN)
    const part = (which: 'value' | 'min' | 'max') =>
      columns.map(({ series: index, field }) => inOrder[index]?.fields[field]?.[which] ?? empty)
    const shown = { at, template, values: part('value') }
    return stats ? { ...shown, min: part('min'), max: part('max') } : shown
  }
}

/** The series that the subject always has, where no table has them: their fields are shown as null. */
const objectSeries = (subject: Subject, tables: readonly Table[]): readonly TableSeries[] =>
  subject.kind === 'pushed'
    ? []
    : subject.metric.series
        .filter(
          ({ measurement, layout }) =>
            layout.kind === 'object' &&
            !tables.some(({ series }) => series.some((one) => one.measurement === measurement)),
        )
        .map(({ measurement }) => ({ measurement, tags: {}, fields: {} }))

const keyOf = ({ measurement, tags }: TableSeries): string => seriesText(measurement, tags)

const layoutFor = (subject: Subject, series: readonly TableSeries[]): ColumnLayout => {
  switch (subject.kind) {
    case 'metric':
      return columnLayout(
        subject.metric,
        series.map(({ measurement, tags }) => ({ measurement, key: tags[tagOf(measurement)] })),
      )
    case 'pushed':
      return pushedLayout(series)
  }
}

const tagOf = (measurement: string): string => {
  const series = findSeries(measurement)
  return (series === undefined ? undefined : layoutTag(series.layout)) ?? ''
}

/** What was pushed is shown as `{"series":[{"tags":{…},"fields":{…}}]}`; a series without a value in a row is not there. */
const pushedLayout = (series: readonly TableSeries[]): ColumnLayout => {
  const columns: ColumnSource[] = []
  const items = series.map(({ tags, fields }, index) => {
    const entries = Object.keys(fields)
      .toSorted()
      .map((field) => ({
        key: field,
        node: { kind: 'value' as const, column: columns.push({ series: index, field }) - 1 },
      }))
    const tagEntries = Object.entries(tags).map(([key, json]) => ({
      key,
      node: { kind: 'literal' as const, json },
    }))
    return {
      node: {
        kind: 'object' as const,
        entries: [
          { key: 'tags', node: { kind: 'object' as const, entries: tagEntries } },
          { key: 'fields', node: { kind: 'object' as const, entries } },
        ],
      },
      presentIf: entries.map(({ node }) => node.column),
      label: tagEntries.map(({ key, node }) => `${key}=${node.json}`).join(' '),
    }
  })
  const template: ObjectTemplate = {
    kind: 'object',
    entries: [{ key: 'series', node: { kind: 'array', items } }],
  }
  return { template, columns }
}
