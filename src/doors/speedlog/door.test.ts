import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { MINUTE, SECOND } from '../../points/instant.ts'
import { ADMIN, openDoor, type OpenDoor } from '../testing.ts'
import { speedlog } from './door.ts'

const PASSWORD = 'a long password'

describe('Speedlog', () => {
  let door: OpenDoor
  let token: string

  const logIn = async (login: string, password: string): Promise<string> => {
    const { body } = await door.ask('POST', '/login/', { body: { login, password } })
    return (body as { token: string }).token
  }
  const bearer = (value: string) => ({ Authorization: `Bearer ${value}` })
  const make = (title: unknown, by = token) =>
    door.ask('PUT', '/private/project/', { body: { title }, headers: bearer(by) })
  const send = (project: string, body: unknown, headers = {}) =>
    door.ask('PUT', `/${project}/event/`, { body, headers })
  const statistics = (project: string, query: Record<string, string>, by = token) =>
    door.ask('GET', `/private/${project}/events/?${new URLSearchParams(query).toString()}`, {
      headers: bearer(by),
    })
  const whole = (metric: string, group = 'minutes') => ({
    metric_name: metric,
    metric_time_from: '2025-01-18T00:00:00',
    metric_time_to: '2025-01-19T00:00:00',
    group_by: group,
  })

  beforeAll(async () => {
    door = await openDoor(speedlog, { EVENT_CORS_ORIGINS: 'https://shop.example' })
    await door.accounts.users.create({ username: 'ann', password: PASSWORD, role: 'client' })
    await door.accounts.users.create({ username: 'bob', password: PASSWORD, role: 'client' })
    await door.accounts.users.create({ username: 'eve', password: PASSWORD, role: 'viewer' })
    token = await logIn('ann', PASSWORD)
  })
  afterAll(() => door.close())

  describe('POST /login/', () => {
    it('gives a token that opens /private only', async () => {
      expect(
        await door.ask('POST', '/login/', { body: { login: 'ann', password: PASSWORD } }),
      ).toEqual(
        expect.objectContaining({ status: 200, body: { token: expect.stringMatching(/^eyJ/) } }),
      )
      expect(await door.accounts.sessions.byBearer(token)).toBeNull()
    })

    it.each([
      ['a wrong password', { login: 'ann', password: 'wrong' }],
      ['an unknown user', { login: 'nobody', password: 'wrong' }],
      ['no body', undefined],
      ['bad JSON', '{"login":'],
      ['a list', []],
      ['numbers', { login: 1, password: 2 }],
      ['no password', { login: 'ann' }],
    ])('%s is refused with 400', async (_name, body) => {
      expect(await door.ask('POST', '/login/', { body })).toMatchObject({
        status: 400,
        body: { message: 'invalid login or password' },
      })
    })
  })

  describe('PUT /private/project/', () => {
    it('makes a project once', async () => {
      expect(await make('shop')).toMatchObject({ status: 200, body: '' })
      expect(await make('Shop')).toMatchObject({
        status: 409,
        body: { message: expect.any(String) },
      })
    })

    it.each([
      ['an empty title', ''],
      ['none', undefined],
      ['a number', 7],
      ['a path', 'a/b'],
      ['..', '..'],
      ['a reserved one', 'private'],
      ['65 letters', 'a'.repeat(65)],
      ['an emoji', '🛒'],
    ])('%s is refused with 400', async (_name, title) => {
      expect(await make(title)).toMatchObject({
        status: 400,
        body: { message: expect.any(String) },
      })
    })

    it.each([
      ['no token', {}],
      ['a bad token', bearer('eyJ.x.y')],
      ['another scheme', { Authorization: 'Basic YTpi' }],
    ])('%s is refused with 403', async (_name, headers) => {
      expect(
        await door.ask('PUT', '/private/project/', { body: { title: 'x' }, headers }),
      ).toMatchObject({ status: 403, body: { message: expect.any(String) } })
    })

    it('is not for a viewer', async () => {
      expect(await make('eves', await logIn('eve', PASSWORD))).toMatchObject({ status: 403 })
    })
  })

  describe('PUT /{project}/event/', () => {
    it.each([
      ['camel case', { title: 'ignored', metricName: 'm', durationMs: 3 }],
      ['snake case', { metric_name: 'm', duration_ms: 0 }],
      ['a fraction', { metricName: 'm', durationMs: 0.25 }],
      ['a name of any characters', { metricName: 'GET /a?b="c",d\\ 😀', durationMs: 1 }],
    ])('takes %s', async (_name, body) => {
      expect(await send('shop', body)).toMatchObject({ status: 200, body: { saved: true } })
    })

    it('takes POST as well, with slashes doubled, in any case of the title', async () => {
      const body = { metricName: 'm', durationMs: 1 }
      expect(await door.ask('POST', '//SHOP//event/', { body })).toMatchObject({ status: 200 })
    })

    it.each([
      ['no JSON', '{'],
      ['no UTF-8', '"\ud800'],
      ['a list', '[]'],
      ['no name', { durationMs: 1 }],
      ['an empty name', { metricName: '', durationMs: 1 }],
      ['a long name', { metricName: 'x'.repeat(129), durationMs: 1 }],
      ['a name that is none', { metricName: 5, durationMs: 1 }],
      ['no duration', { metricName: 'm' }],
      ['a negative one', { metricName: 'm', durationMs: -1 }],
      ['a text', { metricName: 'm', durationMs: '5' }],
      ['one beyond numbers', '{"metricName":"m","durationMs":1e999}'],
      ['nested deep', '['.repeat(200_000)],
    ])('refuses %s with 400', async (_name, body) => {
      expect(await send('shop', body)).toMatchObject({
        status: 400,
        body: { message: expect.any(String) },
      })
    })

    it.each([
      ['an unknown project', '/nothing/event/', 404],
      ['no slash at the end', '/shop/event', 404],
      ['a body over 1 MB', '/shop/event/', 413],
    ])('%s', async (_name, path, status) => {
      const body = status === 413 ? 'x'.repeat(1_100_000) : { metricName: 'm', durationMs: 1 }
      expect(await door.ask('PUT', path, { body })).toMatchObject({
        status,
        body: { message: expect.any(String) },
      })
    })

    it('says which methods there are', async () => {
      const answer = await door.ask('DELETE', '/shop/event/')
      expect([answer.status, answer.headers.get('allow'), answer.body]).toEqual([
        405,
        'POST, PUT',
        { message: 'Method Not Allowed' },
      ])
    })

    it('lets the pages of EVENT_CORS_ORIGINS send, and no others', async () => {
      const body = { metricName: 'm', durationMs: 1 }
      const allowed = async (origin: string, path = '/shop/event/') =>
        (await door.ask('PUT', path, { body, headers: { Origin: origin } })).headers.get(
          'access-control-allow-origin',
        )
      expect(await allowed('https://shop.example')).toBe('https://shop.example')
      expect(await allowed('https://other.example')).toBeNull()
      expect(await allowed('https://shop.example', '/private/project/')).toBeNull()
    })

    it('wants a token of the project where it was made so', async () => {
      const { user } = await door.accounts.sessions.login({
        username: ADMIN.username,
        password: ADMIN.password,
        address: '192.0.2.1',
      })
      await door.accounts.projects.create({
        title: 'closed',
        ownerId: user.id,
        tokenRequired: true,
      })
      const ofProject = await door.accounts.tokens.create({ name: 'c', project: 'closed' })
      const ofOther = await door.accounts.tokens.create({ name: 's', project: 'shop' })
      const body = { metricName: 'm', durationMs: 1 }
      const statuses = []
      for (const headers of [{}, bearer(ofOther.token), bearer('x'), bearer(ofProject.token)])
        statuses.push((await send('closed', body, headers)).status)
      expect(statuses).toEqual([403, 403, 403, 200])
    })

    it('takes 500 names of a project, and the old ones ever after', async () => {
      await make('many')
      const names = Array.from({ length: 500 }, (_, one) => `m${one}`)
      await Promise.all(names.map((metricName) => send('many', { metricName, durationMs: 1 })))
      expect((await send('many', { metricName: 'one more', durationMs: 1 })).status).toBe(400)
      expect((await send('many', { metricName: 'm7', durationMs: 1 })).status).toBe(200)
    })
  })

  describe('GET /private/{project}/events/', () => {
    const durations = [
      [0.1, 0.2, 0.3, 0.5, 0.9],
      [0.5, 0.7, 1.1, 1.3, 1.7, 2],
    ]

    beforeAll(async () => {
      await make('timed')
      door.advance(MINUTE - (door.clock.now() % MINUTE))
      for (const minute of durations) {
        // the last of the second minute stands at its very start, beside the others
        for (const durationMs of minute) await send('timed', { metricName: 'page', durationMs })
        door.advance(MINUTE)
      }
    })

    const groupAt = (minute: string) => `2025-01-18T10:${minute}:00Z`

    it('groups exactly, a minute by its start', async () => {
      const { status, body } = await statistics('timed', whole('page'))
      const { id } = (await door.accounts.projects.find('timed')) ?? { id: 0 }
      expect(status).toBe(200)
      expect(body).toEqual([
        {
          MetricName: 'page',
          MetricTime: groupAt('01'),
          ProjectId: String(id),
          MaxDurationMs: 0.9,
          MinDurationMs: 0.1,
          MedianDurationMs: 0.3,
          MiddleDurationMs: 0.4,
          EventCount: 5,
          Percentile75DurationMs: 0.5,
          Percentile90DurationMs: expect.closeTo(0.74, 12) as number,
        },
        {
          MetricName: 'page',
          MetricTime: groupAt('02'),
          ProjectId: String(id),
          MaxDurationMs: 2,
          MinDurationMs: 0.5,
          MedianDurationMs: 1.2000000000000002,
          MiddleDurationMs: expect.closeTo(7.3 / 6, 12) as number,
          EventCount: 6,
          Percentile75DurationMs: expect.closeTo(1.6, 12) as number,
          Percentile90DurationMs: 1.85,
        },
      ])
    })

    it('is null where there is nothing', async () => {
      const answers = [
        await statistics('timed', whole('other')),
        await statistics('timed', { ...whole('page'), metric_time_to: '2025-01-18T00:00:00' }),
      ]
      expect(answers.map(({ status, body }) => [status, body])).toEqual([
        [200, null],
        [200, null],
      ])
    })

    it('takes the start in and leaves the end out, and counts two events of a millisecond twice', async () => {
      const between = async (from: string, to: string, group_by = 'hours') => {
        const { body } = await statistics('timed', {
          metric_name: 'page',
          metric_time_from: from,
          metric_time_to: to,
          group_by,
        })
        return (body as readonly { EventCount: number; MetricTime: string }[] | null)?.map(
          ({ EventCount, MetricTime }) => [MetricTime, EventCount],
        )
      }
      expect(await between('2025-01-18T10:01:00', '2025-01-18T10:02:00')).toEqual([
        ['2025-01-18T10:00:00Z', 5],
      ])
      expect(await between('2025-01-18T10:02:00Z', '2025-01-18T10:02:00.001Z', 'days')).toEqual([
        ['2025-01-18T00:00:00Z', 6],
      ])
    })

    it.each(['metric_name', 'metric_time_from', 'metric_time_to', 'group_by'] as const)(
      'is no route without %s',
      async (name) => {
        const query: Record<string, string> = whole('page')
        delete query[name]
        expect(await statistics('timed', query)).toMatchObject({
          status: 404,
          body: { message: expect.any(String) },
        })
      },
    )

    it.each([
      ['group_by', 'weeks'],
      ['metric_time_from', 'yesterday'],
      ['metric_time_from', '2025-02-30T00:00:00'],
      ['metric_time_to', '2025-01-18 10:00:00'],
    ])('refuses %s=%s with 400', async (name, value) => {
      expect(await statistics('timed', { ...whole('page'), [name]: value })).toMatchObject({
        status: 400,
        body: { message: expect.stringContaining(name) },
      })
    })

    it('is for the owner, viewers and admins; for another client there is no such project', async () => {
      const asked = async (login: string, password = PASSWORD) =>
        (await statistics('timed', whole('page'), await logIn(login, password))).status
      expect(await asked('ann')).toBe(200)
      expect(await asked('eve')).toBe(200)
      expect(await asked(ADMIN.username, ADMIN.password)).toBe(200)
      expect(await asked('bob')).toBe(404)
      expect((await statistics('nothing', whole('page'))).status).toBe(404)
      expect((await statistics('timed', whole('page'), 'eyJ.x.y')).status).toBe(403)
    })
  })

  it('keeps tokens and passwords out of the log', () => {
    expect(door.lines.join('')).not.toContain(token)
    expect(door.lines.join('')).not.toContain(PASSWORD)
  })

  it('slows down who guesses, and nobody else', async () => {
    for (let tries = 0; tries < 10; tries += 1) await logIn('bob', 'wrong')
    const { status, headers, body } = await door.ask('POST', '/login/', {
      body: { login: 'bob', password: PASSWORD },
    })
    expect([status, body]).toEqual([429, { message: expect.any(String) }])
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0)
    expect(await logIn('ann', PASSWORD)).toMatch(/^eyJ/)
    door.advance(5 * MINUTE + SECOND)
  })
})
