import { spawn } from 'node:child_process'
import { gzipSync } from 'node:zlib'
import { InfluxDB, Point as ClientPoint } from '@influxdata/influxdb-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openServer, type TestServer } from '../api/testing/open-server.ts'
import { announcing } from '../api/log-tail.ts'
import { DAY, instant, MINUTE } from '../points/instant.ts'
import { openPush, type Push } from './routes.ts'

describe('POST /api/v2/write', () => {
  let server: TestServer
  let push: Push
  let token: string
  let viewer: string
  let now: number

  beforeAll(async () => {
    let opened: Push | undefined
    server = await openServer({}, (parts) => {
      opened = openPush({ ...parts, records: announcing(parts.store.records, parts.logs) })
      return { surfaces: [opened.surface], push: opened.figures }
    })
    if (opened === undefined) throw new Error('not opened')
    push = opened
    token = (await server.accounts.tokens.create({ name: 'sensor' })).token
    viewer = await server.tokenOf('viewer', 'eve')
    now = server.clock.now()
  })
  afterAll(() => server.close())

  const write = async (
    body: string | Buffer,
    query: Record<string, string> = {},
    headers: Record<string, string> = {},
  ) => {
    const response = await fetch(
      `${server.url}/api/v2/write?${new URLSearchParams(query).toString()}`,
      { method: 'POST', body, headers: { Authorization: `Token ${token}`, ...headers } },
    )
    const text = await response.text()
    return [response.status, text === '' ? '' : (JSON.parse(text) as unknown)]
  }
  const ns = (ms: number) => `${ms}000000`
  const history = async (metric: string, host?: string) => {
    const query = new URLSearchParams({
      metric_type: metric,
      start_time: new Date(now - 10 * MINUTE).toISOString(),
      end_time: new Date(now + 10 * MINUTE).toISOString(),
      interval: '1m',
      ...(host !== undefined && { host }),
    })
    const { status, body } = await server.ask('GET', `/api/history/metrics?${query.toString()}`, {
      token: viewer,
    })
    expect([status, body]).toEqual([200, expect.anything()])
    return (body as { data_points: { timestamp: string; data: { series: unknown[] } }[] })
      .data_points
  }

  describe('what is pushed', () => {
    it('is shown by history, listed, and cleaned', async () => {
      const lines = [
        `weather,place=roof temp=20.5,rain=false,gusts=3i,note="dry" ${ns(now)}`,
        `weather,place=cellar temp=12u ${ns(now)}`,
      ]
      expect(await write(lines.join('\n'), { org: 'anything', bucket: 'pushed' })).toEqual([
        204,
        '',
      ])
      const [window] = await history('weather')
      expect(window?.data.series).toEqual([
        { tags: { host: 'sensor', place: 'cellar' }, fields: { temp: 12 } },
        { tags: { host: 'sensor', place: 'roof' }, fields: { temp: 20.5, rain: 0, gusts: 3 } },
      ])
      const { body } = await server.ask('GET', '/api/history/metrics/types?all=true', {
        token: viewer,
      })
      expect((body as { metric_types: string[] }).metric_types).toContain('weather')
    })

    it('may be gzip, of any precision, without a time, and doubles nothing when it is sent again', async () => {
      const body = gzipSync(`packed f=1 ${now / 1_000}\npacked f=3 ${now / 1_000 + 1}`)
      for (let times = 0; times < 2; times += 1)
        expect(await write(body, { precision: 's' }, { 'Content-Encoding': 'gzip' })).toEqual([
          204,
          '',
        ])
      expect(await write('arrived f=7')).toEqual([204, ''])
      expect((await history('packed'))[0]?.data.series).toEqual([
        { tags: { host: 'sensor' }, fields: { f: 2 } },
      ])
      expect((await history('arrived')).map(({ timestamp }) => timestamp)).toEqual([
        new Date(now).toISOString().replace('.000', ''),
      ])
    })

    it('is taken from the client of InfluxDB', async () => {
      const api = new InfluxDB({ url: server.url, token }).getWriteApi('org', 'pushed', 'ms', {
        gzipThreshold: 10,
        maxRetries: 0,
      })
      for (let i = 0; i < 50; i += 1)
        api.writePoint(
          new ClientPoint('client')
            .tag('room', `a ${i % 2}, "b"`)
            .floatField('value', i)
            .booleanField('on', true)
            .timestamp(now + i),
        )
      await api.close()
      expect((await history('client'))[0]?.data.series).toEqual([
        { tags: { host: 'sensor', room: 'a 0, "b"' }, fields: { value: 24, on: 1 } },
        { tags: { host: 'sensor', room: 'a 1, "b"' }, fields: { value: 25, on: 1 } },
      ])
    })

    it('is taken from curl', async () => {
      const status = await new Promise<string>((resolve, reject) => {
        const child = spawn('curl', [
          '-sS',
          '-o',
          '/dev/null',
          '-w',
          '%{http_code}',
          '-H',
          `Authorization: Bearer ${token}`,
          '--data-binary',
          `curled f=1 ${ns(now)}`,
          `${server.url}/api/v2/write`,
        ])
        let out = ''
        child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString('utf8')))
        child.once('error', reject)
        child.once('close', () => resolve(out))
      })
      expect(status).toBe('204')
      expect(await history('curled')).toHaveLength(1)
    })

    it('may be what Telegraf sends of a host, and disturbs no host metrics', async () => {
      const at = ns(now)
      const lines = [
        `cpu,cpu=cpu-total,host=tele usage_user=12.5,usage_system=3.1,usage_idle=84.2,usage_iowait=0.2 ${at}`,
        `cpu,cpu=cpu0,host=tele usage_user=13,usage_system=3,usage_idle=84,usage_iowait=0 ${at}`,
        `mem,host=tele active=1234567890i,available=8000000000i,available_percent=50.1,used_percent=49.9 ${at}`,
        `disk,device=vda1,fstype=ext4,host=tele,mode=rw,path=/ free=100i,total=200i,used=100i,used_percent=50 ${at}`,
        `diskio,host=tele,name=vda io_time=12i,iops_in_progress=0i,read_bytes=1i,reads=2i,writes=3i ${at}`,
        `net,host=tele,interface=eth0 bytes_recv=10i,bytes_sent=20i,drop_in=0i,err_in=0i ${at}`,
        `system,host=tele load1=0.5,load15=0.3,load5=0.4,n_cpus=2i,n_users=1i ${at}`,
        `system,host=tele uptime=86400i ${at}`,
        `system,host=tele uptime_format=" 1 day,  0:00" ${at}`,
        `swap,host=tele free=0i,total=0i,used=0i,used_percent=0 ${at}`,
        `swap,host=tele in=0i,out=0i ${at}`,
        `processes,host=tele blocked=0i,idle=40i,running=1i,sleeping=90i,total=131i,total_threads=300i,zombies=0i ${at}`,
      ]
      const before = await server.store.hosts()
      expect(await write(lines.join('\n'))).toEqual([204, ''])
      for (const measurement of [
        'cpu',
        'mem',
        'disk',
        'diskio',
        'net',
        'system',
        'swap',
        'processes',
      ])
        expect([measurement, (await history(measurement, 'tele'))[0]?.data.series[0]]).toEqual([
          measurement,
          { tags: expect.objectContaining({ host: 'tele' }), fields: expect.any(Object) },
        ])
      expect((await history('pushed.cpu'))[0]?.data.series).toHaveLength(2)
      expect((await history('system', 'tele'))[0]?.data.series).toEqual([
        {
          tags: { host: 'tele' },
          fields: { load1: 0.5, load5: 0.4, load15: 0.3, n_cpus: 2, n_users: 1, uptime: 86_400 },
        },
      ])
      expect(await server.store.hosts()).toEqual(before)
      expect(await history('cpu')).toEqual([])
      expect(push.figures().stringsDropped).toBeGreaterThan(0)
    })

    it('from too far ahead is stamped on arrival; from before the retention it is dropped', async () => {
      const { linesRestamped } = push.figures()
      expect(await write(`ahead f=1 ${ns(now + DAY)}`)).toEqual([204, ''])
      expect(await history('ahead')).toHaveLength(1)
      expect(push.figures().linesRestamped).toBe(linesRestamped + 1)
      expect(await write(`old f=1 ${ns(now - 31 * DAY)}`)).toEqual([
        400,
        { code: 'invalid', message: 'point of old is older than the retention of pushed' },
      ])
    })

    it.each([
      ['a backslash at the end', 'odd,t=C:\\ f=1'],
      ['control characters', 'odd,t=a\u0001b f=1'],
      ['a tag called time', 'odd,time=x f=1'],
      ['a field called time', 'odd time=1'],
      ['__proto__', 'odd,__proto__=x __proto__=1'],
      ['NUL', 'odd,t=a\0b f=1'],
      ['half a character', 'odd,t=\ud800 f=1'],
      ['long names', `odd,${'k'.repeat(5_000)}=${'v'.repeat(70_000)} ${'f'.repeat(5_000)}=1`],
      ['a formula', 'odd,t==1+1 f=1'],
    ])('with %s costs its neighbour nothing', async (name, line) => {
      const neighbour = `neighbour_${name.replaceAll(' ', '_')}`
      const [status] = await write(`${line} ${ns(now)}\n${neighbour} f=1 ${ns(now)}`)
      expect([204, 422]).toContain(status)
      expect(await history(neighbour)).toHaveLength(1)
    })
  })

  describe('answers as InfluxDB does', () => {
    it.each([
      [
        'some lines are bad',
        'a f=1\na f=x\na\nb f=2',
        {},
        422,
        'unprocessable entity',
        /^partial write: unable to parse 'a f=x'.* dropped=2$/,
      ],
      ['no line is good', 'a\nb', {}, 400, 'invalid', /^unable to parse 'a'/],
      [
        'an unknown bucket',
        'a f=1',
        { bucket: 'other' },
        404,
        'not found',
        /bucket "other" not found/,
      ],
      [
        'the journal',
        'a f=1',
        { bucket: 'journal' },
        404,
        'not found',
        /bucket "journal" not found/,
      ],
      ['an unknown precision', 'a f=1', { precision: 'm' }, 400, 'invalid', /invalid precision/],
      [
        'host metrics without --agent',
        'cpu,host=sensor user=1',
        { bucket: 'metrics' },
        403,
        'forbidden',
        /may not write cpu into metrics/,
      ],
    ] as const)('%s', async (_name, body, query, status, code, message) => {
      expect(await write(body, query)).toEqual([
        status,
        { code, message: expect.stringMatching(message) },
      ])
    })

    it('nothing, comments and lines of strings alone are well', async () => {
      for (const body of ['', '\n\n', '# a comment', 'a s="text"'])
        expect(await write(body)).toEqual([204, ''])
    })

    it('401 without a token that is known', async () => {
      for (const authorization of ['', 'Token nothing', 'Basic YTpi', `Bearer ${viewer}`])
        expect(await write('a f=1', {}, { Authorization: authorization })).toEqual([
          401,
          { code: 'unauthorized', message: 'unauthorized access' },
        ])
    })

    it('413 over 10 MB, packed or unpacked, and 400 for what is no gzip', async () => {
      const large = 'a'.repeat(11 * 1024 * 1024)
      const gzip = { 'Content-Encoding': 'gzip' }
      expect((await write(large))[0]).toBe(413)
      expect((await write(gzipSync(large), {}, gzip))[0]).toBe(413)
      expect((await write('no gzip', {}, gzip))[0]).toBe(400)
      expect((await write('a f=1', {}, { 'Content-Encoding': 'br' }))[0]).toBe(400)
    })

    it('405 and 404 in the same words', async () => {
      const { status, body, headers } = await server.ask('GET', '/api/v2/write')
      expect([status, headers.get('allow'), body]).toEqual([
        405,
        'POST',
        { code: 'method not allowed', message: 'Method Not Allowed' },
      ])
    })
  })

  describe('a token', () => {
    const tokenWith = async (scope: Parameters<SeriesStoreTokens['create']>[0]) => ({
      Authorization: `Token ${(await server.accounts.tokens.create(scope)).token}`,
    })

    it('of a host, a dataset or a prefix writes nothing else', async () => {
      const host = await tokenWith({ name: 'of a host', host: 'web-1' })
      const prefix = await tokenWith({ name: 'of a prefix', prefix: 'app_' })
      const logs = await tokenWith({ name: 'of logs', dataset: 'logs' })
      const statuses = []
      for (const [body, headers] of [
        ['a,host=web-1 f=1', host],
        ['a,host=web-2 f=1', host],
        ['a,host=web-1 f=1\na,host=web-2 f=1', host],
        ['app_x f=1', prefix],
        ['other f=1', prefix],
        ['a f=1', logs],
        ['a f=1', await tokenWith({ name: 'of metrics', metrics: true })],
      ] as const)
        statuses.push((await write(body, {}, headers))[0])
      expect(statuses).toEqual([204, 403, 403, 204, 403, 403, 403])
    })

    it('has a quota of points and of series', async () => {
      const slow = await tokenWith({ name: 'slow', pointsPerSecond: 10 })
      const lines = (count: number) =>
        Array.from({ length: count }, (_, i) => `q f=1 ${i}`).join('\n')
      expect((await write(lines(100), { precision: 'ms' }, slow))[0]).toBe(400)
      const many = Array.from({ length: 100 }, (_, i) => `q f=${i} ${ns(now + i)}`).join('\n')
      expect((await write(many, {}, slow))[0]).toBe(204)
      const [status, body] = await write(many, {}, slow)
      expect([status, body]).toEqual([
        429,
        { code: 'too many requests', message: 'the token slow may send 10 points a second' },
      ])
      const few = await tokenWith({ name: 'few', maxSeries: 2 })
      const series = ['a', 'b', 'c', 'a'].map((tag) => `s,t=${tag} f=1`).join('\n')
      expect(await write(series, {}, few)).toEqual([
        422,
        {
          code: 'unprocessable entity',
          message: 'partial write: the token few may write 2 series, and has dropped=1',
        },
      ])
    })
  })

  describe('host metrics of an agent', () => {
    it('are the catalogue’s series, tags and fields, and no others', async () => {
      const created = await server.accounts.tokens.create({
        name: 'agent',
        host: 'web-9',
        agent: true,
      })
      const headers = { Authorization: `Token ${created.token}` }
      const send = (body: string) => write(body, { bucket: 'metrics', precision: 'ms' }, headers)
      expect(
        await send(
          `cpu,host=web-9 usage_percent=12.5 ${now}\ncpu_core,host=web-9,core=0 usage_percent=3 ${now}`,
        ),
      ).toEqual([204, ''])
      const [window] = await history('cpu', 'web-9')
      expect(window?.data).toMatchObject({ usage_percent: 12.5, per_core: [3] })
      for (const [line, why] of [
        ['weather,host=web-9 f=1', 'weather is no measurement of host metrics'],
        ['cpu,host=web-9 nothing=1', 'cpu has no field nothing'],
        ['cpu,host=web-9,extra=1 usage_percent=1', 'cpu must have the tags host, and no others'],
        [
          'cpu_core,host=web-9 usage_percent=1',
          'cpu_core must have the tags host and core, and no others',
        ],
        ['cpu,host=web-9 usage_percent="high"', 'cpu: usage_percent must be a number'],
      ] as const)
        expect(await send(`${line} ${now}`)).toEqual([400, { code: 'invalid', message: why }])
      expect((await send(`cpu,host=other usage_percent=1 ${now}`))[0]).toBe(403)
    })
  })

  describe('events and logs', () => {
    it('are records: of a project that is there, and a batch that is sent again is one', async () => {
      await server.accounts.projects.create({ title: 'shop', ownerId: 1 })
      const lines = [
        `event_duration,project=SHOP,metric=page duration_ms=12 ${ns(now)}`,
        `event_duration,project=shop,metric=page duration_ms=13 ${ns(now)}`,
        `event_duration,project=nothing,metric=page duration_ms=1 ${ns(now)}`,
        `event_duration,project=shop,metric=page duration_ms=-1 ${ns(now)}`,
        `other,project=shop,metric=page duration_ms=1 ${ns(now)}`,
        `event_duration,project=shop duration_ms=1 ${ns(now)}`,
      ]
      for (let times = 0; times < 2; times += 1)
        expect(await write(lines.join('\n'), { bucket: 'events' })).toEqual([
          422,
          {
            code: 'unprocessable entity',
            message: 'partial write: there is no project nothing dropped=4',
          },
        ])
      expect(await server.store.records.series('events', 'event_duration', {})).toMatchObject([
        { tags: { project: 'shop', metric: 'page' }, count: 2 },
      ])
    })

    it('keep texts, levels and who sent them', async () => {
      const lines = [
        `log,level=ERROR,user=app msg="it \\"broke\\"\nbadly",pid=7i,p_name="app" ${ns(now)}`,
        `log,level=loud msg="odd" ${ns(now + 1)}`,
        `log msg="${'x'.repeat(70_000)}" ${ns(now + 2)}`,
        `log,level=info pid=1 ${ns(now + 3)}`,
      ]
      expect(await write(lines.join('\n'), { bucket: 'logs' })).toEqual([
        422,
        {
          code: 'unprocessable entity',
          message: expect.stringMatching(/msg is longer.* dropped=2$/),
        },
      ])
      const { body } = await server.ask('GET', '/api/logs', { token: viewer })
      expect((body as { logs: unknown[] }).logs).toEqual([
        expect.objectContaining({
          user: 'sensor',
          level: 'info',
          level_original: 'loud',
          msg: 'odd',
        }),
        expect.objectContaining({
          user: 'app',
          level: 'error',
          msg: 'it "broke"\nbadly',
          pid: 7,
          p_name: 'app',
          event_at: new Date(now).toISOString().replace('.000', ''),
        }),
      ])
    })
  })

  it('keeps tokens out of the log, and counts in /metrics', async () => {
    expect(server.lines.join('')).not.toContain(token)
    const { body } = await server.ask('GET', '/metrics', { token: viewer })
    expect(body).toMatch(/^perfwatch_push_lines_total [1-9]/m)
    expect(body).toMatch(/^perfwatch_push_lines_dropped_total [1-9]/m)
    expect(instant(now)).toBe(server.clock.now())
  })
})

type SeriesStoreTokens = TestServer['accounts']['tokens']
