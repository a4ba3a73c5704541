import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { LogLevel } from '../catalog/records.ts'
import { connect } from '../live/testing.ts'
import { instant, SECOND } from '../points/instant.ts'
import type { NewRecord } from '../points/record.ts'
import { announcing } from './log-tail.ts'
import { openServer, START, type TestServer } from './testing/open-server.ts'

let server: TestServer
let viewer: string
let ann: string

const record = (index: number, user: string, level: LogLevel, msg: string): NewRecord => ({
  measurement: 'log',
  tags: { user, level },
  // three records each second
  at: instant(START + Math.floor(index / 3) * SECOND),
  seq: 500 + index,
  fields: {
    msg,
    p_name: 'bot',
    pid: 7,
    p_description: 'the bot',
    received_at: START,
    ...(index === 0 && { event_at: START - 1, post_time: START - 2, level_original: 'loud' }),
  },
})

const RECORDS = [
  record(0, 'ann', 'info', 'Started "well"'),
  record(1, 'ann', 'debug', 'ПРИВЕТ, мир'),
  record(2, 'bob', 'error', 'disk FULL 😀'),
  record(3, 'bob', 'critical', 'it broke'),
  record(4, 'ann', 'warning', 'disk is nearly full'),
  record(5, 'ann', 'info', 'ended'),
]

beforeAll(async () => {
  server = await openServer()
  viewer = await server.tokenOf('viewer', 'eve')
  ann = await server.tokenOf('client', 'ann')
  await server.store.records.append('logs', RECORDS)
})
afterAll(() => server.close())

type Page = { logs: { id: string; msg: string }[]; next_cursor: string | null }
const page = async (query: string, token = viewer): Promise<Page> => {
  const { status, body } = await server.ask('GET', `/api/logs?${query}`, { token })
  expect(status).toBe(200)
  return body as Page
}
const messages = async (query: string, token = viewer) =>
  (await page(query, token)).logs.map(({ msg }) => msg)

describe('/api/logs', () => {
  it('gives the newest first, whole', async () => {
    const { logs, next_cursor } = await page('')
    expect(next_cursor).toBeNull()
    expect(logs.at(-1)).toEqual({
      id: expect.any(String),
      user: 'ann',
      level: 'info',
      msg: 'Started "well"',
      event_at: '2025-01-18T09:59:59.999Z',
      received_at: '2025-01-18T10:00:00Z',
      post_time: '2025-01-18T09:59:59.998Z',
      p_name: 'bot',
      pid: 7,
      p_description: 'the bot',
      level_original: 'loud',
    })
    expect(logs.map(({ msg }) => msg)).toEqual(
      RECORDS.map(({ fields }) => fields['msg']).toReversed(),
    )
    expect(new Set(logs.map(({ id }) => id)).size).toBe(6)
  })

  it.each([
    ['level=warning', ['disk is nearly full', 'it broke', 'disk FULL 😀']],
    ['level=CRITICAL', ['it broke']],
    ['user=bob', ['it broke', 'disk FULL 😀']],
    ['text=full', ['disk is nearly full', 'disk FULL 😀']],
    ['text=привет', ['ПРИВЕТ, мир']],
    ['text=%F0%9F%98%80', ['disk FULL 😀']],
    ['text=%22', ['Started "well"']],
    ['text=nothing', []],
    ['text=disk&level=error', ['disk FULL 😀']],
    ['since=2025-01-18T10:00:01Z', ['ended', 'disk is nearly full', 'it broke']],
    ['until=1737194401', ['disk FULL 😀', 'ПРИВЕТ, мир', 'Started "well"']],
    ['limit=2', ['ended', 'disk is nearly full']],
    ['user=nobody', []],
  ])('%s', async (query, expected) => {
    expect(await messages(query)).toEqual(expected)
  })

  it('is read page by page, whatever comes meanwhile', async () => {
    const seen: string[] = []
    let cursor: string | null = ''
    while (cursor !== null) {
      const { logs, next_cursor }: Page = await page(
        `limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`,
      )
      seen.push(...logs.map(({ msg }) => msg))
      cursor = next_cursor
      if (seen.length === 2)
        await server.store.records.append('logs', [record(30, 'zoe', 'info', 'came later')])
    }
    expect(seen).toEqual(RECORDS.map(({ fields }) => fields['msg']).toReversed())
  })

  it('shows a client its own records, whoever is asked for', async () => {
    expect(await messages('text=disk', ann)).toEqual(['disk is nearly full'])
    expect(await messages('user=ann', ann)).toHaveLength(4)
    expect(await messages('user=bob', ann)).toEqual([])
  })

  it.each([
    ['level=loud', 'level must be one of: debug, info, warning, error, critical'],
    ['limit=0', 'limit must be a whole number from 1 to 1000'],
    ['limit=1001', 'limit must be a whole number from 1 to 1000'],
    ['since=noon', 'since must be a time such as 2025-01-18T10:00:00Z or Unix seconds'],
    ['since=2025-01-19&until=2025-01-18', 'since must be before until'],
    ['cursor=nonsense', 'cursor is none that this server has given'],
    [
      `cursor=${Buffer.from('[1,2,{"user":3}]').toString('base64url')}`,
      'cursor is none that this server has given',
    ],
  ])('%s is refused', async (query, detail) => {
    expect(await server.ask('GET', `/api/logs?${query}`, { token: viewer })).toMatchObject({
      status: 400,
      body: { detail },
    })
  })
})

describe('the live tail', () => {
  const socketOf = (token: string) =>
    connect(`${server.url.replace('http', 'ws')}/api/ws/metrics?token=${token}`)

  it('speaks as the API does, and keeps to what one may see', async () => {
    const records = announcing(server.store.records, server.logs)
    const [all, own] = [await socketOf(viewer), await socketOf(ann)]
    for (const client of [all, own])
      client.socket.send(
        '{"type":"subscribe","channel":"logs","filter":{"level":"error","text":"BROKE"}}',
      )
    for (const client of [all, own])
      expect(await client.next()).toEqual({ type: 'subscribed', channel: 'logs' })
    await records.append('logs', [
      record(60, 'bob', 'error', 'bob broke it'),
      record(61, 'ann', 'error', 'ann broke it'),
      record(62, 'ann', 'info', 'nothing broke'),
      record(63, 'ann', 'error', 'other'),
    ])
    const [newest] = (await page('text=ann broke')).logs
    expect(await own.next()).toEqual({ type: 'logs', data: [newest] })
    expect(await all.next()).toMatchObject({
      data: [{ user: 'bob', msg: 'bob broke it' }, newest],
    })
    for (const { socket } of [all, own]) socket.close()
  })

  it.each([
    ['{"level":"loud"}', 'level must be one of: debug, info, warning, error, critical'],
    ['{"level":5}', 'filter: level must be a string'],
    ['[]', 'filter must be an object'],
  ])('says what is wrong with %s', async (filter, detail) => {
    const client = await socketOf(viewer)
    client.socket.send(`{"type":"subscribe","channel":"logs","filter":${filter}}`)
    expect(await client.next()).toEqual({ type: 'error', channel: 'logs', detail })
    client.socket.close()
  })
})
