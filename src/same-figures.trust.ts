import { spawn } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { CONTRACT_METRICS, metricOf } from './catalog/catalog.ts'
import { MINUTE, SECOND } from './points/instant.ts'
import { influxForTests, startInfluxd, type InfluxServer } from './testing/influxd.ts'
import {
  startServerProcess,
  temporaryFolder,
  type ServerProcess,
} from './testing/server-process.ts'

/** How long the server measures before it is asked, as somebody would who tries it out. */
const FOR_MS = 10 * MINUTE
const INTERVAL_MS = 5 * SECOND

type Json = { readonly [key: string]: Json } | readonly Json[] | string | number | boolean | null
type Frame = { readonly timestamp: string; readonly data: { readonly [object: string]: Json } }
type History = {
  readonly count: number
  readonly data_points: readonly { readonly timestamp: string; readonly data: Json }[]
}
type Comparison = {
  readonly summary: { readonly current_avg: number; readonly comparison_avg: number }
}

/** The leaves of a JSON value by their path. */
const leaves = (value: Json, path = ''): readonly (readonly [string, Json])[] =>
  typeof value === 'object' && value !== null
    ? Object.entries(value).flatMap(([key, one]) => leaves(one, `${path}/${key}`))
    : [[path, value]]

const collect = async (server: ServerProcess, count: number): Promise<readonly Frame[]> => {
  const url = server.url.replace('http', 'ws')
  const socket = new WebSocket(`${url}/api/ws/metrics?token=${await server.token()}`)
  const frames: Frame[] = []
  await new Promise<void>((resolve, reject) => {
    socket.on('message', (text: Buffer) => {
      frames.push(JSON.parse(text.toString('utf8')) as Frame)
      if (frames.length === count) resolve()
    })
    socket.once('error', reject)
  })
  socket.close()
  return frames
}

/** The JSON that `perfwatch` prints, asked beside the server. */
const cli = (environment: Record<string, string>, argv: readonly string[]): Promise<Json> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--import', 'tsx', 'src/bin.ts', ...argv, '--json'], {
      env: { PATH: process.env.PATH ?? '', ...environment },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let out = ''
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString('utf8')))
    child.once('error', reject)
    child.once('close', (code) =>
      code === 0 ? resolve(JSON.parse(out) as Json) : reject(new Error(`it ended with ${code}`)),
    )
  })

const stores = [
  ['embedded', false],
  ['InfluxDB', true],
] as const

describe.each(stores)('after ten minutes on %s', (_name, onInflux) => {
  const binaries = onInflux ? influxForTests() : null
  const missing = onInflux && binaries === null
  let influxd: InfluxServer | undefined
  let server: ServerProcess
  let environment: Record<string, string>
  let frames: readonly Frame[]
  const first = () => frames[0]?.timestamp ?? ''
  const last = () => frames.at(-1)?.timestamp ?? ''

  beforeAll(async () => {
    if (missing) return
    influxd = binaries === null ? undefined : await startInfluxd(binaries)
    const folder = temporaryFolder()
    const influx = influxd === undefined ? {} : { INFLUX_URL: influxd.url }
    environment = { DATA_DIR: folder, HOME: folder, ...influx }
    server = await startServerProcess(folder, influx)
    // one more: a frame may be seen a moment before it is stored
    frames = (await collect(server, FOR_MS / INTERVAL_MS + 1)).slice(0, -1)
  }, FOR_MS + MINUTE)
  afterAll(async () => {
    await server?.end('SIGTERM')
    await influxd?.end()
  })

  const history = (metric: string): Promise<History> => {
    const query = new URLSearchParams({
      metric_type: metric,
      start_time: first(),
      end_time: last(),
      interval: '5s',
    })
    return server.get(`/api/history/metrics?${query.toString()}`) as Promise<History>
  }

  it.skipIf(missing).each(CONTRACT_METRICS)(
    'history has every figure of %s that the socket has sent',
    async (name) => {
      const { objects = [name], facts = [] } = metricOf(name)
      const unknown = new Set(facts.map((path) => `/${path.slice(-1).join('/')}`))
      const points = new Map((await history(name)).data_points.map((one) => [one.timestamp, one]))
      let compared = 0
      let measured = 0
      for (const frame of frames) {
        const before = compared
        for (const object of objects) {
          const stored = new Map(leaves(points.get(frame.timestamp)?.data ?? null))
          for (const [path, value] of leaves(frame.data[object] ?? null)) {
            if (typeof value !== 'number' || unknown.has(path)) continue
            expect([frame.timestamp, path, stored.get(path)]).toEqual([
              frame.timestamp,
              path,
              value,
            ])
            compared += 1
          }
        }
        if (compared > before) measured += 1
      }
      // the first frame has no rates, and what holds nothing is left out
      expect(points.size).toBe(measured)
      expect(compared).toBeGreaterThan(frames.length)
    },
  )

  it.skipIf(missing).each(CONTRACT_METRICS)(
    'query prints of %s what the API answers',
    async (name) => {
      const asked = ['query', name, '--since', first(), '--until', last(), '--interval', '5s']
      expect(await cli(environment, asked)).toEqual(await history(name))
    },
  )

  it.skipIf(missing)('compare has the averages of the frames, and says the same', async () => {
    const half = Math.floor(frames.length / 2)
    const ranges = [frames.slice(half, 2 * half), frames.slice(0, half)].map((part) => ({
      from: part[0]?.timestamp ?? '',
      to: new Date(Date.parse(part.at(-1)?.timestamp ?? '') + INTERVAL_MS).toISOString(),
      mean:
        part.reduce((sum, { data }) => sum + Number(usageOf(data['memory'] ?? null)), 0) /
        part.length,
    }))
    const [now, then] = ranges
    if (now === undefined || then === undefined) throw new Error('no ranges')
    const query = new URLSearchParams({
      metric_type: 'memory',
      interval: '5s',
      start_time_1: now.from,
      end_time_1: now.to,
      start_time_2: then.from,
      end_time_2: then.to,
    })
    const answer = (await server.get(`/api/history/compare?${query.toString()}`)) as Comparison
    expect(answer.summary.current_avg).toBeCloseTo(now.mean, 6)
    expect(answer.summary.comparison_avg).toBeCloseTo(then.mean, 6)
    expect(
      await cli(environment, [
        'compare',
        'memory',
        '--interval',
        '5s',
        '--current',
        `${now.from}..${now.to}`,
        '--with',
        `${then.from}..${then.to}`,
      ]),
    ).toMatchObject(answer)
  })
})

const usageOf = (memory: Json): Json =>
  typeof memory === 'object' && memory !== null && 'usage_percent' in memory
    ? (memory['usage_percent'] ?? null)
    : null
