import type { ServerResponse } from 'node:http'
import { afterEach, describe, expect, it } from 'vitest'
import { startFakeHttp, type FakeHttp } from '../../testing/fake-http.ts'
import { clientFor } from './client.ts'
import { createDelivery } from './deliver.ts'

describe('what becomes of a write', () => {
  let server: FakeHttp | undefined
  afterEach(async () => {
    await server?.close()
  })

  const deliver = async (answer: (response: ServerResponse) => void) => {
    server = await startFakeHttp((_, response) => answer(response))
    const client = clientFor(server, 'token')
    const send = createDelivery({
      client: () => client,
      url: server.url,
      org: 'an org',
      bucket: 'a&b',
    })
    return send(Buffer.from('m f=1 1'))
  }
  const json = (status: number, code: string, message: string, headers = {}) => {
    const body = JSON.stringify({ code, message })
    return (response: ServerResponse) =>
      void response
        .writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers })
        .end(body)
  }
  const html = (status: number) => (response: ServerResponse) =>
    void response.writeHead(status, { 'content-type': 'text/html' }).end('<h1>Proxy</h1>')

  it.each<[string, (response: ServerResponse) => void, object]>([
    ['204', (response) => void response.writeHead(204).end(), { kind: 'stored' }],
    ['413', json(413, 'request too large', 'too large'), { kind: 'too-large' }],
    [
      '422 that counts',
      json(422, 'unprocessable entity', 'partial write: field type conflict: … dropped=2'),
      { kind: 'partly', dropped: 2 },
    ],
    [
      '422 of retention',
      json(422, 'unprocessable entity', 'partial write: dropped 3 points outside retention policy'),
      { kind: 'partly', dropped: 3 },
    ],
    ['400 of InfluxDB', json(400, 'invalid', "unable to parse 'x'"), { kind: 'refused' }],
    ['400 of somebody else', html(400), { kind: 'later' }],
    ['401', json(401, 'unauthorized', 'unauthorized access'), { kind: 'later', denied: true }],
    ['403', json(403, 'forbidden', 'insufficient permissions'), { kind: 'later', denied: true }],
    ['404', json(404, 'not found', 'bucket "x" not found'), { kind: 'later', denied: true }],
    [
      '429',
      json(429, 'too many requests', 'slow down', { 'retry-after': '3' }),
      { kind: 'later', afterMs: 3_000 },
    ],
    [
      '429 of a very busy proxy',
      json(429, '', '', { 'retry-after': '86400' }),
      { kind: 'later', afterMs: 60_000 },
    ],
    ['500', json(500, 'internal error', 'see the log'), { kind: 'later', afterMs: 0 }],
    ['502 of a proxy', html(502), { kind: 'later' }],
    ['503', json(503, 'unavailable', 'starting'), { kind: 'later' }],
    ['a connection that breaks', (response) => void response.socket?.destroy(), { kind: 'later' }],
  ])('answered with %s', async (_, answer, expected) => {
    expect(await deliver(answer)).toMatchObject(expected)
    expect(server?.asked).toEqual(['POST /api/v2/write?org=an+org&bucket=a%26b&precision=ns'])
  })
})
