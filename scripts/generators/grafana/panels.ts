import { VariableRefresh, VariableSort, type Panel, type VariableModel } from '@grafana/schema'
import type { Unit } from '../../../src/catalog/metric.ts'

/** Grafana's names of our units. */
export const UNIT_IDS: Readonly<Record<Unit, string>> = {
  percent: 'percent',
  bytes: 'bytes',
  'bytes/s': 'binBps',
  'MB/s': 'MBs',
  count: 'short',
  'count/s': 'cps',
  'packets/s': 'pps',
  'operations/s': 'iops',
  MHz: 'megahertz',
  celsius: 'celsius',
  ms: 'ms',
  s: 's',
  'ms/s': 'short',
  ratio: 'none',
}

export const SOURCE = { type: 'influxdb', uid: '${datasource}' } as const

export type Step = { readonly color: string; readonly value: number | null }
export const steps = (warning: number, critical: number): readonly Step[] => [
  { color: 'green', value: null },
  { color: 'orange', value: warning },
  { color: 'red', value: critical },
]

/** How full something may be before a person should look. */
const FULL = steps(85, 95)

type Shape = 'timeseries' | 'stat' | 'bargauge' | 'table' | 'logs'

export type PanelFacts = {
  readonly title: string
  readonly type?: Shape
  readonly unit: string
  readonly queries: readonly string[]
  readonly description?: string
  readonly width?: number
  readonly height?: number
  /** What a series is called; without it its field. */
  readonly legend?: string
  readonly thresholds?: readonly Step[]
  /** Drawn dashed and paler, by what their names end in. */
  readonly dashed?: string
}

/** A panel that still has no place. */
export const panel = (facts: PanelFacts): Panel => {
  const { title, type = 'timeseries', unit, queries, description, thresholds, dashed } = facts
  return {
    type,
    title,
    ...(description !== undefined && { description }),
    datasource: SOURCE,
    targets: queries.map((query, place) => ({
      refId: String.fromCharCode(65 + place),
      datasource: SOURCE,
      query,
    })),
    gridPos: { x: 0, y: 0, w: facts.width ?? 12, h: facts.height ?? 8 },
    fieldConfig: {
      defaults: {
        unit,
        displayName: facts.legend ?? '${__field.labels._field}',
        ...(unit === 'percent' && { min: 0 }),
        ...(thresholds !== undefined && {
          thresholds: { mode: 'absolute' as never, steps: [...thresholds] },
        }),
        ...(type === 'timeseries' && {
          custom: { lineWidth: 1, fillOpacity: 8, showPoints: 'never', spanNulls: false },
        }),
      },
      overrides:
        dashed === undefined
          ? []
          : [
              {
                matcher: { id: 'byRegexp', options: `/${dashed}$/` },
                properties: [
                  { id: 'custom.lineStyle', value: { fill: 'dash', dash: [6, 4] } },
                  { id: 'custom.fillOpacity', value: 0 },
                ],
              },
            ],
    },
    options: optionsOf(type),
  }
}

const optionsOf = (type: Shape): Record<string, unknown> => {
  switch (type) {
    case 'timeseries':
      return {
        legend: { displayMode: 'list', placement: 'bottom', showLegend: true },
        tooltip: { mode: 'multi', sort: 'desc' },
      }
    case 'stat':
    case 'bargauge':
      return { reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false } }
    case 'table':
      return { showHeader: true }
    case 'logs':
      return {
        showTime: true,
        wrapLogMessage: true,
        sortOrder: 'Descending',
        enableLogDetails: true,
      }
  }
}

/** For values of which 100 is all. */
export const fullness = (facts: Omit<PanelFacts, 'unit' | 'thresholds'>): Panel =>
  panel({ ...facts, unit: 'percent', thresholds: FULL })

/** Puts panels side by side, row after row; a title opens a row of its own. */
export const arranged = (parts: readonly (string | Panel)[]): Panel[] => {
  let [x, y, line] = [0, 0, 0]
  return parts.map((part, place): Panel => {
    const id = place + 1
    if (typeof part === 'string') {
      const at = y + line
      ;[x, y, line] = [0, at + 1, 0]
      return { id, type: 'row', title: part, gridPos: { x: 0, y: at, w: 24, h: 1 } }
    }
    const { w = 12, h = 8 } = part.gridPos ?? {}
    if (x + w > 24) [x, y, line] = [0, y + line, 0]
    const gridPos = { x, y, w, h }
    x += w
    line = Math.max(line, h)
    return { ...part, id, gridPos }
  })
}

export const dataSourceVariable: VariableModel = {
  name: 'datasource',
  label: 'Data source',
  type: 'datasource',
  query: 'influxdb',
  refresh: VariableRefresh.onDashboardLoad,
}

type Choice = {
  readonly name: string
  readonly label: string
  readonly query: string
  readonly isMulti?: boolean
}

export const queryVariable = ({ name, label, query, isMulti = true }: Choice): VariableModel => ({
  name,
  label,
  type: 'query',
  datasource: SOURCE,
  query,
  refresh: VariableRefresh.onTimeRangeChanged,
  sort: VariableSort.alphabeticalAsc,
  multi: isMulti,
  includeAll: isMulti,
  ...(isMulti && { current: { text: ['All'], value: ['$__all'], selected: true } }),
})

export const choiceVariable = (
  name: string,
  label: string,
  values: readonly string[],
): VariableModel => ({
  name,
  label,
  type: 'custom',
  query: values.join(','),
  current: { text: values[0] ?? '', value: values[0] ?? '', selected: true },
  options: values.map((value, place) => ({ text: value, value, selected: place === 0 })),
})

export const textVariable = (name: string, label: string, value = ''): VariableModel => ({
  name,
  label,
  type: 'textbox',
  query: value,
  current: { text: value, value, selected: true },
})

/** The bucket of raw samples, and what the names of the others begin with. */
export const prefixVariable = textVariable('prefix', 'Bucket', 'perfwatch')
