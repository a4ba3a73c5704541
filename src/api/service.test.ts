import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { METRICS } from '../catalog/catalog.ts'
import type { Metric } from '../catalog/metric.ts'
import { gaugeName } from './host-gauges.ts'
import { openServer, OWN_HOST, type TestServer } from './testing/open-server.ts'
import { fullSample } from './testing/sample.ts'

let server: TestServer
let token: string
beforeAll(async () => {
  server = await openServer()
  token = await server.tokenOf('viewer')
})
afterAll(() => server.close())

const seen = async (path: string, as?: string) => {
  const { status, body } = await server.ask('GET', path, as === undefined ? {} : { token: as })
  return [status, body]
}

test('/ says where to go on', async () => {
  expect(await seen('/')).toEqual([
    200,
    { name: 'PerfWatch', version: '0.1.0', docs: '/docs', health: '/health' },
  ])
})

describe('/health', () => {
  const healthy = { status: 'healthy', service: 'perfwatch' }
  const degraded = { status: 'degraded', service: 'perfwatch' }

  test('is 200, with details only for those who are logged in', async () => {
    expect(await seen('/health')).toEqual([200, healthy])
    expect(await seen('/health', 'a bad token')).toEqual([200, healthy])
    expect(await seen('/health', token)).toEqual([
      200,
      { ...healthy, version: '0.1.0', reasons: [] },
    ])
  })

  test('is 503 for what the store says, and for a sampler that has stopped', async () => {
    server.store.setProblems(['The disk is full.'])
    expect(await seen('/health')).toEqual([503, degraded])
    server.advance(13_000)
    expect(await seen('/health', token)).toEqual([
      503,
      {
        ...degraded,
        version: '0.1.0',
        reasons: ['The disk is full.', 'No sample was taken for 13 seconds.'],
      },
    ])
    server.store.setProblems([])
    server.hub.publish(fullSample(OWN_HOST, server.clock.now()))
    expect(await seen('/health')).toEqual([200, healthy])
  })
})

describe('/metrics', () => {
  const lines = async (as = token): Promise<readonly string[]> => {
    const { status, body, headers } = await server.ask('GET', '/metrics', { token: as })
    expect([status, headers.get('content-type')]).toEqual([
      200,
      'text/plain; version=0.0.4; charset=utf-8',
    ])
    return String(body).split('\n')
  }

  test('has every field of the newest sample by its name in the store', async () => {
    server.hub.publish(fullSample(OWN_HOST, server.clock.now()))
    const text = await lines()
    for (const metric of METRICS as readonly Metric[])
      for (const { measurement, fields, layout } of metric.series)
        for (const [index, field] of Object.keys(fields).entries()) {
          const first =
            layout.kind === 'columns' ? '0' : layout.kind === 'map' ? `${layout.tag}0` : ''
          const labels = layout.kind === 'object' ? '' : `,${layout.tag}="${first}"`
          expect(text).toContain(
            `${gaugeName(measurement, field)}{host="${OWN_HOST}"${labels}} ${index + 0.5}`,
          )
        }
  })

  test('leaves out what the newest sample could not read', async () => {
    const sample = fullSample(OWN_HOST, server.clock.now())
    const readings = { ...sample.readings, cpu: { kind: 'unavailable', reason: 'no' } as const }
    server.hub.publish({ ...sample, readings })
    const text = (await lines()).join('\n')
    expect(text).not.toContain('perfwatch_cpu_usage_percent{')
    expect(text).toContain('perfwatch_memory_usage_percent{')
  })

  test('has the pipeline’s own figures', async () => {
    await server.store.write('metrics', [
      { measurement: 'cpu', tags: { host: 'x' }, fields: { user: 1 }, at: server.clock.now() },
    ])
    const text = await lines()
    expect(text).toEqual(
      expect.arrayContaining([
        'perfwatch_sampler_ticks_total 3',
        'perfwatch_sampler_ticks_skipped_total{reason="late"} 1',
        'perfwatch_collector_failures_total{collector="cpu"} 1',
        'perfwatch_collector_seconds_total{collector="cpu"} 0.004',
        'perfwatch_points_written_total 1',
        'perfwatch_live_clients 0',
        'perfwatch_queries_running 0',
        expect.stringMatching(/^perfwatch_tier_bytes\{dataset="metrics",tier="raw"\} \d+$/),
        expect.stringMatching(/^nodejs_eventloop_lag_seconds\{quantile="0\.99"\} [\d.e-]+$/),
        expect.stringMatching(/^process_cpu_seconds_total [\d.]+$/),
      ]),
    )
    // nothing is counted twice by being asked for twice
    expect(await lines()).toContain('perfwatch_sampler_ticks_total 3')
  })

  test('tells all but the sizes while the store does not answer', async () => {
    server.store.failWith(new Error('down'))
    const text = await lines()
    server.store.failWith(undefined)
    expect(text).toContain('perfwatch_sampler_ticks_total 3')
    expect(text.filter((line) => line.startsWith('perfwatch_tier_bytes'))).toEqual([])
  })

  test('is for a metrics token too, which opens nothing else', async () => {
    const { accounts } = server
    const { token: value } = await accounts.tokens.create({ name: 'prometheus', metrics: true })
    expect((await lines(value)).length).toBeGreaterThan(100)
    expect((await seen('/api/config', value))[0]).toBe(401)
  })

  test('is for nobody else', async () => {
    expect((await seen('/metrics', await server.tokenOf('client')))[0]).toBe(403)
    expect((await seen('/metrics'))[0]).toBe(401)
  })

  test('is for everybody with METRICS_PUBLIC', async () => {
    const open = await openServer({ METRICS_PUBLIC: 'true' })
    expect((await open.ask('GET', '/metrics')).status).toBe(200)
    await open.close()
  })
})

describe('/docs', () => {
  test('brings all it needs itself, and no script in the page', async () => {
    const { body, headers } = await server.ask('GET', '/docs')
    expect(headers.get('content-type')).toBe('text/html; charset=utf-8')
    const files = [...String(body).matchAll(/(?:src|href)="([^"]+)"/g)].map(([, file]) => file)
    expect(files.length).toBe(5)
    for (const file of files) expect((await server.ask('GET', `/${file}`)).status).toBe(200)
    expect(String(body)).not.toMatch(/<script>| on\w+=|https?:/)
  })

  test('its policy lets in nothing from elsewhere', async () => {
    const { headers } = await server.ask('GET', '/docs')
    const policy = headers.get('content-security-policy') ?? ''
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("script-src 'self';")
    expect(policy).not.toMatch(/https?:|\*/)
  })

  test('its files have their types', async () => {
    const types = await Promise.all(
      ['swagger-ui.css', 'swagger-ui-bundle.js', 'favicon-32x32.png', 'start.js'].map(
        async (file) => (await server.ask('GET', `/docs/${file}`)).headers.get('content-type'),
      ),
    )
    expect(types).toEqual([
      'text/css; charset=utf-8',
      'text/javascript; charset=utf-8',
      'image/png',
      'text/javascript; charset=utf-8',
    ])
    expect((await server.ask('GET', '/docs/package.json')).status).toBe(404)
  })
})
