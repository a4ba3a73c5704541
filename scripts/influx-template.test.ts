import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { influxForTests, startInfluxd, type InfluxServer } from '../src/testing/influxd.ts'
import {
  startServerProcess,
  temporaryFolder,
  type ServerProcess,
} from '../src/testing/server-process.ts'

// influx/templates for an InfluxDB whose owner makes buckets and tasks: applied by the real influx CLI, twice, it makes what
// PerfWatch makes by itself.

const TEMPLATE = fileURLToPath(new URL('../influx/templates/perfwatch.yml', import.meta.url))
const ORG = 'perfwatch'
const TOKEN = 'the-operator-token-of-the-template-0123456789'
const run = promisify(execFile)
const binaries = influxForTests()

type Bucket = {
  readonly name: string
  readonly retentionRules: readonly { readonly everySeconds: number }[]
}
type Task = {
  readonly name: string
  readonly every: string
  readonly offset: string
  readonly flux: string
}

describe.skipIf(binaries === null)('the template', () => {
  let theirs: InfluxServer
  let ours: InfluxServer
  const servers: ServerProcess[] = []

  const setUp = async ({ url }: InfluxServer) => {
    const answer = await fetch(`${url}/api/v2/setup`, {
      method: 'POST',
      body: JSON.stringify({
        username: 'owner',
        password: 'a long password',
        org: ORG,
        bucket: 'own',
        token: TOKEN,
      }),
    })
    expect(answer.status).toBe(201)
  }
  const get = async (server: InfluxServer, path: string): Promise<unknown> => {
    const answer = await fetch(`${server.url}/api/v2/${path}`, {
      headers: { authorization: `Token ${TOKEN}` },
    })
    return answer.json()
  }
  const made = async (server: InfluxServer) => {
    const { buckets } = (await get(server, 'buckets?limit=100')) as { buckets: Bucket[] }
    const { tasks } = (await get(server, 'tasks')) as { tasks: Task[] }
    return {
      buckets: new Map(
        buckets
          .filter(({ name }) => name.startsWith('perfwatch'))
          .map(({ name, retentionRules: [rule] }) => [name, rule?.everySeconds ?? 0]),
      ),
      tasks: new Map(tasks.map(({ name, offset }) => [name, offset])),
    }
  }
  const influx = async (...args: readonly string[]): Promise<string> => {
    const access = ['--host', theirs.url, '--token', TOKEN, '--org', ORG]
    const running = run(binaries?.influx ?? '', [...args, ...access], {
      env: { HOME: temporaryFolder() },
    })
    // it would wait for a template there
    running.child.stdin?.end()
    return (await running).stdout
  }

  beforeAll(async () => {
    if (binaries === null) return
    theirs = await startInfluxd(binaries)
    ours = await startInfluxd(binaries)
    await setUp(theirs)
    await setUp(ours)
  }, 60_000)
  afterAll(async () => {
    for (const server of servers) await server.end('SIGTERM')
    await theirs?.end()
    await ours?.end()
  })

  it('makes what PerfWatch makes, once however often it is applied', async () => {
    // a stack is how InfluxDB knows again what it has made
    const { id: stack } = JSON.parse(
      await influx('stacks', 'init', '--stack-name', 'perfwatch', '--json'),
    ) as { id: string }
    for (let times = 0; times < 2; times += 1)
      await influx('apply', '--file', TEMPLATE, '--stack-id', stack, '--force', 'yes', '--quiet')
    servers.push(
      await startServerProcess(temporaryFolder(), {
        INFLUX_URL: ours.url,
        INFLUX_TOKEN: TOKEN,
        SAMPLING_INTERVAL_SECONDS: '60',
      }),
    )
    const [byTemplate, byUs] = [await made(theirs), await made(ours)]
    expect(byTemplate.tasks).toEqual(byUs.tasks)
    expect(new Set(byTemplate.buckets.keys())).toEqual(new Set(byUs.buckets.keys()))
    // we let raw samples expire when they are rolled up, and not before
    for (const one of [byTemplate, byUs]) one.buckets.delete('perfwatch')
    expect(byTemplate.buckets).toEqual(byUs.buckets)
  }, 60_000)

  it('is all that PerfWatch wants where it may make nothing', async () => {
    const server = await startServerProcess(temporaryFolder(), {
      INFLUX_URL: theirs.url,
      INFLUX_TOKEN: TOKEN,
      INFLUX_PROVISION: 'check',
      SAMPLING_INTERVAL_SECONDS: '1',
    })
    servers.push(server)
    const health = await fetch(`${server.url}/health`, {
      headers: { authorization: `Bearer ${await server.token()}` },
    })
    expect(await health.json()).toMatchObject({ reasons: [] })
  }, 60_000)

  it('leaves its tasks as they are where PerfWatch makes them itself', async () => {
    const before = (await get(theirs, 'tasks')) as { tasks: Task[] }
    servers.push(
      await startServerProcess(temporaryFolder(), {
        INFLUX_URL: theirs.url,
        INFLUX_TOKEN: TOKEN,
        SAMPLING_INTERVAL_SECONDS: '60',
      }),
    )
    const after = (await get(theirs, 'tasks')) as typeof before
    const scripts = ({ tasks }: typeof before) =>
      new Map(tasks.map(({ name, flux }) => [name, flux]))
    expect(scripts(after)).toEqual(scripts(before))
  }, 60_000)
})
