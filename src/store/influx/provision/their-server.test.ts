import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { InfluxAdmin } from '../../../testing/influx-admin.ts'
import type { InfluxServer } from '../../../testing/influxd.ts'
import { bucketName } from '../buckets.ts'
import { binaries } from '../testing.ts'
import { provision, type ProvisionOptions } from './provision.ts'
import {
  contents,
  expectAllThere,
  keptTokens,
  OPERATOR,
  optionsFor,
  provisionFolder,
  startTheirs,
} from './testing.ts'
import { TOKENS_FILE } from './tokens-file.ts'

let folder: string
beforeEach(() => {
  folder = provisionFolder()
})
afterEach(() => rmSync(folder, { recursive: true }))

describe.skipIf(binaries === null)('provisioning an InfluxDB that somebody else has set up', () => {
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

  /** The rights that an all-access token of one organisation has, as far as they matter here. */
  const allAccess = async () => {
    const { id } = await admin.call<{ id: string }>('GET', '/api/v2/me')
    return [
      `read:orgs:${await admin.orgId(org)}`,
      `read:users:${id}`,
      `write:users:${id}`,
      ...['buckets', 'tasks', 'authorizations'].flatMap((type) => [
        `read:${type}`,
        `write:${type}`,
      ]),
    ]
  }

  it('works with an all-access token of its organisation alone', async () => {
    const { token } = await admin.token(org, await allAccess())
    expect((await run({ token })).problems).toEqual([])
    await expectAllThere(admin, org)
  })

  it.each([
    ['write:buckets', 'write:buckets, to make the bucket perfwatch'],
    ['write:tasks', 'read:tasks and write:tasks, to make the task perfwatch-1m'],
    ['read:tasks', 'read:tasks, to keep the task perfwatch-1m'],
    ['write:authorizations', 'write:authorizations, to make the writer token'],
    ['write:users', 'write:users, to make the writer token'],
  ])('says that %s is missing', async (right, sentence) => {
    const rights = (await allAccess()).filter((one) => !one.startsWith(right))
    const { token } = await admin.token(org, rights)
    await expect(run({ token })).rejects.toMatchObject({
      name: 'AppError',
      code: 'setup',
      message: expect.stringContaining(sentence) as unknown,
    })
    expect(
      (await contents(admin, org)).tasks.filter(({ name }) => name === 'perfwatch-1m').length,
    ).toBeLessThanOrEqual(1)
  })

  it('leaves no task behind where it may make but not see them', async () => {
    const rights = (await allAccess()).filter((one) => one !== 'read:tasks')
    const { token } = await admin.token(org, rights)
    await expect(run({ token })).rejects.toThrow('read:tasks')
    expect((await contents(admin, org)).tasks).toEqual([])
  })

  it.each([
    ['no token', undefined, /INFLUX_TOKEN: .* is set up already/],
    ['a token that nobody knows', 'nonsense', /INFLUX_TOKEN: .* does not accept the token/],
  ])('with %s says what to do', async (_, token, sentence) => {
    await expect(run({ token })).rejects.toMatchObject({
      code: 'setup',
      message: expect.stringMatching(sentence) as unknown,
    })
  })

  it('makes the organisation where it may, and else names those that it sees', async () => {
    await run({ server: { url: server.url, org: 'made-by-us', prefix: 'perfwatch' } })
    await expectAllThere(admin, 'made-by-us')
    const { token } = await admin.token(org, await allAccess())
    const elsewhere = { url: server.url, org: 'nowhere', prefix: 'perfwatch' }
    await expect(run({ token, server: elsewhere })).rejects.toThrow(
      `INFLUX_ORG: INFLUX_TOKEN sees no organisation nowhere and may not make one. It sees: ${org}.`,
    )
  })

  it('never shortens the retention of a bucket that it has not made', async () => {
    const orgID = await admin.orgId(org)
    const keep = (name: string, everySeconds: number) =>
      admin.call('POST', '/api/v2/buckets', {
        orgID,
        name,
        retentionRules: [{ type: 'expire', everySeconds }],
      })
    await keep('perfwatch', 0)
    await keep('perfwatch_events', 3_600)
    const { problems, leftAlone } = await run()
    expect(problems).toEqual([expect.stringContaining('The bucket perfwatch was not made by')])
    expect([...leftAlone].map((shelf) => bucketName('perfwatch', shelf))).toEqual(['perfwatch'])
    const { buckets } = await contents(admin, org)
    const seconds = (name: string) =>
      buckets.find((one) => one.name === name)?.retentionRules[0]?.everySeconds
    expect([seconds('perfwatch'), seconds('perfwatch_events')]).toEqual([0, 86_400])
  })

  it('puts tasks back that were changed, stopped or doubled, and removes ours that are not wanted', async () => {
    await run()
    const { orgID, tasks } = await contents(admin, org)
    const task = (name: string) => tasks.find((one) => one.name === name)
    const script = (name: string) =>
      `option task = {name: "${name}", every: 1h}\nfrom(bucket: "perfwatch") |> range(start: -1h)`
    await admin.call('PATCH', `/api/v2/tasks/${task('perfwatch-1m')?.id}`, {
      flux: script('perfwatch-1m'),
    })
    await admin.call('PATCH', `/api/v2/tasks/${task('perfwatch-5m')?.id}`, { status: 'inactive' })
    await admin.call('DELETE', `/api/v2/tasks/${task('perfwatch-1h')?.id}`)
    const add = (name: string, description: string) =>
      admin.call('POST', '/api/v2/tasks', { orgID, flux: script(name), description })
    await add('perfwatch-5m', 'applied twice')
    await add('perfwatch-10m', task('perfwatch-1m')?.description ?? '')
    await add('somebody-else', 'not ours')
    await run()
    const after = await contents(admin, org)
    expect(after.tasks.map(({ name }) => name).toSorted()).toEqual([
      'perfwatch-1h',
      'perfwatch-1m',
      'perfwatch-5m',
      'somebody-else',
    ])
    const others = after.tasks.find(({ name }) => name === 'somebody-else')
    await admin.call('DELETE', `/api/v2/tasks/${others?.id}`)
    await expectAllThere(admin, org)
  })

  it('makes tokens anew that are gone, inactive or for buckets that are others now', async () => {
    await run()
    const before = keptTokens(folder)
    await admin.call('DELETE', `/api/v2/authorizations/${before.scoped.writer?.id}`)
    await admin.call('PATCH', `/api/v2/authorizations/${before.scoped.reader?.id}`, {
      status: 'inactive',
    })
    const { tokens } = await run()
    const after = keptTokens(folder)
    expect(after.scoped.roller).toEqual(before.scoped.roller)
    expect(after.scoped.grafana).toEqual(before.scoped.grafana)
    expect(tokens.writer).not.toBe(before.scoped.writer?.token)
    expect(tokens.reader).not.toBe(before.scoped.reader?.token)
    expect((await contents(admin, org)).tokens).toHaveLength(4)

    const { buckets } = await contents(admin, org)
    const events = buckets.find(({ name }) => name === 'perfwatch_events')
    await admin.call('DELETE', `/api/v2/buckets/${events?.id}`)
    await run()
    await expectAllThere(admin, org)
    expect(keptTokens(folder).scoped.writer?.token).not.toBe(tokens.writer)
    expect(keptTokens(folder).scoped.roller).toEqual(before.scoped.roller)
    expect((await contents(admin, org)).tokens).toHaveLength(4)
  })

  it('believes in a token that it may not look up, until InfluxDB refuses it', async () => {
    const rights = (await allAccess()).filter((one) => one !== 'read:authorizations')
    const { token } = await admin.token(org, rights)
    const first = await run({ token })
    expect((await run({ token })).tokens).toEqual(first.tokens)
    const again = await run({ token, refused: new Set(['writer'] as const) })
    expect(again.tokens.writer).not.toBe(first.tokens.writer)
    expect(again.tokens.reader).toBe(first.tokens.reader)
  })

  it('without a token any more goes on with what it has made', async () => {
    const { tokens } = await run()
    const standing = await run({ token: undefined })
    expect(standing.tokens).toEqual({ ...tokens, operator: undefined })
    expect(standing.problems).toEqual([expect.stringContaining('INFLUX_TOKEN is not set')])
    const { buckets } = await contents(admin, org)
    await admin.call('DELETE', `/api/v2/buckets/${buckets[0]?.id}`)
    await expect(run({ token: undefined })).rejects.toThrow(`lacks the buckets ${buckets[0]?.name}`)
  })

  it('with a damaged file of tokens says which', async () => {
    writeFileSync(join(folder, TOKENS_FILE), '{"instance":')
    await expect(run()).rejects.toMatchObject({
      code: 'setup',
      message: expect.stringContaining(`${folder}/${TOKENS_FILE} cannot be read`) as unknown,
    })
  })
})
