import { afterEach, describe, expect, it } from 'vitest'
import { startFakeHttp, type FakeHttp } from '../../../testing/fake-http.ts'
import { checkServer } from './server-check.ts'

describe('what answers at INFLUX_URL', () => {
  let server: FakeHttp | undefined
  afterEach(async () => {
    await server?.close()
    server = undefined
  })

  const answering = async (status: number, headers: Record<string, string>, body = '') => {
    server = await startFakeHttp((_, response) => response.writeHead(status, headers).end(body))
    return checkServer(server.url)
  }

  it.each([
    ['2.9.1', { 'x-influxdb-version': 'v2.9.1', 'x-influxdb-build': 'OSS' }],
    ['2.7', { 'x-influxdb-version': '2.7.4' }],
    ['a build of somebody', { 'x-influxdb-version': 'dev' }],
  ])('is good when it is %s', async (_, headers) => {
    expect(await answering(204, headers)).toEqual([])
    expect(server?.asked).toEqual(['GET /ping'])
  })

  it('is warned of when it is 2.9.0', async () => {
    expect(await answering(204, { 'x-influxdb-version': 'v2.9.0' })).toEqual([
      'InfluxDB 2.9.0 has a defect in its compaction: upgrade to 2.9.1.',
    ])
  })

  it.each<[string, number, Record<string, string>, string]>([
    ['version 1', 204, { 'x-influxdb-version': '1.8.10' }, 'InfluxDB 1.8.10 answers at'],
    ['version 3', 200, { 'x-influxdb-version': '3.0.1' }, 'InfluxDB 3.0.1 answers at'],
    ['version 3 with tokens', 401, {}, 'as InfluxDB 3 does'],
    ['a web server', 404, { 'content-type': 'text/html' }, 'is no InfluxDB 2'],
    ['something that says yes to all', 200, {}, 'does not say its version'],
    ['a proxy with nothing behind', 502, {}, 'is no InfluxDB 2'],
  ])('is refused in a sentence when it is %s', async (_, status, headers, sentence) => {
    await expect(answering(status, headers, '<html>')).rejects.toMatchObject({
      name: 'AppError',
      code: 'setup',
      message: expect.stringMatching(
        new RegExp(`^INFLUX_URL: .*${sentence.replace(/[.*]/g, '\\$&')}`),
      ) as unknown,
    })
  })

  it('may be nothing at all', async () => {
    const gone = await startFakeHttp(() => undefined)
    await gone.close()
    await expect(checkServer(gone.url)).rejects.toMatchObject({
      code: 'setup',
      message: `INFLUX_URL: nothing answers at ${gone.url} (ECONNREFUSED). Start InfluxDB 2.9 there, or unset INFLUX_URL to use the embedded store.`,
    })
  })
})
