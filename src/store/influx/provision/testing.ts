import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import { ROLLUP_TIERS } from '../../../catalog/tiers.ts'
import { nodeDisk } from '../../../spool/disk.ts'
import { influxAdmin, type InfluxAdmin } from '../../../testing/influx-admin.ts'
import { startInfluxd, type InfluxServer } from '../../../testing/influxd.ts'
import { rollupScript } from '../rollup-script.ts'
import { binaries } from '../testing.ts'
import { bucketPlans } from './bucket-plan.ts'
import type { ProvisionOptions } from './provision.ts'
import { TOKENS_FILE, type KeptTokens } from './tokens-file.ts'

type Bucket = {
  id: string
  name: string
  type: string
  description?: string
  retentionRules: { everySeconds: number; shardGroupDurationSeconds: number }[]
}
type Task = { id: string; name: string; flux: string; status: string; description?: string }
type Authorization = {
  id: string
  description: string
  status: string
  permissions: { action: string; resource: { type: string; id?: string } }[]
}

export const OPERATOR = 'the-operator-token-of-the-tests-0123456789'
const DAY = 86_400

let randoms = 0
export const randomText = () => `chance-${String(++randoms).padStart(32, '0')}`

export const provisionFolder = (): string => mkdtempSync(join(tmpdir(), 'perfwatch-provision-'))

export const keptTokens = (folder: string): KeptTokens =>
  JSON.parse(readFileSync(join(folder, TOKENS_FILE), 'utf8')) as KeptTokens

const plans = bucketPlans([
  { dataset: 'metrics', tier: 'raw', days: 7 },
  { dataset: 'metrics', tier: '1m', days: 15 },
  { dataset: 'metrics', tier: '5m', days: 90 },
  { dataset: 'metrics', tier: '1h', days: 730 },
  { dataset: 'events', tier: 'raw', days: 1 },
])

export const optionsFor = (
  folder: string,
  url: string,
  org: string,
  over: Partial<ProvisionOptions> = {},
): ProvisionOptions => ({
  server: { url, org, prefix: 'perfwatch' },
  token: undefined,
  mode: 'auto',
  folder,
  disk: nodeDisk,
  plans,
  randomText,
  ...over,
})

/** Everything of an organisation that provisioning is about. */
export const contents = async (admin: InfluxAdmin, org: string) => {
  const orgID = await admin.orgId(org)
  const { buckets } = await admin.call<{ buckets: Bucket[] }>(
    'GET',
    `/api/v2/buckets?orgID=${orgID}&limit=100`,
  )
  const { tasks } = await admin.call<{ tasks: Task[] }>(
    'GET',
    `/api/v2/tasks?orgID=${orgID}&limit=100`,
  )
  const { authorizations } = await admin.call<{ authorizations: Authorization[] }>(
    'GET',
    `/api/v2/authorizations?orgID=${orgID}`,
  )
  return {
    orgID,
    buckets: buckets.filter(({ type }) => type === 'user'),
    tasks,
    tokens: authorizations.filter(({ description }) => description.startsWith('PerfWatch ')),
  }
}

export const expectAllThere = async (admin: InfluxAdmin, org: string) => {
  const { buckets, tasks, tokens } = await contents(admin, org)
  const keeping = Object.fromEntries(
    buckets.map(({ name, retentionRules: [rule] }) => [
      name,
      [(rule?.everySeconds ?? -1) / DAY, (rule?.shardGroupDurationSeconds ?? -1) / DAY],
    ]),
  )
  expect(keeping).toEqual({
    perfwatch: [8, 1],
    perfwatch_1m: [15, 1],
    perfwatch_5m: [90, 7],
    perfwatch_1h: [730, 28],
    perfwatch_pushed: [0, 28],
    perfwatch_events: [1, 1],
    perfwatch_logs: [0, 28],
    perfwatch_journal: [0, 28],
  })
  expect(new Set(tasks.map(({ name, flux, status }) => ({ name, flux, status })))).toEqual(
    new Set(
      ROLLUP_TIERS.map((tier) => ({
        name: `perfwatch-${tier}`,
        flux: rollupScript('perfwatch', tier),
        status: 'active',
      })),
    ),
  )
  return { buckets, tasks, tokens }
}

/** A server that somebody else has set up, with an organisation of theirs. */
export const startTheirs = async (): Promise<{ server: InfluxServer; admin: InfluxAdmin }> => {
  if (binaries === null) throw new Error('There is no influxd.')
  const server = await startInfluxd(binaries, ['--no-tasks'])
  const admin = influxAdmin(server.url, OPERATOR)
  await admin.call('POST', '/api/v2/setup', {
    username: 'somebody',
    password: 'a password of somebody',
    org: 'theirs',
    bucket: 'theirs',
    token: OPERATOR,
  })
  return { server, admin }
}
