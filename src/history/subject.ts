import { AppError } from '../app-error.ts'
import { CONTRACT_METRICS, findMetric } from '../catalog/catalog.ts'
import type { Dataset } from '../catalog/datasets.ts'
import type { Metric } from '../catalog/metric.ts'
import type { Tags } from '../points/point.ts'
import type { HistoryDeps } from './deps.ts'

/** What a question is about: a metric of the catalogue, or a measurement that somebody pushed. */
export type Subject =
  | { readonly kind: 'metric'; readonly metric: Metric }
  | { readonly kind: 'pushed'; readonly measurement: string }

/** Where a subject's rows are in the store. */
export type Source = {
  readonly dataset: Dataset
  readonly measurements: readonly string[]
  readonly tags: Tags
}

/** Before the name of a measurement that was pushed and is called like a metric. */
export const PUSHED = 'pushed.'

/**
 * The subject that a client named. A name that both the catalogue and a pushed measurement have means the metric, but for
 * a host of which only the other is there; `pushed.cpu` always means what was pushed. Throws an AppError `invalid` that
 * lists the six metrics of the contract.
 */
export const findSubject = async (
  name: string,
  host: string | undefined,
  deps: Deps,
): Promise<Subject> => {
  const metric = findMetric(name)
  if (metric !== undefined && (host === undefined || (await hasMetrics(host, deps))))
    return { kind: 'metric', metric }
  const pushed = await deps.store.measurements('pushed')
  const measurement = name.startsWith(PUSHED) ? name.slice(PUSHED.length) : name
  for (const one of [name, measurement])
    if (pushed.includes(one)) return { kind: 'pushed', measurement: one }
  if (metric !== undefined) return { kind: 'metric', metric }
  throw new AppError({
    code: 'invalid',
    detail: `Invalid metric_type. Must be one of: ${CONTRACT_METRICS.join(', ')}`,
  })
}

/**
 * The host's rows of the subject; without a host those of this server, but of what was pushed all: its host is often only
 * the token's name. Throws an AppError `not-found` for a host that never reported.
 */
export const sourceOf = async (
  subject: Subject,
  host: string | undefined,
  deps: Deps,
): Promise<Source> => {
  if (subject.kind === 'pushed') {
    if (host !== undefined) await refuseUnlessPushed(host, deps)
    return {
      dataset: 'pushed',
      measurements: [subject.measurement],
      tags: host === undefined ? {} : { host },
    }
  }
  await refuseUnknown(host, deps)
  return {
    dataset: 'metrics',
    measurements: subject.metric.series.map((one) => one.measurement),
    tags: { host: host ?? deps.host },
  }
}

type Deps = Pick<HistoryDeps, 'store' | 'host'>

const refuseUnlessPushed = async (host: string, deps: Deps) => {
  const { raw } = await deps.store.coverage('pushed', host)
  if (raw.oldest === null) await refuseUnknown(host, deps)
}

/** This server's own host is known from the start. */
const refuseUnknown = async (host: string | undefined, deps: Deps) => {
  if (host === undefined || (await hasMetrics(host, deps))) return
  throw new AppError({ code: 'not-found', detail: 'Resource not found' })
}

const hasMetrics = async (host: string, deps: Deps): Promise<boolean> =>
  host === deps.host || (await deps.store.hosts()).some((one) => one.host === host)

/** How many values one window of the subject has, as far as it is known before reading. */
export const valuesAWindow = (subject: Subject, source: Source, deps: HistoryDeps): number =>
  subject.kind === 'pushed'
    ? 1
    : subject.metric.series.reduce((sum, { measurement, layout, fields }) => {
        const host = source.tags['host'] ?? deps.host
        const series = layout.kind === 'object' ? 1 : (deps.seriesCount?.(measurement, host) ?? 1)
        return sum + series * Object.keys(fields).length
      }, 0)
