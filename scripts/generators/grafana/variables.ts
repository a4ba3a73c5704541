import type { VariableModel } from '@grafana/schema'
import { layoutTag, type Metric } from '../../../src/catalog/metric.ts'
import { PREFIX, tagValues } from './flux.ts'
import { dataSourceVariable, prefixVariable, queryVariable } from './panels.ts'

const host = queryVariable({
  name: 'host',
  label: 'Host',
  query: tagValues(PREFIX, 'host'),
  isMulti: false,
})

/** A variable for each tag that tells the rows of a series apart: interface, device, mount, core. */
export const tagVariables = (metrics: readonly Metric[]): readonly VariableModel[] => {
  const tags = new Map<string, string>()
  for (const { series } of metrics)
    for (const { layout, measurement } of series) {
      const tag = layoutTag(layout)
      if (tag !== undefined && !tags.has(tag)) tags.set(tag, measurement)
    }
  return [...tags].map(([name, measurement]) =>
    queryVariable({ name, label: name, query: tagValues(PREFIX, name, measurement) }),
  )
}

/** What every dashboard of hosts chooses by. */
export const common = [dataSourceVariable, prefixVariable, host] as const
