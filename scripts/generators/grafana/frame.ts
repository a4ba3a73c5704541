import type { Dashboard, Panel, VariableModel } from '@grafana/schema'
import { chosen, PREFIX } from './flux.ts'
import { arranged, SOURCE, textVariable } from './panels.ts'

const LINK = { icon: 'external link', tooltip: '', asDropdown: false, tags: [], keepTime: false }

/** The other dashboards with what is chosen here, and PerfWatch's own page with the same host. */
const linksOf = (variables: readonly VariableModel[]) => [
  {
    ...LINK,
    title: 'PerfWatch dashboards',
    type: 'dashboards' as const,
    url: '',
    tags: ['perfwatch'],
    asDropdown: true,
    targetBlank: false,
    includeVars: true,
    keepTime: true,
  },
  {
    ...LINK,
    title: 'PerfWatch',
    type: 'link' as const,
    url: variables.some(({ name }) => name === 'host')
      ? '${page}/?view=history&host=${host}'
      : '${page}/',
    targetBlank: true,
    includeVars: false,
  },
]

const page = textVariable('page', 'PerfWatch’s page', 'http://127.0.0.1:8000')

/** A boot shows as an uptime that has fallen. */
const restarts = {
  name: 'Boots',
  enable: true,
  iconColor: 'orange',
  datasource: SOURCE,
  target: {
    refId: 'Anno',
    query: `from(bucket: "${PREFIX}_1m")
    |> range(start: v.timeRangeStart, stop: v.timeRangeStop)
    |> filter(fn: (r) => r._measurement == "host" and r._field == "uptime_seconds" and ${chosen('host')})
    |> difference()
    |> filter(fn: (r) => r._value < 0.0)
    |> map(fn: (r) => ({ _time: r._time, title: "Boot", text: r.host }))`,
  },
}

type Facts = {
  readonly uid: string
  readonly title: string
  readonly description: string
  readonly variables: readonly VariableModel[]
  readonly parts: readonly (string | Panel)[]
  readonly from?: string
  readonly hasBoots?: boolean
}

/** A dashboard: what it chooses by, its panels, the links and boots that they all have. */
export const dashboard = (facts: Facts): Dashboard => ({
  uid: facts.uid,
  title: facts.title,
  description: facts.description,
  tags: ['perfwatch'],
  schemaVersion: 39,
  version: 1,
  editable: true,
  timezone: 'browser',
  refresh: '30s',
  time: { from: facts.from ?? 'now-6h', to: 'now' },
  links: linksOf(facts.variables),
  annotations: { list: facts.hasBoots === false ? [] : [restarts] },
  templating: { list: [...facts.variables, page] },
  panels: arranged(facts.parts),
})
