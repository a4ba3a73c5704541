import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { clientCpu, eventDuration, mood } from '../catalog/records.ts'
import { instant, MINUTE } from '../points/instant.ts'
import { openServer, PASSWORD, START, type TestServer } from './testing/open-server.ts'

let server: TestServer
let ann: string

beforeAll(async () => {
  server = await openServer()
  ann = await server.tokenOf('client', 'ann')
  await server.ask('POST', '/api/projects', { token: ann, body: { title: 'shop' } })
  await server.store.records.append(
    'events',
    [1, 2, 4, 9].map((duration_ms, index) => ({
      measurement: eventDuration.measurement,
      tags: { project: 'shop', metric: index === 3 ? 'search' : 'page' },
      at: instant(START + index * 20_000),
      fields: { duration_ms },
    })),
  )
})
afterAll(() => server.close())

const ask = async (path: string, token = ann) => {
  const { status, body } = await server.ask('GET', path, { token })
  return [status, body]
}
const query = (more: Record<string, string> = {}) =>
  new URLSearchParams({
    project: 'shop',
    metric: 'page',
    start_time: '2025-01-18T10:00:00Z',
    end_time: '2025-01-18T11:00:00Z',
    ...more,
  }).toString()

describe('/api/events', () => {
  it('lists the metrics of a project', async () => {
    expect(await ask('/api/events/metrics?project=SHOP')).toEqual([
      200,
      {
        metrics: [
          {
            metric: 'page',
            first_at: '2025-01-18T10:00:00Z',
            last_at: '2025-01-18T10:00:40Z',
            count: 3,
          },
          {
            metric: 'search',
            first_at: '2025-01-18T10:01:00Z',
            last_at: '2025-01-18T10:01:00Z',
            count: 1,
          },
        ],
      },
    ])
  })

  it('gives exact statistics', async () => {
    expect(await ask(`/api/events?${query({ group_by: 'hours' })}`)).toEqual([
      200,
      {
        project: 'shop',
        metric: 'page',
        group_by: 'hours',
        data_points: [
          {
            timestamp: '2025-01-18T10:00:00Z',
            count: 3,
            min_ms: 1,
            max_ms: 4,
            mean_ms: 7 / 3,
            median_ms: 2,
            p75_ms: 3,
            p90_ms: expect.closeTo(3.6, 12) as number,
          },
        ],
      },
    ])
    expect(await ask(`/api/events?${query({ metric: 'none' })}`)).toMatchObject([
      200,
      { group_by: 'minutes', data_points: [] },
    ])
  })

  it.each([
    [query({ project: '' }), 'project is required'],
    [query({ metric: '' }), 'metric is required'],
    [query({ start_time: '' }), 'start_time is required'],
    [query({ end_time: '2025-01-18T09:00:00Z' }), 'start_time must be before end_time'],
    [query({ group_by: 'weeks' }), 'group_by must be one of: minutes, hours, days'],
  ])('%s is refused', async (asked, detail) => {
    expect(await ask(`/api/events?${asked}`)).toEqual([400, { detail }])
  })

  it('shows a project to its owner, viewers and admins only', async () => {
    const statuses = async (token: string) =>
      Promise.all(
        [`/api/events?${query()}`, '/api/events/metrics?project=shop'].map(
          async (path) => (await server.ask('GET', path, { token })).status,
        ),
      )
    expect(await statuses(await server.tokenOf('viewer', 'eve'))).toEqual([200, 200])
    expect(await statuses(await server.tokenOf('admin'))).toEqual([200, 200])
    expect(await statuses(await server.tokenOf('client', 'bob'))).toEqual([404, 404])
  })
})

describe('purging', () => {
  const series = async (of: typeof clientCpu | typeof mood | typeof eventDuration) =>
    (await server.store.records.series(of.dataset, of.measurement, {})).map(({ tags }) => tags)

  it('deletes what a user has sent, and the events of their projects, and nothing else', async () => {
    const token = await server.tokenOf('client', 'zoe')
    await server.ask('POST', '/api/projects', { token, body: { title: 'zoes' } })
    const at = instant(START + MINUTE)
    await server.store.records.append('journal', [
      { measurement: 'mood', tags: { user: 'zoe' }, at, fields: { mood: 'Happy!' } },
      { measurement: 'mood', tags: { user: 'ann' }, at, fields: { mood: 'Calm' } },
      {
        measurement: 'client_cpu',
        tags: { user: 'zoe', session: 'a' },
        at,
        fields: { cpu: 1, time: 1 },
      },
    ])
    await server.store.records.append('events', [
      {
        measurement: 'event_duration',
        tags: { project: 'zoes', metric: 'm' },
        at,
        fields: { duration_ms: 1 },
      },
    ])
    const admin = await server.tokenOf('admin')
    const zoe = await server.accounts.users.find('zoe')
    expect(
      (await server.ask('DELETE', `/api/users/${zoe?.id}?purge=true`, { token: admin })).status,
    ).toBe(202)
    expect(await series(mood)).toEqual([{ user: 'ann' }])
    expect(await series(clientCpu)).toEqual([])
    expect(await series(eventDuration)).toEqual([
      { project: 'shop', metric: 'page' },
      { project: 'shop', metric: 'search' },
    ])
    await server.accounts.users.create({ username: 'zoe', password: PASSWORD, role: 'client' })
  })

  it('of a user who was removed before deletes as well', async () => {
    const gone = await server.accounts.users.create({
      username: 'gone',
      password: PASSWORD,
      role: 'client',
    })
    await server.store.records.append('journal', [
      { measurement: 'mood', tags: { user: 'gone' }, at: START, fields: { mood: 'Sad' } },
    ])
    const token = await server.tokenOf('admin')
    await server.ask('DELETE', `/api/users/${gone.id}`, { token })
    expect(await series(mood)).toEqual([{ user: 'ann' }, { user: 'gone' }])
    await server.ask('DELETE', `/api/users/${gone.id}?purge=true`, { token })
    expect(await series(mood)).toEqual([{ user: 'ann' }])
  })

  it('of a project deletes its events, also when it was removed before', async () => {
    const token = await server.tokenOf('admin')
    const shop = await server.accounts.projects.find('shop')
    await server.ask('DELETE', `/api/projects/${shop?.id}`, { token })
    expect(await series(eventDuration)).not.toEqual([])
    await server.ask('DELETE', `/api/projects/${shop?.id}?purge=true`, { token })
    expect(await series(eventDuration)).toEqual([])
    expect(
      (await server.ask('POST', '/api/projects', { token, body: { title: 'shop' } })).status,
    ).toBe(201)
  })
})
