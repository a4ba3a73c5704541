import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..')

/** The admin of every server that tests start. */
export const ADMIN = { username: 'admin', password: 'a password for tests' } as const

export type ServerProcess = {
  readonly url: string
  readonly folder: string
  readonly child: ChildProcess
  /** What it has written so far. */
  output(): string
  /** A bearer token of the admin. */
  token(): Promise<string>
  /** The JSON of an API answer for the admin; throws when the status is not 2xx. */
  get(path: string): Promise<unknown>
  /** Sends JSON as nobody, unless a header says otherwise; throws when the status is not 2xx. */
  send(method: string, path: string, body: unknown, headers?: Headers): Promise<Response>
  /** Sends the signal and resolves with the exit code (null: killed by a signal). */
  end(signal: NodeJS.Signals): Promise<number | null>
}

type Headers = Readonly<Record<string, string>>
type Environment = Readonly<Record<string, string>>

export const temporaryFolder = (): string => mkdtempSync(join(tmpdir(), 'perfwatch-test-'))

/** The sources, as they are. */
const SOURCES = ['--import', 'tsx', join(ROOT, 'src/bin.ts')]

const spawnServer = (
  folder: string,
  environment: Environment,
  entry: readonly string[] = SOURCES,
): ChildProcess =>
  spawn(process.execPath, [...entry, 'serve'], {
    cwd: ROOT,
    // a clean environment: no setting of the person who runs the tests
    env: {
      PATH: process.env.PATH ?? '',
      HOME: folder,
      DATA_DIR: folder,
      PORT: '0',
      ADMIN_PASSWORD: ADMIN.password,
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })

const exited = (child: ChildProcess): Promise<number | null> =>
  child.exitCode !== null || child.signalCode !== null
    ? Promise.resolve(child.exitCode)
    : new Promise((resolve) => child.once('exit', (code) => resolve(code)))

/** Starts the real server and resolves when it says that it is ready; rejects with its output when it ends instead. */
export const startServerProcess = async (
  folder: string,
  environment: Environment = {},
  /** What Node runs: without it the sources. */
  entry?: readonly string[],
): Promise<ServerProcess> => {
  const child = spawnServer(folder, environment, entry)
  let output = ''
  const url = await new Promise<string>((resolve, reject) => {
    const hear = (chunk: Buffer) => {
      output += chunk.toString('utf8')
      const ready = /is ready: (http:\S+)/.exec(output)
      if (ready?.[1] !== undefined) resolve(ready[1])
    }
    child.stdout?.on('data', hear)
    child.stderr?.on('data', hear)
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`The server ended with ${code}:\n${output}`)))
  })
  let token: Promise<string> | undefined
  const asked = async (path: string, request: RequestInit): Promise<Response> => {
    const answer = await fetch(url + path, request)
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`)
    return answer
  }
  const send = (method: string, path: string, body: unknown, headers: Headers = {}) =>
    asked(path, {
      method,
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    })
  const logIn = async () => {
    const answer = await send('POST', '/api/auth/login', ADMIN)
    const body = (await answer.json()) as { access_token: string }
    return body.access_token
  }
  const tokenOnce = () => (token ??= logIn())
  return {
    url,
    folder,
    child,
    output: () => output,
    token: tokenOnce,
    get: async (path) => {
      const headers = { authorization: `Bearer ${await tokenOnce()}` }
      return (await asked(path, { headers })).json()
    },
    send,
    end: (signal) => {
      child.kill(signal)
      return exited(child)
    },
  }
}

/** Runs a server that is expected not to start: its exit code and what it wrote. */
export const refusedStart = async (folder: string, environment: Environment = {}) => {
  const child = spawnServer(folder, environment)
  let stdout = ''
  let stderr = ''
  child.stdout?.on('data', (chunk: Buffer) => (stdout += chunk.toString('utf8')))
  child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString('utf8')))
  // one that does start would never end by itself
  const giveUp = setTimeout(() => child.kill('SIGKILL'), 15_000)
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  clearTimeout(giveUp)
  return { code, stdout, stderr }
}
