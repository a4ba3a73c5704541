import { AppError } from '../app-error.ts'
import type { IngestToken } from './accounts.ts'
import { isLongerThan } from './names.ts'

/** What a token may be bound to: the buckets of a push. */
const TOKEN_DATASETS = ['pushed', 'metrics', 'events', 'logs'] as const

/** Where a token says nothing else. Points are lines of line protocol. */
export const TOKEN_QUOTA = { pointsPerSecond: 100_000, maxSeries: 10_000 } as const
const HIGHEST_QUOTA = 10_000_000

export type TokenScope = Pick<
  IngestToken,
  'dataset' | 'host' | 'prefix' | 'agent' | 'metrics' | 'pointsPerSecond' | 'maxSeries'
>

/** What one line of a push would write; `host` and `project` are null where it has no such tag. */
export type PushedLine = {
  readonly dataset: string
  readonly measurement: string
  readonly host: string | null
  readonly project: string | null
}

/** True where a line is within the token's scope. A bound token writes nothing that lacks what it is bound to. */
export const mayPush = (token: IngestToken, line: PushedLine): boolean =>
  !token.metrics &&
  // the series of a host are written by itself alone
  (line.dataset !== 'metrics' || token.agent) &&
  isWithin(token.dataset, line.dataset) &&
  isWithin(token.host, line.host) &&
  isWithin(token.project, line.project) &&
  (token.prefix === null || line.measurement.startsWith(token.prefix))

const isWithin = (bound: string | null, value: string | null): boolean =>
  bound === null || bound === value

/** The scope of a new token; AppError `invalid`. */
export const parseTokenScope = (given: Readonly<Record<string, unknown>>): TokenScope => {
  const scope = {
    dataset: parseDataset(given['dataset']),
    host: parseText(given['host'], 'host'),
    prefix: parseText(given['prefix'], 'prefix'),
    agent: given['agent'] === true,
    metrics: given['metrics'] === true,
    pointsPerSecond:
      parseQuota(given['pointsPerSecond'], 'points_per_second') ?? TOKEN_QUOTA.pointsPerSecond,
    maxSeries: parseQuota(given['maxSeries'], 'max_series') ?? TOKEN_QUOTA.maxSeries,
  }
  const hasProject = given['project'] !== undefined && given['project'] !== null
  const bound = (scope.dataset ?? scope.host ?? scope.prefix) !== null || hasProject
  if (scope.metrics && (bound || scope.agent)) {
    throw invalid(
      'metrics: such a token only reads /metrics; leave out dataset, host, project, prefix and agent',
    )
  }
  if (scope.agent && scope.host === null) {
    throw invalid('agent: such a token writes the metrics of one host; give host too')
  }
  if (scope.agent && scope.dataset !== null && scope.dataset !== 'metrics') {
    throw invalid('agent: such a token writes metrics; leave out dataset')
  }
  if (hasProject && ((scope.dataset ?? 'events') !== 'events' || scope.host !== null)) {
    throw invalid('project: only events have one; leave out host, and dataset or make it events')
  }
  return scope
}

const parseDataset = (value: unknown): string | null => {
  if (value === undefined || value === null) return null
  const dataset = TOKEN_DATASETS.find((known) => known === value)
  if (dataset !== undefined) return dataset
  throw invalid(`dataset must be one of: ${TOKEN_DATASETS.join(', ')}`)
}

const parseText = (value: unknown, field: string): string | null => {
  if (value === undefined || value === null) return null
  const fits =
    typeof value === 'string' &&
    value !== '' &&
    !isLongerThan(value, 255) &&
    !/[\p{Cc}\p{Cs}]/u.test(value)
  if (fits) return value
  throw invalid(`${field} must be 1 to 255 characters long, without control characters`)
}

const parseQuota = (value: unknown, field: string): number | undefined => {
  if (value === undefined || value === null) return undefined
  const fits =
    typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= HIGHEST_QUOTA
  if (fits) return value
  throw invalid(`${field} must be a whole number from 1 to ${HIGHEST_QUOTA}`)
}

const invalid = (detail: string) => new AppError({ code: 'invalid', detail })
