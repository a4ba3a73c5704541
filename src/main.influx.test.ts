import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { influxAdmin, type InfluxAdmin } from './testing/influx-admin.ts'
import { startFakeHttp } from './testing/fake-http.ts'
import { influxForTests, startInfluxd, type InfluxServer } from './testing/influxd.ts'
import {
  refusedStart,
  startServerProcess,
  temporaryFolder,
  type ServerProcess,
} from './testing/server-process.ts'

const TOKEN = 'the-operator-token-of-the-process-0123456789'
const ORG = 'perfwatch'
const EVERY_MS = 1_000

type Frame = { readonly timestamp: string; readonly data: { memory: Record<string, number> } }
type Heard = { readonly frame: Frame; readonly heardAt: number }
type Window = {
  readonly timestamp: string
  readonly min: Record<string, number>
  readonly max: Record<string, number>
}
type Tier = {
  readonly interval: string
  readonly size_mb: number
  readonly oldest_record: string | null
  readonly newest_record: string | null
}

/** Keeps what a server sends live, from now until it ends. */
const listen = async (server: ServerProcess, heard: Heard[]): Promise<void> => {
  const url = `${server.url.replace('http', 'ws')}/api/ws/metrics?token=${await server.token()}`
  const socket = new WebSocket(url)
  socket.on('message', (text: Buffer) => {
    heard.push({ frame: JSON.parse(text.toString('utf8')) as Frame, heardAt: performance.now() })
  })
  // the server is killed under it
  socket.on('error', () => undefined)
  await new Promise((resolve) => socket.once('open', resolve))
}

/** The bytes of all files under a folder. */
const bytesUnder = (folder: string): number =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(tsm|wal)$/.test(entry.name))
    .reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0)

const binaries = influxForTests()

describe.skipIf(binaries === null)('the server on a real InfluxDB', { timeout: 150_000 }, () => {
  let influxd: InfluxServer
  let admin: InfluxAdmin
  let server: ServerProcess
  const folder = temporaryFolder()
  const heard: Heard[] = []

  const start = async () => {
    server = await startServerProcess(folder, {
      INFLUX_URL: influxd.url,
      INFLUX_TOKEN: TOKEN,
      SAMPLING_INTERVAL_SECONDS: String(EVERY_MS / 1_000),
    })
    await listen(server, heard)
  }
  beforeAll(async () => {
    if (binaries === null) return
    influxd = await startInfluxd(binaries)
    admin = influxAdmin(influxd.url, TOKEN)
    await start()
  }, 60_000)
  afterAll(async () => {
    await server.end('SIGKILL')
    await influxd.end()
  })

  const patience = { timeout: 90_000, interval: 250 }
  const frames = (count: number) => expect.poll(() => heard.length, patience).toBeGreaterThan(count)
  const ask = async (path: string, init: RequestInit = {}) => {
    const headers = { authorization: `Bearer ${await server.token()}` }
    const answer = await fetch(server.url + path, { ...init, headers })
    return { status: answer.status, text: await answer.text() }
  }
  const healthOf = async () => {
    const { status, text } = await ask('/health')
    return { status, reasons: (JSON.parse(text) as { reasons: string[] }).reasons }
  }
  const gauge = async (name: string) => {
    const { text } = await ask('/metrics')
    return Number(new RegExp(`^perfwatch_${name} (.+)$`, 'm').exec(text)?.[1])
  }
  /** Rows of a field as they are in InfluxDB, by time. */
  const stored = async (field: string) => {
    const rows = await admin.query(
      ORG,
      `from(bucket: "perfwatch") |> range(start: -1h) |> filter(fn: (r) => r._measurement == "memory" and r._field == "${field}") |> keep(columns: ["_time", "_value"])`,
    )
    return new Map(
      rows.map(({ _time = '', _value }) => [new Date(_time).toISOString(), Number(_value)]),
    )
  }
  const expectStored = async (owed: readonly Heard[]) => {
    const used = await stored('used_bytes')
    for (const { frame } of owed)
      expect([frame.timestamp, used.get(new Date(frame.timestamp).toISOString())]).toEqual([
        frame.timestamp,
        frame.data.memory['used_bytes'],
      ])
  }
  const bucketDays = async () => {
    const { buckets } = await admin.call<{
      buckets: { id: string; name: string; retentionRules: { everySeconds: number }[] }[]
    }>('GET', `/api/v2/buckets?org=${ORG}&limit=100`)
    return Object.fromEntries(
      buckets
        .filter(({ name }) => name.startsWith('perfwatch'))
        .map(({ name, retentionRules }) => [name, (retentionRules[0]?.everySeconds ?? 0) / 86_400]),
    )
  }
  const tasks = async () =>
    (
      await admin.call<{ tasks: { id: string; name: string; status: string }[] }>(
        'GET',
        `/api/v2/tasks?org=${ORG}`,
      )
    ).tasks

  it('says where points go, and answers history, types and comparisons from there', async () => {
    expect(server.output()).toContain(`InfluxDB at ${influxd.url}; its spool is in ${folder}`)
    expect(server.output()).not.toContain(TOKEN)
    await frames(6)
    const seen = heard.slice(0, 6).map(({ frame }) => frame)
    const query = new URLSearchParams({
      metric_type: 'memory',
      start_time: seen[0]?.timestamp ?? '',
      end_time: seen.at(-1)?.timestamp ?? '',
      interval: '5s',
      stats: 'true',
    })
    const history = (await server.get(`/api/history/metrics?${query.toString()}`)) as {
      data_points: readonly Window[]
    }
    for (const { timestamp, data } of seen) {
      const window = history.data_points.find(
        (one) => Math.floor(Date.parse(timestamp) / 5_000) * 5_000 === Date.parse(one.timestamp),
      )
      const used = data.memory['used_bytes']
      expect(window?.min['used_bytes']).toBeLessThanOrEqual(used ?? NaN)
      expect(window?.max['used_bytes']).toBeGreaterThanOrEqual(used ?? NaN)
    }
    expect(await server.get('/api/history/metrics/types')).toMatchObject({
      metric_types: expect.arrayContaining(['cpu', 'memory']) as unknown,
    })
    expect(
      await server.get(
        '/api/history/compare?metric_type=memory&period=hour&compare_to=yesterday&interval=5s',
      ),
    ).toMatchObject({
      current: { count: expect.toSatisfy((count) => count > 0) as unknown },
      comparison: { count: 0 },
    })
  })

  it('shows the true size of each tier once InfluxDB has looked', async () => {
    const raw = async () => {
      const { tiers } = (await server.get('/api/config/retention')) as { tiers: readonly Tier[] }
      return tiers.find(({ interval }) => interval === 'raw')
    }
    const { buckets } = await admin.call<{ buckets: { id: string; name: string }[] }>(
      'GET',
      `/api/v2/buckets?org=${ORG}&name=perfwatch`,
    )
    const files = () => {
      const id = buckets[0]?.id ?? ''
      return ['data', 'wal'].reduce(
        (sum, part) => sum + bytesUnder(join(influxd.folder, 'engine', part, id)),
        0,
      )
    }
    const before = files() / 1e6
    // there is more with every sample: what is told was true at some time in between
    const isTrue = (size: number) => size >= before - 0.001 && size <= files() / 1e6 + 0.001
    await expect.poll(async () => isTrue((await raw())?.size_mb ?? NaN), patience).toBe(true)
    const told = await raw()
    expect(told?.oldest_record).toBe(
      [...(await stored('used_bytes')).keys()][0]?.replace('.000', ''),
    )
    expect(await gauge('tier_bytes\\{dataset="metrics",tier="raw"\\}')).toBeGreaterThan(0)
  })

  it('gives buckets their retention, and puts tasks right, as soon as the settings change', async () => {
    await expect.poll(bucketDays, patience).toMatchObject({
      perfwatch: 8,
      perfwatch_1m: 15,
      perfwatch_5m: 15,
      perfwatch_1h: 0,
      perfwatch_pushed: 30,
    })
    const [gone, off] = await tasks()
    await admin.call('DELETE', `/api/v2/tasks/${gone?.id}`)
    await admin.call('PATCH', `/api/v2/tasks/${off?.id}`, { status: 'inactive' })
    const { status } = await ask('/api/config', {
      method: 'PUT',
      body: JSON.stringify({
        retention_days: 60,
        archive_enabled: false,
        downsample_after_days: 20,
        pushed_retention_days: 5,
      }),
    })
    expect(status).toBe(200)
    await expect.poll(bucketDays, patience).toMatchObject({
      perfwatch: 21,
      perfwatch_1m: 20,
      perfwatch_5m: 20,
      perfwatch_1h: 60,
      perfwatch_pushed: 5,
    })
    await expect
      .poll(
        async () => (await tasks()).map((one) => `${one.name} ${one.status}`).toSorted(),
        patience,
      )
      .toEqual(['1h', '1m', '5m'].map((tier) => `perfwatch-${tier} active`))
  })

  it('goes on sampling while InfluxDB is stopped, says so, and has lost nothing', async () => {
    await influxd.stop()
    const stoppedAt = heard.length
    await expect.poll(() => gauge('spool_lines'), patience).toBeGreaterThan(0)
    const history = await ask(
      '/api/history/metrics?metric_type=cpu&start_time=0&end_time=9999999999',
    )
    expect([history.status, history.text]).toEqual([
      503,
      expect.stringMatching(/InfluxDB at http:\S+ does not answer \(\w+\)\. Start it, or mend/),
    ])
    await expect.poll(async () => (await healthOf()).status, patience).toBe(503)
    expect((await healthOf()).reasons.join('\n')).toMatch(
      /InfluxDB at http:\S+ has not taken points for \d+ seconds; \d+ lines wait in the spool/,
    )
    expect(await gauge('spool_oldest_seconds')).toBeGreaterThan(1)
    expect(await gauge('spool_bytes')).toBeGreaterThan(0)
    const waited = heard.length

    await influxd.start()
    await expect.poll(() => gauge('spool_oldest_seconds'), patience).toBeLessThan(2)
    await frames(waited + 2)
    expect(await gauge('spool_lines_dropped_total')).toBe(0)
    expect(await gauge('spool_lines_quarantined_total')).toBe(0)
    expect(waited - stoppedAt).toBeGreaterThan(10)
    await expectStored(heard.slice(0, waited))
    await expect.poll(healthOf, patience).toEqual({ status: 200, reasons: [] })
  })

  it('has every frame of more than one interval before it is killed', async () => {
    for (let round = 0; round < 3; round++) {
      await frames(heard.length + 2)
      const killedAt = performance.now()
      await server.end('SIGKILL')
      const owed = heard.filter(({ heardAt }) => killedAt - heardAt > EVERY_MS)
      await start()
      await expect.poll(() => gauge('spool_oldest_seconds'), patience).toBeLessThan(2)
      await expectStored(owed)
    }
  })
})

describe('INFLUX_URL', () => {
  it.each<[string, number, Record<string, string>, RegExp]>([
    ['version 1', 204, { 'x-influxdb-version': '1.8.10' }, /InfluxDB 1\.8\.10 answers at .+2\.9/],
    ['version 3', 200, { 'x-influxdb-version': '3.0.1' }, /InfluxDB 3\.0\.1 answers at .+2\.9/],
    ['version 3 that wants a token', 401, {}, /as InfluxDB 3 does/],
    ['a web server', 404, {}, /is no InfluxDB 2/],
  ])('of %s ends the start with one sentence', async (_name, status, headers, sentence) => {
    const other = await startFakeHttp((_, response) => response.writeHead(status, headers).end())
    const { code, stdout, stderr } = await refusedStart(temporaryFolder(), {
      INFLUX_URL: other.url,
    })
    await other.close()
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(/^error: INFLUX_URL: .+\n$/)
    expect(stderr).toMatch(sentence)
  })

  it('of nothing ends the first start with one sentence', async () => {
    const gone = await startFakeHttp(() => undefined)
    await gone.close()
    expect(await refusedStart(temporaryFolder(), { INFLUX_URL: gone.url })).toEqual({
      code: 1,
      stdout: '',
      stderr: `error: INFLUX_URL: nothing answers at ${gone.url} (ECONNREFUSED). Start InfluxDB 2.9 there, or unset INFLUX_URL to use the embedded store.\n`,
    })
  })
})
