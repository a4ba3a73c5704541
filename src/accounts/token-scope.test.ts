import { expect, it } from 'vitest'
import { instant } from '../points/instant.ts'
import type { IngestToken } from './accounts.ts'
import { mayPush, TOKEN_QUOTA, type PushedLine } from './token-scope.ts'

const token = (scope: Partial<IngestToken>): IngestToken => ({
  id: 1,
  name: 'token',
  dataset: null,
  host: null,
  project: null,
  prefix: null,
  agent: false,
  metrics: false,
  ...TOKEN_QUOTA,
  createdAt: instant(0),
  lastUsed: null,
  ...scope,
})

const LINES = {
  pushed: { dataset: 'pushed', measurement: 'build_time', host: 'web-1', project: null },
  elsewhere: { dataset: 'pushed', measurement: 'build_time', host: 'web-2', project: null },
  other: { dataset: 'pushed', measurement: 'cpu', host: 'web-1', project: null },
  metrics: { dataset: 'metrics', measurement: 'cpu', host: 'web-1', project: null },
  event: { dataset: 'events', measurement: 'event_duration', host: null, project: 'shop' },
  otherEvent: { dataset: 'events', measurement: 'event_duration', host: null, project: 'blog' },
  log: { dataset: 'logs', measurement: 'log', host: null, project: null },
} as const satisfies Record<string, PushedLine>

it.each<[Partial<IngestToken>, readonly (keyof typeof LINES)[]]>([
  [{}, ['pushed', 'elsewhere', 'other', 'event', 'otherEvent', 'log']],
  [{ dataset: 'pushed' }, ['pushed', 'elsewhere', 'other']],
  [{ dataset: 'metrics', host: 'web-1' }, []],
  [{ agent: true, host: 'web-1' }, ['pushed', 'other', 'metrics']],
  [{ agent: true, host: 'web-2' }, ['elsewhere']],
  [{ agent: true, host: 'web-1', dataset: 'metrics' }, ['metrics']],
  [{ host: 'web-1' }, ['pushed', 'other']],
  [{ prefix: 'build_' }, ['pushed', 'elsewhere']],
  [{ prefix: 'build_', host: 'web-2' }, ['elsewhere']],
  [{ project: 'shop' }, ['event']],
  [{ project: 'shop', dataset: 'events' }, ['event']],
  [{ dataset: 'logs' }, ['log']],
  [{ metrics: true }, []],
])('a token of %j may push %j', (scope, may) => {
  const allowed = Object.entries(LINES).filter(([, line]) => mayPush(token(scope), line))
  expect(allowed.map(([name]) => name)).toEqual(may)
})
