import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { doors } from './doors/index.ts'
import { influxForTests, startInfluxd, type InfluxServer } from './testing/influxd.ts'
import {
  ADMIN,
  startServerProcess,
  temporaryFolder,
  type ServerProcess,
} from './testing/server-process.ts'

// The examples of the four older systems' own documents, run by curl against the started product: at the main port and
// at each system's own, on both stores.

type Reply = { readonly status: number; readonly body: unknown }

const curl = (args: readonly string[]): Promise<Reply> =>
  new Promise((resolve, reject) => {
    const child = spawn('curl', ['-sS', '-w', '\n%{http_code}', ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let out = ''
    let err = ''
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString('utf8')))
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString('utf8')))
    child.once('error', reject)
    child.once('close', (code) => {
      if (code !== 0) return reject(new Error(`curl ended with ${code}: ${err}`))
      const end = out.lastIndexOf('\n')
      const text = out.slice(0, end)
      resolve({ status: Number(out.slice(end + 1)), body: isJson(text) ? JSON.parse(text) : text })
    })
  })

const isJson = (text: string): boolean => /^[[{]|^null$/.test(text)

const json = (body: unknown): readonly string[] => [
  '-H',
  'Content-Type: application/json',
  '-d',
  JSON.stringify(body),
]

const API_KEY = 'Some-Api-Key'
const md5 = (text: string) => createHash('md5').update(text).digest('hex')
type PortSetting = (typeof doors)[number]['portSetting']

const stores = [
  ['embedded', false],
  ['InfluxDB', true],
] as const

describe.each(stores)('on %s', (_store, onInflux) => {
  const binaries = onInflux ? influxForTests() : null
  const missing = onInflux && binaries === null
  let influxd: InfluxServer | undefined
  let server: ServerProcess

  beforeAll(async () => {
    if (missing) return
    influxd = binaries === null ? undefined : await startInfluxd(binaries)
    server = await startServerProcess(temporaryFolder(), {
      // any that is free; the banner says which
      ...Object.fromEntries(doors.map(({ portSetting }) => [portSetting, '0'])),
      ...(influxd === undefined ? {} : { INFLUX_URL: influxd.url }),
      LOGGER_API_KEY: API_KEY,
      SAMPLING_INTERVAL_SECONDS: '60',
    })
  }, 60_000)
  afterAll(async () => {
    await server?.end('SIGTERM')
    await influxd?.end()
  })

  const ownPort = (setting: PortSetting): string => {
    const door = doors.find(({ portSetting }) => portSetting === setting)
    const url = new RegExp(`^  ${door?.name} also at (http:\\S+)$`, 'm').exec(server.output())?.[1]
    if (url === undefined) throw new Error(`The banner says no address of ${door?.name}.`)
    return url
  }

  describe.each(['the main port', 'its own port'] as const)('at %s', (place) => {
    const at = (setting: PortSetting): string =>
      place === 'the main port' ? server.url : ownPort(setting)
    /** Names are given once, so each place has its own. */
    const named = (name: string) => `${name}-${place === 'the main port' ? 'main' : 'own'}`

    describe.skipIf(missing)('PerformanceMonitor', () => {
      const url = () => at('PERFORMANCE_MONITOR_PORT')
      const user = { user: named('user_name'), passwd: 'user_passwd' }
      let hash = ''

      it('registers, once', async () => {
        const registered = await curl([...json(user), `${url()}/register`])
        expect(registered).toEqual({
          status: 200,
          body: { hash: expect.stringMatching(/^[0-9a-f-]{36}$/) },
        })
        hash = (registered.body as { hash: string }).hash
        expect(await curl([...json(user), `${url()}/register`])).toEqual({
          status: 400,
          body: { reason: 'User is already registered' },
        })
      })

      it('logs in', async () => {
        expect(await curl([...json(user), `${url()}/login`])).toEqual({
          status: 200,
          body: { hash: expect.stringMatching(/^[0-9a-f-]{36}$/) },
        })
        expect(await curl([...json({ ...user, passwd: 'wrong' }), `${url()}/login`])).toEqual({
          status: 401,
          body: { reason: 'Wrong credentials or user is not registered' },
        })
      })

      it('stores cpu data and gives that of the session', async () => {
        const sample = { hash, cpu: 15.3, time: 1649596019.895 }
        expect(await curl([...json(sample), `${url()}/cpu`])).toEqual({
          status: 200,
          body: { payload: { cpu: 15.3, hash, time: 1649596019.895 } },
        })
        expect(await curl([...json({ cpu: 1, time: 2 }), `${url()}/cpu`])).toEqual({
          status: 400,
          body: { reason: 'Bad arguments' },
        })
        const unknown = '00000000-0000-4000-8000-000000000000'
        expect(await curl([...json({ ...sample, hash: unknown }), `${url()}/cpu`])).toEqual({
          status: 401,
          body: { reason: 'Not authorized user try to post data, please login' },
        })
        const query = `user_hash=${hash}&start_time=1649596000&cur_time=1649596100`
        expect(await curl([`${url()}/cpu?${query}`])).toEqual({
          status: 200,
          body: { payload: [{ cpu: 15.3, timestamp: 1649596019.895 }] },
        })
      })

      it('keeps two users apart', async () => {
        const other = await curl([
          ...json({ user: named('other'), passwd: 'x' }),
          `${url()}/register`,
        ])
        const { hash: others } = other.body as { hash: string }
        expect(await curl([`${url()}/cpu?hash=${others}`])).toEqual({
          status: 200,
          body: { payload: [] },
        })
      })
    })

    describe.skipIf(missing)('Speedlog', () => {
      const url = () => at('SPEEDLOG_PORT')
      const title = named('shop')
      let bearer: readonly string[]

      it('gives a token', async () => {
        const login = { login: ADMIN.username, password: ADMIN.password }
        const answer = await curl(['-X', 'POST', ...json(login), `${url()}/login/`])
        expect(answer).toEqual({ status: 200, body: { token: expect.stringMatching(/^eyJhbGci/) } })
        bearer = ['-H', `Authorization: Bearer ${(answer.body as { token: string }).token}`]
        expect(
          await curl(['-X', 'POST', ...json({ ...login, password: '***' }), `${url()}/login/`]),
        ).toEqual({ status: 400, body: { message: 'invalid login or password' } })
      })

      it('makes a project, takes events and groups them', async () => {
        expect(
          await curl(['-X', 'PUT', ...bearer, ...json({ title }), `${url()}/private/project/`]),
        ).toEqual({ status: 200, body: '' })
        const event = { title, metricName: 'backend_response', durationMs: 12 }
        for (let times = 0; times < 2; times += 1)
          expect(await curl(['-X', 'PUT', ...json(event), `${url()}/${title}/event/`])).toEqual({
            status: 200,
            body: { saved: true },
          })
        const day = new Date().toISOString().slice(0, 10)
        const query = `metric_time_from=${day}T00:00:00&metric_time_to=2100-01-01T00:00:00&group_by=days&metric_name=backend_response`
        expect(await curl([...bearer, `${url()}/private/${title}/events/?${query}`])).toMatchObject(
          {
            status: 200,
            body: [{ MetricName: 'backend_response', EventCount: 2, MedianDurationMs: 12 }],
          },
        )
      })
    })

    describe.skipIf(missing)('Mood', () => {
      const url = () => at('MOOD_PORT')
      const name = named('mood')
      const login = ['-u', `${name}:a long password`]

      beforeAll(async () => {
        const { status } = await curl([
          '-H',
          `Authorization: Bearer ${await server.token()}`,
          ...json({ username: name, password: 'a long password', role: 'client' }),
          `${server.url}/api/users`,
        ])
        expect(status).toBe(201)
      })

      it('takes a mood and gives all of them with the streak', async () => {
        expect(
          await curl([...login, ...json({ user: name, mood: 'Current Mood' }), `${url()}/mood`]),
        ).toEqual({
          status: 200,
          body: { Date: expect.stringMatching(/ GMT$/), Mood: 'Current Mood' },
        })
        expect(await curl([...login, `${url()}/mood?user=${name}`])).toEqual({
          status: 200,
          body: {
            [name]: {
              mood_data: [
                expect.objectContaining({
                  Date: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/),
                  Mood: 'Current Mood',
                }),
              ],
              streak: 1,
            },
          },
        })
      })

      it('is for those who are logged in, each their own', async () => {
        expect(await curl([`${url()}/mood?user=${name}`])).toEqual({
          status: 401,
          body: { message: 'Login required' },
        })
        expect((await curl([...login, `${url()}/mood?user=admin`])).status).toBe(403)
      })
    })

    describe.skipIf(missing)('LoggerBot', () => {
      const url = () => at('LOGGER_BOT_PORT')
      const user = named('username')
      const DONE = { code: 200, message: 'Logs added successfully' }
      const batch = {
        data: {
          user,
          pid: 1,
          p_name: 'process name',
          post_time: '2020-05-05T12:22:22+00:00',
          logs: [
            {
              level: 'error',
              msg: 'log message',
              event_at: '2020-05-05T12:22:22+00:00',
              p_description: 'process_user_description',
            },
            {
              level: 'warning',
              msg: 'other log message',
              event_at: '2020-05-06T12:22:22+00:00',
              p_description: 'process_user_description',
            },
          ],
        },
      }
      const send = (token: string, path = '/send_logs') =>
        curl([...json(batch), '-H', `X-User-Token: ${token}`, `${url()}${path}`])

      it('makes a user and takes logs, also at the path of the real client', async () => {
        const body = { user, password: 'password', tel_id: 'tel_id' }
        expect(
          await curl([...json(body), '-H', `X-Api-Key: ${API_KEY}`, `${url()}/create_user`]),
        ).toEqual({ status: 200, body: DONE })
        expect(await send(md5(`${user}password`))).toEqual({ status: 200, body: DONE })
        expect(await send(md5(`${user}password`), '//send_logs')).toEqual({
          status: 200,
          body: DONE,
        })
      })

      it('refuses as the document says', async () => {
        expect(await send('a5amka921jkmakguasl1kna9u6sl1241')).toEqual({
          status: 403,
          body: { code: 403, message: 'Forbidden' },
        })
        expect(await curl([...json(batch), `${url()}/send_logs`])).toEqual({
          status: 400,
          body: { code: 400, message: 'BadRequest' },
        })
        expect(await curl([...json({}), '-H', 'X-Api-Key: other', `${url()}/create_user`])).toEqual(
          { status: 403, body: { code: 403, message: 'Forbidden' } },
        )
      })

      it('shows them in the API, once', async () => {
        const { body } = await curl([
          '-H',
          `Authorization: Bearer ${await server.token()}`,
          `${server.url}/api/logs?user=${user}`,
        ])
        const { logs } = body as { logs: readonly { msg: string; level: string }[] }
        expect(new Set(logs.map(({ level, msg }) => `${level} ${msg}`))).toEqual(
          new Set(['error log message', 'warning other log message']),
        )
        expect(logs).toHaveLength(2)
      })
    })
  })

  describe.skipIf(missing)('PerfWatch', () => {
    const url = () => `${server.url}/api`
    const asked = async (path: string, more: readonly string[] = []) =>
      curl(['-H', `Authorization: Bearer ${await server.token()}`, ...more, `${url()}${path}`])
    const range = 'start_time=2025-01-18T10:00:00Z&end_time=2025-01-18T14:00:00Z'

    it('logs in and says who one is', async () => {
      expect(await curl([...json(ADMIN), `${url()}/auth/login`])).toEqual({
        status: 200,
        body: {
          access_token: expect.stringMatching(/^eyJhbGciOiJIUzI1NiI/),
          token_type: 'bearer',
          expires_in: 86_400,
        },
      })
      expect(await curl([...json({ ...ADMIN, password: 'wrong' }), `${url()}/auth/login`])).toEqual(
        { status: 401, body: { detail: 'Invalid username or password' } },
      )
      expect(await asked('/auth/me')).toEqual({
        status: 200,
        body: {
          id: 1,
          username: ADMIN.username,
          role: 'admin',
          created_at: expect.stringMatching(/Z$/),
          last_login: expect.stringMatching(/Z$/),
        },
      })
      expect(await curl([`${url()}/auth/me`])).toEqual({
        status: 401,
        body: { detail: 'Not authenticated' },
      })
    })

    it('answers history and comparison', async () => {
      expect(await asked(`/history/metrics?metric_type=cpu&${range}&interval=1m`)).toMatchObject({
        status: 200,
        body: {
          metric_type: 'cpu',
          start_time: '2025-01-18T10:00:00Z',
          end_time: '2025-01-18T14:00:00Z',
          interval: '1m',
          data_points: [],
        },
      })
      expect(await asked('/history/metrics/types')).toEqual({
        status: 200,
        body: {
          metric_types: ['cpu', 'disk', 'memory', 'memory_bandwidth', 'network', 'perf_events'],
        },
      })
      expect(
        await asked('/history/compare?metric_type=cpu&period=hour&compare_to=yesterday'),
      ).toMatchObject({
        status: 200,
        body: { period: 'hour', compare_to: 'yesterday', interval: '1m', summary: {} },
      })
      const custom =
        'start_time_1=2026-01-20T10:00:00Z&end_time_1=2026-01-20T12:00:00Z&start_time_2=2026-01-21T10:00:00Z&end_time_2=2026-01-21T12:00:00Z'
      expect(await asked(`/history/compare?metric_type=cpu&${custom}`)).toMatchObject({
        status: 200,
        body: { period: 'custom', compare_to: 'custom' },
      })
    })

    it('shows and changes the configuration', async () => {
      expect(await asked('/config')).toMatchObject({
        status: 200,
        body: {
          retention_days: 30,
          archive_enabled: true,
          downsample_after_days: 7,
          downsample_interval: '1h',
        },
      })
      expect(
        await asked('/config', [
          '-X',
          'PUT',
          ...json({ retention_days: 60, archive_enabled: true }),
        ]),
      ).toMatchObject({
        status: 200,
        body: { message: 'Configuration updated', config: { retention_days: 60 } },
      })
      expect(await asked('/config/retention')).toMatchObject({
        status: 200,
        body: { retention_days: 60, current_data_size_mb: expect.any(Number) },
      })
    })
  })

  it.skipIf(missing)('its own port serves that system alone, in its own words', async () => {
    expect(await curl([`${ownPort('PERFORMANCE_MONITOR_PORT')}/mood`])).toMatchObject({
      status: 404,
    })
    expect(await curl([`${ownPort('SPEEDLOG_PORT')}/api/config`])).toMatchObject({ status: 404 })
    expect(await curl([`${ownPort('MOOD_PORT')}/cpu`])).toMatchObject({ status: 404 })
    expect(await curl([`${ownPort('LOGGER_BOT_PORT')}/health`])).toEqual({
      status: 404,
      body: { code: 404, message: 'NotFound' },
    })
  })
})
