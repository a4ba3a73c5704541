import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { Agent, request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { WebSocket } from 'ws'
import {
  ADMIN,
  startServerProcess,
  temporaryFolder,
  type ServerProcess,
} from '../src/testing/server-process.ts'
import { buildProduct } from '../src/testing/product.ts'
import { freePort } from './testing/free-port.ts'
import { isMissing, programOf } from './testing/needs.ts'

// The files of docs/examples with the real programs, at ports and paths of the test's own.

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const example = (name: string): string => join(ROOT, 'docs/examples', name)
const run = promisify(execFile)

const children: ChildProcess[] = []
const start = (command: string, args: readonly string[]): ChildProcess => {
  const child = spawn(command, args, { stdio: 'ignore' })
  children.push(child)
  return child
}
afterAll(async () => {
  for (const child of children) {
    if (child.exitCode !== null) continue
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGTERM')
    await ended
  }
})

describe.skipIf(isMissing('nginx', 'nginx in front') || isMissing('openssl', 'nginx in front'))(
  'behind nginx',
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'perfwatch-nginx-'))
    let server: ServerProcess
    let port = 0
    let ca = ''

    type Answer = {
      readonly status: number
      readonly headers: Record<string, unknown>
      readonly text: string
    }

    /** As a visitor from this address. */
    const ask = (path: string, body?: unknown, visitor = '127.0.0.1'): Promise<Answer> =>
      new Promise((resolve, reject) => {
        const sent = request(
          {
            host: '127.0.0.1',
            port,
            path,
            localAddress: visitor,
            servername: 'example.org',
            ca,
            method: body === undefined ? 'GET' : 'POST',
            headers: {
              host: 'example.org',
              'content-type': 'application/json',
              accept: 'text/html',
            },
          },
          (answer) => {
            let text = ''
            answer.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')))
            answer.on('end', () =>
              resolve({ status: answer.statusCode ?? 0, headers: { ...answer.headers }, text }),
            )
          },
        )
        sent.on('error', reject)
        sent.end(body === undefined ? undefined : JSON.stringify(body))
      })

    beforeAll(async () => {
      const entry = await buildProduct()
      server = await startServerProcess(
        temporaryFolder(),
        {
          BASE_PATH: '/perfwatch',
          ALLOWED_HOSTS: 'example.org',
          TRUSTED_PROXIES: '127.0.0.1',
          SAMPLING_INTERVAL_SECONDS: '1',
        },
        [entry],
      )
      const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
      const subject = ['-subj', '/CN=example.org', '-addext', 'subjectAltName=DNS:example.org']
      await run('openssl', [
        'req',
        '-x509',
        '-newkey',
        'rsa:2048',
        '-nodes',
        '-days',
        '1',
        ...subject,
        '-keyout',
        key,
        '-out',
        cert,
      ])
      ca = readFileSync(cert, 'utf8')
      port = await freePort()
      const site = readFileSync(example('nginx.conf'), 'utf8')
        .replace('listen 443 ssl', `listen 127.0.0.1:${port} ssl`)
        .replace('/etc/ssl/example.org.pem', cert)
        .replace('/etc/ssl/example.org.key', key)
        .replace('http://127.0.0.1:8000', `http://127.0.0.1:${new URL(server.url).port}`)
      const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
        .map((one) => `${one}_temp_path ${folder}/${one};`)
        .join('\n')
      writeFileSync(
        join(folder, 'nginx.conf'),
        `daemon off;\npid ${folder}/pid;\nerror_log ${folder}/error.log;\nevents {}\nhttp {\naccess_log off;\n${temporary}\n${site}\n}\n`,
      )
      const nginx = programOf('nginx') ?? ''
      await run(nginx, ['-t', '-q', '-e', `${folder}/error.log`, '-c', join(folder, 'nginx.conf')])
      start(nginx, ['-e', `${folder}/error.log`, '-c', join(folder, 'nginx.conf')])
      await vi.waitFor(async () => {
        if ((await ask('/perfwatch/health')).status !== 200)
          throw new Error('nginx is not there yet.')
      })
    }, 60_000)
    afterAll(() => server?.end('SIGTERM'))

    it('the page loads with its scripts under the path, and offers no sign-up', async () => {
      const { status, text } = await ask('/perfwatch/')
      expect(status).toBe(200)
      expect(text).toContain('&quot;registration&quot;:false')
      const script = /src="\.\/(assets\/[\w.-]+\.js)"/.exec(text)?.[1] ?? ''
      expect((await ask(`/perfwatch/${script}`)).status).toBe(200)
      const signUp = { username: 'eve', password: 'a long password of eve' }
      expect((await ask('/perfwatch/api/auth/register', signUp)).status).toBe(403)
    })

    it('the session’s cookie is for TLS and this host alone, and opens the WebSocket', async () => {
      const { status, headers } = await ask('/perfwatch/api/auth/login', ADMIN)
      expect(status).toBe(200)
      const [cookie = ''] = headers['set-cookie'] as readonly string[]
      expect(cookie).toMatch(/^__Host-perfwatch=/)
      expect(cookie).toMatch(/; Secure/)
      const socket = new WebSocket(`wss://127.0.0.1:${port}/perfwatch/api/ws/metrics`, [], {
        agent: new Agent({ ca, servername: 'example.org' }),
        headers: {
          host: 'example.org',
          origin: 'https://example.org',
          cookie: cookie.split(';')[0] ?? '',
        },
      })
      const frame = await new Promise<string>((resolve, reject) => {
        socket.once('message', (data: Buffer) => resolve(data.toString('utf8')))
        socket.once('error', reject)
      })
      expect(JSON.parse(frame)).toMatchObject({ type: 'metrics' })
      socket.close()
    })

    it('one visitor’s failed log-ins do not keep another out', async () => {
      const wrong = { ...ADMIN, password: 'wrong' }
      for (let times = 0; times < 10; times += 1)
        expect((await ask('/perfwatch/api/auth/login', wrong, '127.0.0.2')).status).toBe(401)
      expect((await ask('/perfwatch/api/auth/login', ADMIN, '127.0.0.2')).status).toBe(429)
      expect((await ask('/perfwatch/api/auth/login', ADMIN, '127.0.0.3')).status).toBe(200)
    })
  },
)

describe('beside PerfWatch', () => {
  let server: ServerProcess
  let token = ''

  const cli = async (...args: readonly string[]): Promise<string> => {
    const command = ['--import', 'tsx', join(ROOT, 'src/bin.ts'), ...args]
    const { stdout } = await run(process.execPath, command, {
      cwd: ROOT,
      env: { PATH: process.env.PATH ?? '', DATA_DIR: server.folder },
    })
    return stdout.trim()
  }
  const pushed = async () => {
    const now = Date.now() / 1000
    const path = `/api/history/metrics?metric_type=oven&start_time=${now - 600}&end_time=${now + 60}&interval=5s`
    const answer = await server.get(path).catch(() => ({ data_points: [] }))
    return JSON.stringify(answer)
  }

  beforeAll(async () => {
    server = await startServerProcess(temporaryFolder(), { SAMPLING_INTERVAL_SECONDS: '1' })
    token = await cli('token', 'add', 'examples')
  }, 60_000)
  afterAll(() => server?.end('SIGTERM'))

  const environment = () => ({
    PATH: process.env.PATH ?? '',
    PERFWATCH_URL: server.url,
    PERFWATCH_TOKEN: token,
  })

  it('curl pushes a point', async () => {
    await run('sh', [example('push.sh')], { env: environment() })
    await expect.poll(pushed, { timeout: 10_000 }).toContain('182.5')
  })

  it('the JavaScript client pushes a point', async () => {
    await run(process.execPath, [example('push.mjs')], { env: environment() })
    await expect.poll(pushed, { timeout: 10_000 }).toContain('181.5')
  })

  it.skipIf(isMissing('pip3', 'the Python client'))(
    'the Python client pushes a point',
    async () => {
      const packages = mkdtempSync(join(tmpdir(), 'perfwatch-python-'))
      const options = ['--quiet', '--disable-pip-version-check', '--root-user-action=ignore']
      await run('pip3', ['install', ...options, '--target', packages, 'influxdb-client==1.50.0'])
      const env = { ...environment(), PYTHONPATH: packages }
      await run('python3', [example('push.py')], { env })
      await expect.poll(pushed, { timeout: 10_000 }).toContain('180.5')
    },
    90_000,
  )

  it.skipIf(isMissing('prometheus', 'Prometheus'))(
    'Prometheus scrapes with a token',
    async () => {
      const folder = mkdtempSync(join(tmpdir(), 'perfwatch-prometheus-'))
      writeFileSync(join(folder, 'token'), await cli('token', 'add', 'prometheus', '--metrics'))
      const config = readFileSync(example('prometheus.yml'), 'utf8')
        .replaceAll('/etc/prometheus/perfwatch-token', join(folder, 'token'))
        .replace('127.0.0.1:8000', new URL(server.url).host)
        .replace('scrape_interval: 15s', 'scrape_interval: 1s')
      writeFileSync(join(folder, 'prometheus.yml'), config)
      const port = await freePort()
      start(programOf('prometheus') ?? '', [
        `--config.file=${folder}/prometheus.yml`,
        `--storage.tsdb.path=${folder}/data`,
        `--web.listen-address=127.0.0.1:${port}`,
      ])
      const value = async (query: string) => {
        const url = `http://127.0.0.1:${port}/api/v1/query?query=${encodeURIComponent(query)}`
        const answer = (await fetch(url)
          .then((one) => one.json())
          .catch(() => ({}))) as { data?: { result?: { value: [number, string] }[] } }
        return Number(answer.data?.result?.[0]?.value[1])
      }
      await expect.poll(() => value('up{job="perfwatch"}'), { timeout: 20_000 }).toBe(1)
      await expect
        .poll(() => value('perfwatch_sampler_ticks_total'), { timeout: 10_000 })
        .toBeGreaterThan(0)
    },
    40_000,
  )
})
