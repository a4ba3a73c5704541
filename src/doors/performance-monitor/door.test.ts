import { request } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { AppError } from '../../app-error.ts'
import { ADMIN, openDoor, type OpenDoor } from '../testing.ts'
import { performanceMonitor } from './door.ts'

const PASSWORD = 'user_passwd'
const MALFORMED = { error: 'Authentication Error' }
const BAD = { reason: 'Bad arguments' }
const UNKNOWN = { reason: 'Not authorized user try to post data, please login' }
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

describe('PerformanceMonitor', () => {
  let door: OpenDoor
  let hash: string

  const post = (path: string, body: unknown) => door.ask('POST', path, { body })
  const register = (user: unknown, passwd: unknown = PASSWORD) =>
    post('/register', { user, passwd })
  const hashOf = async (user: string) => ((await register(user)).body as { hash: string }).hash
  const get = (query: Record<string, string>) =>
    door.ask('GET', `/cpu?${new URLSearchParams(query).toString()}`)

  beforeAll(async () => {
    door = await openDoor(performanceMonitor)
    hash = await hashOf('ann')
  })
  afterAll(() => door.close())

  describe('POST /register', () => {
    it('gives a hash, once for each name', async () => {
      expect(await register('new')).toMatchObject({
        status: 200,
        body: { hash: expect.stringMatching(UUID) },
      })
      for (const name of ['new', 'NEW'])
        expect(await register(name)).toMatchObject({
          status: 400,
          body: { reason: 'User is already registered' },
        })
      expect((await door.accounts.users.find('new'))?.role).toBe('client')
    })

    it.each(['o/../Neil', 'a,b "c"', "d'e", 'f 😀', '..'])('takes the name %s', async (name) => {
      expect((await register(name)).status).toBe(200)
    })

    it.each([
      ['no body', ''],
      ['no JSON', '{'],
      ['no UTF-8', Buffer.from([0xff, 0xfe]).toString('latin1')],
      ['a list', []],
      ['no user', { passwd: 'x' }],
      ['no password', { user: 'x' }],
      ['numbers', { user: 1, passwd: 2 }],
      ['an empty name', { user: '', passwd: 'x' }],
      ['a name with a colon', { user: 'a:b', passwd: 'x' }],
      ['a long name', { user: 'x'.repeat(65), passwd: 'x' }],
      ['an empty password', { user: 'x', passwd: '' }],
      ['a long password', { user: 'x', passwd: 'x'.repeat(1025) }],
      ['nested deep', '['.repeat(100_000)],
    ])('refuses %s with 403', async (_name, body) => {
      expect(await post('/register', body)).toMatchObject({ status: 403, body: MALFORMED })
    })

    it('may be closed', async () => {
      const closed = await openDoor(performanceMonitor, { ALLOW_REGISTRATION: '0' })
      const { status, body } = await closed.ask('POST', '/register', {
        body: { user: 'x', passwd: 'y' },
      })
      expect([status, body]).toEqual([403, { error: 'Registration is disabled' }])
      await closed.close()
    })
  })

  describe('POST /login', () => {
    it('gives another hash each time, and the ones before stay good', async () => {
      const again = await post('/login', { user: 'ann', passwd: PASSWORD })
      expect(again).toMatchObject({ status: 200, body: { hash: expect.stringMatching(UUID) } })
      expect((again.body as { hash: string }).hash).not.toBe(hash)
      expect((await get({ hash })).status).toBe(200)
    })

    it.each([
      ['a wrong password', { user: 'ann', passwd: 'wrong' }],
      ['an unknown user', { user: 'nobody', passwd: 'x' }],
    ])('refuses %s with 401', async (_name, body) => {
      expect(await post('/login', body)).toMatchObject({
        status: 401,
        body: { reason: 'Wrong credentials or user is not registered' },
      })
    })

    it('refuses what is malformed with 403', async () => {
      expect(await post('/login', { user: 'ann' })).toMatchObject({ status: 403, body: MALFORMED })
    })
  })

  describe('POST /cpu', () => {
    it.each([
      ['a sample', { cpu: 15.3, time: 1649596019.895 }],
      ['zeros', { cpu: 0, time: 0 }],
      ['texts', { cpu: '12.5', time: ' 1649596020 ' }],
      ['more keys', { cpu: 1, time: 2, host: 'x', nested: { a: [null] } }],
      ['a time long ago', { cpu: 1, time: -1e12 }],
      ['a time far ahead', { cpu: 1, time: 1e18 }],
    ])('echoes %s', async (_name, sample) => {
      const one = await hashOf(`echo ${_name}`)
      expect(await post('/cpu', { hash: one, ...sample })).toMatchObject({
        status: 200,
        body: { payload: { hash: one, ...sample } },
      })
      const { cpu, time } = sample
      expect((await get({ hash: one })).body).toEqual({
        payload: [{ cpu: Number(cpu), timestamp: Number(time) }],
      })
    })

    it('echoes a key called __proto__, of two equal keys the last, whatever the Content-Type says', async () => {
      const one = await hashOf('odd keys')
      const text = `{"hash":"${one}","cpu":1,"cpu":2,"time":3,"__proto__":{"cpu":9}}`
      const { status, body } = await door.ask('POST', '/cpu', {
        body: text,
        headers: { 'Content-Type': 'text/csv' },
      })
      expect([status, JSON.stringify(body)]).toEqual([
        200,
        `{"payload":{"hash":"${one}","cpu":2,"time":3,"__proto__":{"cpu":9}}}`,
      ])
      expect((await get({ hash: one })).body).toEqual({ payload: [{ cpu: 2, timestamp: 3 }] })
    })

    it('says 503 for what could not be stored, and stores what is posted again', async () => {
      const one = await hashOf('store away')
      const { append } = door.store.records
      const away = new AppError({ code: 'unavailable', detail: 'The store is away. Try again.' })
      Object.assign(door.store.records, { append: () => Promise.reject(away) })
      const refused = await post('/cpu', { hash: one, cpu: 1, time: 1 })
      Object.assign(door.store.records, { append })
      expect([refused.status, refused.body]).toEqual([503, { reason: away.message }])
      expect((await get({ hash: one })).body).toEqual({ payload: [] })
      expect((await post('/cpu', { hash: one, cpu: 1, time: 1 })).status).toBe(200)
      expect((await get({ hash: one })).body).toEqual({ payload: [{ cpu: 1, timestamp: 1 }] })
    })

    it('takes the hash in any spelling', async () => {
      for (const spelled of [hash.toUpperCase(), hash.replaceAll('-', '')])
        expect((await post('/cpu', { hash: spelled, cpu: 1, time: 1 })).status).toBe(200)
    })

    it.each([
      ['no JSON', '{'],
      ['a list', []],
      ['no hash', { cpu: 1, time: 1 }],
      ['a hash that is no UUID', { hash: 'abc', cpu: 1, time: 1 }],
      ['no cpu', { hash: 'HASH', time: 1 }],
      ['no time', { hash: 'HASH', cpu: 1 }],
      ['null', { hash: 'HASH', cpu: null, time: 1 }],
      ['true', { hash: 'HASH', cpu: true, time: 1 }],
      ['an empty text', { hash: 'HASH', cpu: '', time: 1 }],
      ['a word', { hash: 'HASH', cpu: 'high', time: 1 }],
      ['hexadecimal', { hash: 'HASH', cpu: '0x10', time: 1 }],
      ['an infinite number', '{"hash":"HASH","cpu":1e999,"time":1}'],
    ])('refuses %s with 400', async (_name, body) => {
      const text = (typeof body === 'string' ? body : JSON.stringify(body)).replace('HASH', hash)
      expect(await post('/cpu', text)).toMatchObject({ status: 400, body: BAD })
    })

    it('refuses an unknown hash with 401', async () => {
      const unknown = '00000000-0000-4000-8000-000000000000'
      expect(await post('/cpu', { hash: unknown, cpu: 1, time: 1 })).toMatchObject({
        status: 401,
        body: UNKNOWN,
      })
      expect(await get({ hash: unknown })).toMatchObject({ status: 401, body: UNKNOWN })
    })
  })

  describe('GET /cpu', () => {
    const times = [1649596003.5, 1649596001.25, 1649596002, 1649596002]

    it('gives the samples of the session by time, all of one second, none of another session', async () => {
      const own = await hashOf('reader')
      for (const [cpu, time] of times.entries()) await post('/cpu', { hash: own, cpu, time })
      const { body } = await get({ user_hash: own })
      const { payload } = body as { payload: { cpu: number; timestamp: number }[] }
      expect(payload.map(({ timestamp }) => timestamp)).toEqual([
        1649596001.25, 1649596002, 1649596002, 1649596003.5,
      ])
      expect(payload.map(({ cpu }) => cpu).toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3])
      const other = await post('/login', { user: 'reader', passwd: PASSWORD })
      expect((await get({ hash: (other.body as { hash: string }).hash })).body).toEqual({
        payload: [],
      })
    })

    it.each([
      [{ start_time: '1649596002' }, [1649596002, 1649596002, 1649596003.5]],
      [{ cur_time: '1649596002' }, [1649596001.25, 1649596002, 1649596002]],
      [{ start_time: '1649596001.26', cur_time: '1649596003.49' }, [1649596002, 1649596002]],
      [{ start_time: '', cur_time: '0' }, []],
      [{ start_time: '1e300' }, []],
    ])('%j', async (range, expected) => {
      const own = await hashOf(`range ${JSON.stringify(range).replaceAll(':', '')}`)
      for (const [cpu, time] of times.entries()) await post('/cpu', { hash: own, cpu, time })
      const { body } = await get({ hash: own, ...range })
      expect(
        (body as { payload: { timestamp: number }[] }).payload.map(({ timestamp }) => timestamp),
      ).toEqual(expected)
    })

    it.each([
      ['no hash', {}],
      ['a hash that is none', { hash: 'abc' }],
      ['a start that is no number', { hash: 'HASH', start_time: 'noon' }],
      ['an end that is no number', { hash: 'HASH', cur_time: '12:00' }],
    ])('refuses %s with 400', async (_name, query) => {
      const asked = Object.fromEntries(
        Object.entries(query).map(([key, value]) => [key, value === 'HASH' ? hash : value]),
      )
      expect(await get(asked as Record<string, string>)).toMatchObject({ status: 400, body: BAD })
    })
  })

  it.each([
    ['GET', '/nothing', 404, { reason: 'Not found' }],
    ['GET', '/register/', 404, { reason: 'Not found' }],
    ['DELETE', '/cpu', 405, { reason: 'Method Not Allowed' }],
  ])('%s %s', async (method, path, status, body) => {
    expect(await door.ask(method, path)).toMatchObject({ status, body })
  })

  it.each([
    ['a body over 1 MB', {}, '/register', 413, 'Request body too large'],
    ['one in chunks', { 'Transfer-Encoding': 'chunked' }, '/cpu', 413, 'Request body too large'],
    [
      'an unknown Host',
      { Host: 'rebound.example' },
      '/cpu',
      421,
      'Unknown host. Add it to ALLOWED_HOSTS.',
    ],
  ])('refuses %s', async (_name, headers, path, status, reason) => {
    const answer = await new Promise<[number | undefined, unknown]>((resolve, reject) => {
      const sent = request(`${door.url}${path}`, { method: 'POST', headers }, (response) => {
        let text = ''
        response.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')))
        response.once('end', () => resolve([response.statusCode, JSON.parse(text)]))
      })
      // behind the answer the server hangs up, which is then of no matter
      sent.on('error', reject)
      sent.end(status === 413 ? 'x'.repeat(1_100_000) : '{}')
    })
    expect(answer).toEqual([status, { reason }])
  })

  it('a new password ends the hashes', async () => {
    const own = await hashOf('changing')
    const user = await door.accounts.users.find('changing')
    await door.accounts.users.update(user?.id ?? 0, { password: 'another password' })
    expect((await get({ hash: own })).status).toBe(401)
  })

  it('slows down who guesses, and nobody else', async () => {
    for (let tries = 0; tries < 10; tries += 1)
      await post('/login', { user: ADMIN.username, passwd: 'wrong' })
    const refused = await post('/login', { user: ADMIN.username, passwd: ADMIN.password })
    expect([refused.status, refused.body]).toEqual([429, { reason: expect.any(String) }])
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    expect((await post('/login', { user: 'ann', passwd: PASSWORD })).status).toBe(200)
  })

  it('lets an address sign up a hundred times an hour', async () => {
    const busy = await openDoor(performanceMonitor)
    const statuses = []
    for (let count = 0; count < 101; count += 1) {
      const body = { user: `user ${count}`, passwd: 'x' }
      const { status, headers } = await busy.ask('POST', '/register', { body })
      statuses.push(status)
      if (status !== 200) expect(Number(headers.get('retry-after'))).toBeGreaterThan(0)
    }
    expect(statuses).toEqual([...Array.from({ length: 100 }, () => 200), 429])
    await busy.close()
  })

  it('keeps hashes and passwords out of the log', () => {
    for (const secret of [hash, PASSWORD]) expect(door.lines.join('')).not.toContain(secret)
  })
})
