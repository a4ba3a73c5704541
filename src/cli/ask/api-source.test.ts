import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { runCli } from '../testing/run-cli.ts'

const ANSWER = {
  metric_type: 'cpu',
  start_time: '2025-01-18T11:00:00Z',
  end_time: '2025-01-18T12:00:00Z',
  interval: '1h',
  sampling_interval_seconds: 5,
  count: 1,
  truncated: false,
  data_points: [{ timestamp: '2025-01-18T11:00:00Z', data: { usage_percent: 12.5 } }],
}

/** A server that answers one thing to everything and keeps what it was asked. */
const startServer = async (status: number, body: string) => {
  const asked: { url: string | undefined; authorization: string | undefined }[] = []
  const server = createServer((request: IncomingMessage, response) => {
    asked.push({ url: request.url, authorization: request.headers.authorization })
    response.writeHead(status, { 'content-type': 'application/json' }).end(body)
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked }
}

const fileWith = (text: string): string => {
  const folder = mkdtempSync(join(tmpdir(), 'perfwatch-cli-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'token')
  writeFileSync(file, text)
  return file
}

const PERFWATCH_TOKEN = 'abc.DEF-123_x'

describe('asking a server', () => {
  it('sends the question and the token, and shows the answer', async () => {
    const { url, asked } = await startServer(200, JSON.stringify(ANSWER))
    const result = await runCli(
      [
        'query',
        'cpu',
        '--url',
        `${url}/base`,
        '--host',
        'a b',
        '--interval',
        '1h',
        '--limit',
        '7',
        '--json',
      ],
      { environment: { PERFWATCH_TOKEN } },
    )
    expect(result).toMatchObject({ code: 0, err: '' })
    expect(JSON.parse(result.out)).toEqual(ANSWER)
    expect(asked).toEqual([
      {
        url: '/base/api/history/metrics?metric_type=cpu&start_time=2025-01-18T11%3A00%3A00Z&end_time=2025-01-18T12%3A00%3A00Z&host=a+b&interval=1h&limit=7',
        authorization: `Bearer ${PERFWATCH_TOKEN}`,
      },
    ])
  })

  it('takes the address from PERFWATCH_URL and the token from a file', async () => {
    const { url, asked } = await startServer(200, JSON.stringify(ANSWER))
    const { code } = await runCli(
      ['query', 'cpu', '--token-file', fileWith(`${PERFWATCH_TOKEN}\n`)],
      {
        environment: { PERFWATCH_URL: url },
      },
    )
    expect({ code, token: asked[0]?.authorization }).toEqual({
      code: 0,
      token: `Bearer ${PERFWATCH_TOKEN}`,
    })
  })

  it.each([
    [400, '{"detail":"Invalid interval: 2h"}', 2, 'error: Invalid interval: 2h\n'],
    [
      401,
      '{"detail":"Could not validate credentials"}',
      3,
      'error: URL answered: Could not validate credentials. Log in again: tokens end with their session.\n',
    ],
    [
      403,
      '{"detail":"Not authorized to perform this action"}',
      3,
      'error: URL answered: Not authorized to perform this action.\n',
    ],
    [404, '{"detail":"Resource not found"}', 3, 'error: URL answered: Resource not found.\n'],
    [503, '<html>', 3, 'error: URL answered: status 503.\n'],
    [
      200,
      '{"hello":"world"}',
      3,
      'error: URL answered something else than history: is it a PerfWatch server?\n',
    ],
    [
      200,
      '<html>',
      3,
      'error: URL answered something else than history: is it a PerfWatch server?\n',
    ],
  ])('an answer %d %s ends with %d', async (status, body, code, err) => {
    const { url } = await startServer(status, body)
    const result = await runCli(['query', 'cpu', '--url', url], {
      environment: { PERFWATCH_TOKEN },
    })
    expect({ ...result, err: result.err.replaceAll(url, 'URL') }).toEqual({ code, out: '', err })
  })

  it('says that nobody answers', async () => {
    const { url } = await startServer(200, '')
    const { port } = new URL(url)
    // a port that was free a moment ago, on an address where nobody listens
    const gone = `http://127.0.0.2:${port}`
    const result = await runCli(['query', 'cpu', '--url', gone], {
      environment: { PERFWATCH_TOKEN },
    })
    expect(result).toEqual({
      code: 3,
      out: '',
      err: `error: ${gone} does not answer (ECONNREFUSED): is the server running, and is the address right?\n`,
    })
  })

  it.each([
    ['no token', [], {}, 3, 'No token for http://127.0.0.1:9'],
    [
      'no such file',
      ['--token-file', '/nonexistent/token'],
      {},
      2,
      '/nonexistent/token cannot be read',
    ],
    [
      'another protocol',
      ['--url', 'ftp://x'],
      { PERFWATCH_TOKEN },
      2,
      "'ftp://x' is not the address of a server",
    ],
    [
      'no protocol',
      ['--url', 'localhost:8000'],
      { PERFWATCH_TOKEN },
      2,
      'is not the address of a server',
    ],
  ])('%s ends with a sentence', async (_, argv, environment, code, sentence) => {
    const result = await runCli(['query', 'cpu', '--url', 'http://127.0.0.1:9', ...argv], {
      environment,
    })
    expect(result).toMatchObject({ code, out: '' })
    expect(result.err).toContain(sentence)
  })

  it('names the setting that is wrong', async () => {
    expect(await runCli(['query', 'cpu'], { environment: { PERFWATCH_URL: 'nope' } })).toEqual({
      code: 3,
      out: '',
      err: 'error: PERFWATCH_URL: must be an http or https URL.\n',
    })
  })

  it.each([['two words'], ['line\nbreak'], ['ümlaut'], ['']])(
    'never sends nor shows what is no token: %j',
    async (text) => {
      const { url, asked } = await startServer(200, JSON.stringify(ANSWER))
      const result = await runCli(['query', 'cpu', '--url', url, '--token-file', fileWith(text)])
      expect(result).toMatchObject({ code: 2, out: '' })
      expect(result.err).toContain('does not hold a token alone on one line.')
      if (text !== '') expect(result.err).not.toContain(text)
      expect(asked).toEqual([])
    },
  )
})
