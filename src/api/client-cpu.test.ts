import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sampleInstant } from '../history/client-cpu.ts'
import { openServer, PASSWORD, type TestServer } from './testing/open-server.ts'

let server: TestServer
let ann: string
let session: string

const TIMES = [1737194400.5, 1737194401.895, 1737194402]

beforeAll(async () => {
  server = await openServer()
  ann = await server.tokenOf('client', 'ann')
  const { doorSessions } = server.accounts
  const opened = await doorSessions.login({ username: 'ann', password: PASSWORD, address: '::1' })
  session = opened.session.id
  // who never sends has no session to show
  await doorSessions.verify(opened.hash)
  await server.store.records.append(
    'journal',
    TIMES.map((time, cpu) => ({
      measurement: 'client_cpu',
      tags: { user: 'ann', session },
      at: sampleInstant(time),
      fields: { cpu, time },
    })),
  )
})
afterAll(() => server.close())

const ask = async (path: string, token = ann) => {
  const { status, body } = await server.ask('GET', path, { token })
  return [status, body]
}

describe('/api/client-cpu', () => {
  const own = () => ({
    sessions: [
      {
        id: session,
        user: 'ann',
        started_at: '2025-01-18T10:00:00Z',
        last_at: '2025-01-18T10:00:02Z',
        samples: 3,
      },
    ],
  })

  it('lists the sessions: a user’s own, for an admin all', async () => {
    const admin = await server.tokenOf('admin')
    const bob = await server.tokenOf('client', 'bob')
    expect(await ask('/api/client-cpu/sessions')).toEqual([200, own()])
    expect(await ask('/api/client-cpu/sessions?user=ANN')).toEqual([200, own()])
    expect(await ask('/api/client-cpu/sessions', admin)).toEqual([200, own()])
    expect(await ask('/api/client-cpu/sessions?user=bob', admin)).toEqual([200, { sessions: [] }])
    expect(await ask('/api/client-cpu/sessions', bob)).toEqual([200, { sessions: [] }])
    expect(await ask('/api/client-cpu/sessions?user=ann', bob)).toEqual([
      403,
      { detail: 'Not authorized to perform this action' },
    ])
  })

  it('gives the samples of a session', async () => {
    expect(await ask(`/api/client-cpu?session=${session}`)).toEqual([
      200,
      {
        session,
        user: 'ann',
        data_points: [
          { timestamp: '2025-01-18T10:00:00.500Z', cpu: 0 },
          { timestamp: '2025-01-18T10:00:01.895Z', cpu: 1 },
          { timestamp: '2025-01-18T10:00:02Z', cpu: 2 },
        ],
      },
    ])
    const range = 'start_time=2025-01-18T10:00:01Z&end_time=1737194402'
    expect(await ask(`/api/client-cpu?session=${session}&${range}&format=csv`)).toEqual([
      200,
      'cpu,time\r\n1,1737194401.895\r\n2,1737194402\r\n',
    ])
  })

  it('hides the sessions of others', async () => {
    const eve = await server.tokenOf('viewer', 'eve')
    expect((await ask(`/api/client-cpu?session=${session}`, eve))[0]).toBe(404)
    expect(
      (await ask(`/api/client-cpu?session=${session}`, await server.tokenOf('admin')))[0],
    ).toBe(200)
  })

  it.each([
    ['', 400, 'session is required'],
    ['session=0000', 404, 'Resource not found'],
    ['session=x&format=xml', 400, 'format must be one of: csv, json'],
  ])('%s is refused', async (query, status, detail) => {
    expect(await ask(`/api/client-cpu?${query}`)).toEqual([status, { detail }])
  })
})
