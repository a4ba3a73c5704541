import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { AppError } from '../../app-error.ts'
import { DAY, HOUR } from '../../points/instant.ts'
import { ADMIN, openDoor, START, type OpenDoor } from '../testing.ts'
import { mood } from './door.ts'

const PASSWORD = 'a long password: with a colon'
const LOGIN = { message: 'Login required' }

describe('the mood service', () => {
  let door: OpenDoor

  const basic = (user: string, password = PASSWORD) => ({
    Authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
  })
  const admin = basic(ADMIN.username, ADMIN.password)
  const send = (body: unknown, headers: Record<string, string> = basic('ann')) =>
    door.ask('POST', '/mood', { body, headers })
  const read = (query = '', headers: Record<string, string> = basic('ann')) =>
    door.ask('GET', `/mood${query}`, { headers })
  const make = (username: string) =>
    door.accounts.users.create({ username, password: PASSWORD, role: 'client' })

  beforeAll(async () => {
    door = await openDoor(mood)
    for (const name of ['ann', 'bob', '__proto__', 'o\'Neil/😀,"']) await make(name)
  })
  afterAll(() => door.close())

  describe('POST /mood', () => {
    it.each([
      ['a text', 'Happy!', 'Happy!'],
      ['quotes and emoji', '"so" \'so\' 😀', '"so" \'so\' 😀'],
      ['a number', 7, '7'],
      ['200 characters', '😀'.repeat(200), '😀'.repeat(200)],
      ['line breaks', 'a\r\nb', 'a\r\nb'],
    ])('keeps %s', async (_name, sent, kept) => {
      expect(await send({ mood: sent })).toMatchObject({
        status: 200,
        body: { Date: new Date(door.clock.now()).toUTCString(), Mood: kept },
      })
      const { body } = await read()
      const { ann } = body as { ann: { mood_data: { Mood: string }[] } }
      expect(ann.mood_data.at(-1)?.Mood).toBe(kept)
      door.advance(1)
    })

    it.each([
      ['nothing', ''],
      ['no JSON', '{"mood":'],
      ['a list', []],
      ['no mood', { user: 'ann' }],
      ['an empty mood', { mood: '' }],
      ['201 characters', { mood: 'x'.repeat(201) }],
      ['null', { mood: null }],
      ['an object', { mood: {} }],
      ['a user that is a number', { mood: 'x', user: 5 }],
      ['a mood that is only inherited', '{"__proto__":{"mood":"x"}}'],
      ['nested deep', '['.repeat(100_000)],
    ])('refuses %s with 400', async (_name, body) => {
      expect(await send(body)).toMatchObject({ status: 400, body: { message: expect.any(String) } })
    })
  })

  it('says 503 for a mood that could not be stored, and has not stored it', async () => {
    const before = (await read()).body
    const { append } = door.store.records
    const away = new AppError({ code: 'unavailable', detail: 'The store is away. Try again.' })
    Object.assign(door.store.records, { append: () => Promise.reject(away) })
    const refused = await send({ mood: 'lost?' })
    Object.assign(door.store.records, { append })
    expect([refused.status, refused.body]).toEqual([503, { message: away.message }])
    expect((await read()).body).toEqual(before)
  })

  it('refuses a body over 1 MB, before it asks who sends it', async () => {
    expect(await send('x'.repeat(1_100_000), {})).toMatchObject({
      status: 413,
      body: { message: 'Request body too large' },
    })
  })

  describe('who asks', () => {
    it.each([
      ['nobody', {}],
      ['a wrong password', basic('bob', 'wrong')],
      ['an unknown user', basic('nobody')],
      ['no colon', { Authorization: `Basic ${Buffer.from('ann').toString('base64')}` }],
      ['a bad token', { Authorization: 'Bearer eyJ.x.y' }],
    ])('%s is refused with 401', async (_name, headers) => {
      expect(await read('', headers)).toMatchObject({ status: 401, body: LOGIN })
      expect(await send({ mood: 'x' }, headers)).toMatchObject({ status: 401, body: LOGIN })
    })

    it('may come with a token or the cookie; a mood by cookie only from a page of this server', async () => {
      const login = await door.accounts.sessions.login({
        username: 'ann',
        password: PASSWORD,
        address: '192.0.2.1',
      })
      expect((await read('', { Authorization: `Bearer ${login.accessToken}` })).status).toBe(200)
      const cookie = { Cookie: `perfwatch=${login.sessionId}` }
      expect((await read('', cookie)).status).toBe(200)
      const statuses = []
      for (const origin of [undefined, 'https://evil.example', door.url])
        statuses.push(
          (
            await send(
              { mood: 'x' },
              { ...cookie, ...(origin !== undefined && { Origin: origin }) },
            )
          ).status,
        )
      expect(statuses).toEqual([403, 403, 200])
    })

    it('names only oneself; an admin anyone who is there', async () => {
      expect((await read('?user=ANN')).status).toBe(200)
      expect(await read('?user=bob')).toMatchObject({
        status: 403,
        body: { message: expect.any(String) },
      })
      expect((await send({ user: 'bob', mood: 'x' })).status).toBe(403)
      expect((await send({ user: 'bob', mood: 'by the admin' }, admin)).status).toBe(200)
      expect((await read('?user=bob', admin)).body).toMatchObject({
        bob: { mood_data: [{ Mood: 'by the admin' }] },
      })
      expect((await read('?user=bob&tz=Mars')).status).toBe(403)
      expect((await read('?user=nobody', admin)).status).toBe(404)
      expect((await send({ user: 'nobody', mood: 'x' }, admin)).status).toBe(404)
    })

    it.each(['__proto__', 'o\'Neil/😀,"'])('may be called %s', async (name) => {
      await send({ mood: 'mine' }, basic(name))
      const { body } = await read('', basic(name))
      expect(Object.entries(body as object)).toEqual([
        [name, { mood_data: [expect.objectContaining({ Mood: 'mine' })], streak: 1 }],
      ])
    })
  })

  it('counts streaks in the zone that is asked for', async () => {
    await make('streak')
    const own = basic('streak')
    expect((await read('', own)).body).toEqual({ streak: { mood_data: [], streak: 0 } })
    // 1, 2, 3 and 5 days after a midnight in Berlin, half an hour before it in UTC
    const midnight = Math.ceil(door.clock.now() / DAY) * DAY - HOUR / 2
    door.advance(midnight - door.clock.now())
    for (const days of [1, 1, 1, 2]) {
      door.advance(days * DAY)
      await send({ mood: `after ${days}` }, own)
    }
    const { body } = await read('?tz=Europe/Berlin', own)
    const { streak } = body as {
      streak: { mood_data: { Date: string; streak: number }[]; streak: number }
    }
    expect(streak.streak).toBe(1)
    expect(streak.mood_data.map((one) => [one.Date, one.streak])).toEqual([
      ['2025-01-20 00:30:00', 1],
      ['2025-01-21 00:30:00', 2],
      ['2025-01-22 00:30:00', 3],
      ['2025-01-24 00:30:00', 1],
    ])
    expect((await read('?tz=UTC', own)).body).toMatchObject({
      streak: { mood_data: [{ Date: '2025-01-19 23:30:00' }, {}, {}, {}] },
    })
    expect(await read('?tz=Mars/Olympus', own)).toMatchObject({
      status: 400,
      body: { message: 'tz must be a time zone such as Europe/Berlin' },
    })
    expect(door.clock.now()).toBeGreaterThan(START)
  })

  it('slows down who guesses, and nobody else', async () => {
    await make('guessed')
    for (let tries = 0; tries < 10; tries += 1) await read('', basic('guessed', 'wrong'))
    const refused = await read('', basic('guessed'))
    expect([refused.status, refused.body]).toEqual([429, { message: expect.any(String) }])
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    expect((await read()).status).toBe(200)
  })

  it.each([
    ['GET', '/moods', 404],
    ['PUT', '/mood', 405],
  ])('%s %s', async (method, path, status) => {
    expect(await door.ask(method, path)).toMatchObject({
      status,
      body: { message: expect.any(String) },
    })
  })

  it('keeps passwords out of the log', () => {
    expect(door.lines.join('')).not.toContain(PASSWORD)
    expect(door.lines.join('')).not.toContain('Basic')
  })
})
