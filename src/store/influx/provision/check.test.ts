import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { InfluxAdmin } from '../../../testing/influx-admin.ts'
import type { InfluxServer } from '../../../testing/influxd.ts'
import { binaries } from '../testing.ts'
import { provision, type ProvisionOptions } from './provision.ts'
import { contents, OPERATOR, optionsFor, provisionFolder, startTheirs } from './testing.ts'
import { TOKENS_FILE } from './tokens-file.ts'

let folder: string
beforeEach(() => {
  folder = provisionFolder()
})
afterEach(() => rmSync(folder, { recursive: true }))

describe.skipIf(binaries === null)('provisioning in check mode', () => {
  let server: InfluxServer
  let admin: InfluxAdmin
  let org: string
  let orgs = 0
  beforeAll(async () => {
    ;({ server, admin } = await startTheirs())
  })
  afterAll(() => server.end())
  beforeEach(async () => {
    org = `org-${++orgs}`
    await admin.orgId(org)
  })

  const run = (over: Partial<ProvisionOptions> = {}) =>
    provision(optionsFor(folder, server.url, org, { token: OPERATOR, ...over }))

  it('lists every bucket and right that is missing, and makes nothing', async () => {
    const orgID = await admin.orgId(org)
    const before = await contents(admin, org)
    await expect(run({ mode: 'check' })).rejects.toThrow(
      /lacks the bucket perfwatch .*; the bucket perfwatch_1m .*; the bucket perfwatch_journal/,
    )
    expect(await contents(admin, org)).toEqual(before)
    expect(readdirSync(folder)).toEqual([])

    await run()
    rmSync(join(folder, TOKENS_FILE))
    const { buckets, ...there } = await contents(admin, org)
    const id = (name: string) => buckets.find((one) => one.name === name)?.id ?? ''
    const rights = [
      `read:orgs:${orgID}`,
      ...buckets
        .filter(({ name }) => name !== 'perfwatch_1h')
        .map((one) => `read:buckets:${one.id}`),
      ...buckets.filter(({ name }) => name !== 'perfwatch').map((one) => `write:buckets:${one.id}`),
    ]
    const { token } = await admin.token(org, rights)
    await expect(run({ mode: 'check', token })).rejects.toThrow(
      /lacks the right to write perfwatch; the bucket perfwatch_1h \(or the right to read it\)\. INFLUX_TOKEN sees no task perfwatch-1m/,
    )
    const enough = await admin.token(org, [
      ...rights,
      `write:buckets:${id('perfwatch')}`,
      `read:buckets:${id('perfwatch_1h')}`,
    ])
    const checked = await run({ mode: 'check', token: enough.token })
    expect(checked.problems).toHaveLength(3)
    expect(checked.problems[0]).toContain('sees no task perfwatch-1m')
    const all = await run({ mode: 'check' })
    expect(all.problems).toEqual([])
    expect(all.tokens.writer).toBe(OPERATOR)
    const after = await contents(admin, org)
    expect([after.buckets, after.tasks, after.tokens]).toEqual([buckets, there.tasks, there.tokens])
  })

  it('needs a token', async () => {
    await expect(run({ mode: 'check', token: undefined })).rejects.toThrow('INFLUX_TOKEN: ')
  })

  it('says of tasks what is wrong with them', async () => {
    await run()
    const { tasks } = await contents(admin, org)
    const task = (name: string) => tasks.find((one) => one.name === name)
    await admin.call('PATCH', `/api/v2/tasks/${task('perfwatch-1m')?.id}`, {
      flux: `${task('perfwatch-1m')?.flux}\n// mine`,
    })
    await admin.call('PATCH', `/api/v2/tasks/${task('perfwatch-5m')?.id}`, { status: 'inactive' })
    expect((await run({ mode: 'check' })).problems).toEqual([
      'The script of the task perfwatch-1m is not that of influx/tasks/perfwatch-1m.flux.',
      'The task perfwatch-5m is not active.',
    ])
  })
})
