import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { instant, MINUTE } from '../../points/instant.ts'
import type { Rooms } from '../rooms.ts'
import { makeSyntheticHost } from '../seed/synthetic-host.ts'
import { demoStore, roomsOf } from '../testing/demo-store.ts'
import { CLI_NOW, runCli } from '../testing/run-cli.ts'

const sample = makeSyntheticHost({ host: 'here', seed: 1 }).sampleAt(CLI_NOW)

const doctor = async (argv: readonly string[], rooms: Partial<Rooms> = {}) => {
  const folder = mkdtempSync(join(tmpdir(), 'perfwatch-doctor-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const store = await demoStore(instant(CLI_NOW - 10 * MINUTE))
  return runCli(['doctor', ...argv], {
    environment: { DATA_DIR: folder, PORT: '0' },
    rooms: {
      ...roomsOf(store),
      serverRuns: async () => false,
      storeExists: async () => true,
      storeDamage: async () => null,
      storeNotes: async () => [],
      sampleOnce: async () => sample,
      wait: async () => {},
      explainPerf: async () => ({
        available: false,
        reason: 'perf is not installed.',
        version: null,
        paranoid: null,
        vendor: 'other',
        events: [],
        ipc: false,
        extras: [],
        advice: [],
      }),
      ...rooms,
    },
  })
}

it('ends with 0 when things are merely absent', async () => {
  const { code, out, err } = await doctor([])
  expect({ code, err }).toEqual({ code: 0, err: '' })
  expect(out).toMatch(/^✓ Node {15}v20\.20\.2$/m)
  expect(out).toMatch(/^– perf_events {8}perf is not installed\.$/m)
  expect(out).toMatch(/\nAll is well\.\n$/)
  expect(out).not.toContain('Tier ')
})

it('ends with 1 when something is broken, and says what to do below', async () => {
  const { code, out } = await doctor([], { storeDamage: async () => 'page 7' })
  expect(code).toBe(1)
  expect(out).toContain(
    [
      '✗ Store              The file is damaged: page 7.',
      '                     → Stop the server and restore a backup of series.db.',
    ].join('\n'),
  )
  expect(out).toMatch(/\n1 thing is broken\.\n$/)
})

it('looks at the tiers when asked', async () => {
  expect((await doctor(['--tiers'])).out).toMatch(/^✓ Tier 1m {12}here: \d+ windows/m)
})

it('gives everything as JSON', async () => {
  const { code, out } = await doctor(['--json'], { storeDamage: async () => 'page 7' })
  const { healthy, findings } = JSON.parse(out)
  expect({ code, healthy }).toEqual({ code: 1, healthy: false })
  expect(findings).toContainEqual({
    check: 'Store',
    state: 'broken',
    says: 'The file is damaged: page 7.',
    advice: 'Stop the server and restore a backup of series.db.',
  })
})

it('stops at settings that are not valid, for nothing else can be looked at', async () => {
  const result = await runCli(['doctor'], { environment: { PORT: 'x' }, nodeVersion: 'v18.0.0' })
  expect(result.code).toBe(1)
  expect(result.out).toContain('✗ Node               v18.0.0 is too old.')
  expect(result.out).toContain('✗ Settings           PORT: must be a whole number from 0 to 65535.')
  expect(result.out).toMatch(/\n2 things are broken\.\n$/)
})
