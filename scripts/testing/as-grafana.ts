import type { Dashboard, Panel } from '@grafana/schema'

/** A query of a file as Grafana sends it, and where it stands. */
export type SentQuery = { readonly where: string; readonly query: string }

export type Shown = {
  /** Unix milliseconds. */
  readonly from: number
  readonly to: number
  /** How many points a panel is wide. */
  readonly points: number
}

/** As Grafana's `:regex` writes values: each escaped, several in brackets. */
const asRegex = (values: readonly string[]): string => {
  const escaped = values.map((value) => value.replaceAll(/[\\^$*+?.()|[\]{}/]/g, String.raw`\$&`))
  return escaped.length === 1 ? (escaped[0] ?? '') : `(${escaped.join('|')})`
}

/** Chosen values by the name of the variable; All is all of them. */
export type Chosen = Readonly<Record<string, readonly string[]>>

/** What Grafana writes out before it sends a Flux query. */
export const interpolated = (
  query: string,
  chosen: Chosen,
  { from, to, points }: Shown,
): string => {
  const iso = (ms: number) => new Date(ms).toISOString()
  return query
    .replaceAll(/\$\{(\w+)(?::(\w+))?\}/g, (whole, name: string, form: string | undefined) => {
      const values = chosen[name]
      if (values === undefined) throw new Error(`${whole} is no variable of this dashboard.`)
      return form === 'regex' ? asRegex(values) : values.join(',')
    })
    .replaceAll('v.timeRangeStart', iso(from))
    .replaceAll('v.timeRangeStop', iso(to))
    .replaceAll('v.windowPeriod', `${Math.max(1_000, Math.round((to - from) / points))}ms`)
}

const isPanel = (panel: unknown): panel is Panel => (panel as Panel).type !== 'row'

type Target = { readonly refId?: string; readonly query?: string }

/** Every query of the panels and annotations of a dashboard, as it is written. */
export const queriesOf = ({ panels = [], annotations }: Dashboard): readonly SentQuery[] => [
  ...panels.filter(isPanel).flatMap(({ title, targets = [] }) =>
    (targets as readonly Target[]).map(({ refId, query = '' }) => ({
      where: `${title} ${refId}`,
      query,
    })),
  ),
  ...(annotations?.list ?? []).map(({ name, target }) => ({
    where: `annotation ${name}`,
    query: (target as Target | undefined)?.query ?? '',
  })),
]

/** A text where it is one; other data sources have objects there. */
const textIn = (value: unknown): string => (typeof value === 'string' ? value : '')

/** The variables whose values InfluxDB knows, in the order in which one may need another. */
export const askedVariables = ({
  templating,
}: Dashboard): readonly { readonly name: string; readonly query: string }[] =>
  (templating?.list ?? [])
    .filter(({ type }) => type === 'query')
    .map(({ name, query }) => ({ name, query: textIn(query) }))

/** What the others have at first. */
export const fixedChoices = ({ templating }: Dashboard): Chosen =>
  Object.fromEntries(
    (templating?.list ?? [])
      .filter(({ type }) => type !== 'query')
      .map(({ name, query, multi, current }) => [
        name,
        multi === true ? textIn(query).split(',') : [textIn(current?.value ?? query)],
      ]),
  )
