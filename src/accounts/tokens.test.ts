import { describe, expect, it } from 'vitest'
import { MINUTE } from '../points/instant.ts'
import type { IngestToken } from './accounts.ts'
import { openTemporary, refusalOf, START } from './testing.ts'

const setUp = async () => {
  const opened = await openTemporary()
  return { ...opened, tokens: opened.accounts.tokens }
}
const record = (over: Partial<IngestToken> = {}): unknown => ({
  id: 1,
  name: 'agent',
  dataset: null,
  host: null,
  project: null,
  prefix: null,
  agent: false,
  metrics: false,
  pointsPerSecond: 100_000,
  maxSeries: 10_000,
  createdAt: START,
  lastUsed: null,
  ...over,
})

describe('an ingest token', () => {
  it('keeps its quotas, and may be the agent of its host', async () => {
    const { tokens } = await setUp()
    const scope = { host: 'web-1', agent: true, pointsPerSecond: 5, maxSeries: 7 }
    const { token } = await tokens.create({ name: 'agent', ...scope })
    expect(await tokens.verify(token)).toEqual(record(scope))
  })

  it.each([
    ['removed', false],
    ['forgotten', true],
  ])(
    'of a project ends when that is %s, and opens no later one of that title',
    async (_, forget) => {
      const { tokens, accounts } = await setUp()
      const { projects } = accounts
      const shop = await projects.create({ title: 'Shop', ownerId: 1 })
      const { token } = await tokens.create({ name: 'page', project: 'shop' })
      const other = await tokens.create({ name: 'other' })
      expect((await tokens.verify(token))?.project).toBe('Shop')
      await projects.remove(shop.id, { forget })
      expect(await tokens.verify(token)).toBeNull()
      if (forget) await projects.create({ title: 'shop', ownerId: 1 })
      expect(await tokens.verify(token)).toBeNull()
      expect((await tokens.list()).map(({ name }) => name)).toEqual(['other'])
      expect(await tokens.verify(other.token)).not.toBeNull()
    },
  )

  it('of a project ends with a purged owner', async () => {
    const { tokens, accounts } = await setUp()
    const { users, projects } = accounts
    const ann = await users.create({ username: 'ann', password: 'x', role: 'client' })
    await projects.create({ title: 'shop', ownerId: ann.id })
    const { token } = await tokens.create({ name: 'page', project: 'shop' })
    await users.remove(ann.id)
    expect(await tokens.verify(token)).not.toBeNull()
    await users.remove(ann.id, { forget: true })
    expect(await tokens.verify(token)).toBeNull()
  })

  it('is shown once, recognisable, and found by its value with its scope', async () => {
    const { tokens, clock } = await setUp()
    const scope = { dataset: 'metrics', host: 'web-1', prefix: 'shop_' }
    const made = await tokens.create({ name: 'agent', ...scope })
    expect(made).toEqual({
      token: expect.stringMatching(/^pw_[\w-]{32}$/),
      record: record(scope),
    })
    clock.advance(1_000)
    expect(await tokens.verify(made.token)).toEqual(made.record)
    expect(await tokens.list()).toEqual([record({ ...scope, lastUsed: instantOf(1_000) })])
  })

  it('may only read /metrics when it is made for that', async () => {
    const { tokens } = await setUp()
    const { token } = await tokens.create({ name: 'prometheus', metrics: true })
    expect((await tokens.verify(token))?.metrics).toBe(true)
    expect((await tokens.list()).map(({ metrics }) => metrics)).toEqual([true])
  })

  it('notes its use at most once a minute', async () => {
    const { tokens, clock } = await setUp()
    const { token } = await tokens.create({ name: 'agent' })
    const useAfter = async (ms: number) => {
      clock.advance(ms)
      await tokens.verify(token)
      const [listed] = await tokens.list()
      return listed?.lastUsed
    }
    expect(await useAfter(0)).toBe(START)
    expect(await useAfter(MINUTE - 1)).toBe(START)
    expect(await useAfter(1)).toBe(START + MINUTE)
    expect(await useAfter(1)).toBe(START + MINUTE)
  })

  it.each([
    '',
    'pw_',
    'pw_unknown',
    `pw_${'x'.repeat(200)}`,
    'Bearer pw_x',
    "pw_' OR 1=1 --",
    'pw_\u0000',
  ])('is not %j', async (value) => {
    const { tokens } = await setUp()
    await tokens.create({ name: 'agent' })
    expect(await tokens.verify(value)).toBeNull()
  })

  it('does not open anything by its hash, in another case, or once it is removed', async () => {
    const { tokens } = await setUp()
    const { token, record: made } = await tokens.create({ name: 'agent' })
    expect(await tokens.verify(`pw_${token.slice(3).toUpperCase()}`)).toBeNull()
    expect(await tokens.verify(`${token} `)).toBeNull()
    await tokens.remove(made.id)
    expect(await tokens.verify(token)).toBeNull()
    expect(await tokens.list()).toEqual([])
    expect((await tokens.create({ name: 'agent' })).record.id).toBeGreaterThan(made.id)
  })

  it.each([1, 0, -1, 0.5, Number.NaN])('with id %d is unknown', async (id) => {
    const { tokens } = await setUp()
    expect(await refusalOf(() => tokens.remove(id))).toEqual({
      code: 'not-found',
      detail: 'Token not found',
    })
  })

  it('has a name of its own', async () => {
    const { tokens } = await setUp()
    await tokens.create({ name: 'agent' })
    expect(await refusalOf(() => tokens.create({ name: 'AGENT' }))).toEqual({
      code: 'conflict',
      detail: 'The token name "AGENT" is taken; choose another.',
    })
  })

  it.each([
    [{ name: '' }, 'name must be 1 to 64 characters long'],
    [{ name: true }, 'name must be a string'],
    [{ name: 'a:b' }, 'name must not contain ":" or control characters, or end in "\\"'],
    [{ dataset: 'journal' }, 'dataset must be one of: pushed, metrics, events, logs'],
    [{ dataset: true }, 'dataset must be one of: pushed, metrics, events, logs'],
    [{ dataset: '' }, 'dataset must be one of: pushed, metrics, events, logs'],
    [{ host: '' }, 'host must be 1 to 255 characters long, without control characters'],
    [{ host: false }, 'host must be 1 to 255 characters long, without control characters'],
    [
      { host: 'h'.repeat(256) },
      'host must be 1 to 255 characters long, without control characters',
    ],
    [{ prefix: 'a\nb' }, 'prefix must be 1 to 255 characters long, without control characters'],
    [{ prefix: {} }, 'prefix must be 1 to 255 characters long, without control characters'],
    [
      { metrics: true, host: 'web-1' },
      'metrics: such a token only reads /metrics; leave out dataset, host, project, prefix and agent',
    ],
    [
      { metrics: true, agent: true },
      'metrics: such a token only reads /metrics; leave out dataset, host, project, prefix and agent',
    ],
    [{ agent: true }, 'agent: such a token writes the metrics of one host; give host too'],
    [
      { agent: true, host: 'web-1', dataset: 'logs' },
      'agent: such a token writes metrics; leave out dataset',
    ],
    [{ project: 'nothing' }, 'project must be the title of a project'],
    [{ project: '' }, 'project must be the title of a project'],
    [{ project: 5 }, 'project must be the title of a project'],
    [
      { project: 'shop', dataset: 'logs' },
      'project: only events have one; leave out host, and dataset or make it events',
    ],
    [
      { project: 'shop', host: 'web-1' },
      'project: only events have one; leave out host, and dataset or make it events',
    ],
    [{ pointsPerSecond: 0 }, 'points_per_second must be a whole number from 1 to 10000000'],
    [{ pointsPerSecond: '5' }, 'points_per_second must be a whole number from 1 to 10000000'],
    [{ maxSeries: 1.5 }, 'max_series must be a whole number from 1 to 10000000'],
    [{ maxSeries: Number.NaN }, 'max_series must be a whole number from 1 to 10000000'],
  ])('cannot be made with %j', async (odd, detail) => {
    const { tokens } = await setUp()
    const given = { name: 'agent', ...odd } as { name: string }
    expect(await refusalOf(() => tokens.create(given))).toEqual({ code: 'invalid', detail })
    expect(await tokens.list()).toEqual([])
  })
})

const instantOf = (after: number) => (START + after) as IngestToken['createdAt']
