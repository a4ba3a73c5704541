import { execFileSync, spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { copyOfCheckout } from './testing/copy-of-checkout.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'pack-'))
const checkout = join(folder, 'checkout')
const server = join(folder, 'server')

const run = (cwd: string, command: string, ...args: readonly string[]) =>
  execFileSync(command, args, { cwd, encoding: 'utf8', timeout: 120_000 })

/** Where a server that was just started says that it listens; rejects when it ends, or says nothing in time. */
const addressOf = (child: ChildProcessWithoutNullStreams): Promise<string> =>
  new Promise((resolve, reject) => {
    let said = ''
    const giveUp = (why: string) => reject(new Error(`${why}: ${said}`))
    const hear = (text: Buffer) => {
      said += text.toString()
      const address = /is ready: (\S+)/.exec(said)?.[1]
      if (address !== undefined) resolve(address)
    }
    child.stdout.on('data', hear)
    child.stderr.on('data', hear)
    child.once('exit', () => giveUp('The server ended before it was ready'))
    setTimeout(giveUp, 30_000, 'The server was not ready after 30 s').unref()
  })

beforeAll(() => {
  mkdirSync(server)
  copyOfCheckout(checkout)
  symlinkSync(join(root, 'node_modules'), join(checkout, 'node_modules'))
  run(checkout, 'npm', 'pack', '--pack-destination', folder)
  const tarball = readdirSync(folder).find((file) => file.endsWith('.tgz')) ?? 'no tarball'
  run(server, 'npm', 'install', '--omit=dev', '--prefer-offline', join(folder, tarball))
})
afterAll(() => rmSync(folder, { recursive: true }))

describe('a package that was packed and installed into an empty folder', () => {
  it('runs', () => {
    expect(run(server, 'npx', 'perfwatch', '--version')).toMatch(/^\d+\.\d+\.\d+\n$/)
    expect(run(server, 'npx', 'perfwatch', '--help')).toContain('serve')
  })

  it('serves, and ends by itself when it is told to', async () => {
    const env = { PATH: process.env['PATH'], PORT: '0', DATA_DIR: join(folder, 'data') }
    const child = spawn('node_modules/.bin/perfwatch', ['serve'], { cwd: server, env })
    const ended = once(child, 'exit')
    try {
      const health = await fetch(`${await addressOf(child)}/health`)
      expect(await health.json()).toMatchObject({ status: 'healthy', service: 'perfwatch' })
      child.kill('SIGTERM')
      expect(await ended).toEqual([0, null])
    } finally {
      child.kill('SIGKILL')
    }
  })

  it('brings no compiler and no source', () => {
    const tools = ['esbuild', 'tsx', 'typescript', 'vite', 'vitest', 'oxlint', '@types/node']
    const there = tools.filter((name) => existsSync(join(server, 'node_modules', name)))
    expect(there).toEqual([])
    expect(existsSync(join(server, 'node_modules/perfwatch/src'))).toBe(false)
  })
})

describe('a checkout without development packages', () => {
  it('installs, and says that dist/ has to come from elsewhere', () => {
    const bare = join(folder, 'bare')
    copyOfCheckout(bare)
    const said = run(bare, 'npm', 'ci', '--omit=dev', '--prefer-offline')
    expect(said).toContain('there is no dist/ yet')
    expect(existsSync(join(bare, 'node_modules/commander'))).toBe(true)
  })
})
