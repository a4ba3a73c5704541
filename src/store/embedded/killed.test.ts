import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import Database from 'libsql'
import { build } from 'esbuild'
import { describe, expect, it } from 'vitest'
import { ROLLUP_TIERS } from '../../catalog/tiers.ts'
import { instant } from '../../points/instant.ts'
import { expectedWindows, expectWindows } from '../contract/load.ts'
import { question } from '../contract/questions.ts'
import { openEmbedded } from './open-embedded.ts'
import { HOST_OF_KILLED, pointsAt } from './testing/killed-writer.ts'
import { START, temporaryFolder } from './testing/open-in-temporary.ts'

const ROUNDS = 15
const root = fileURLToPath(new URL('../../..', import.meta.url))

/** One file, so that each round begins within a tenth of a second. */
const bundle = async (folder: string): Promise<string> => {
  const outfile = join(folder, 'writer.mjs')
  await build({
    entryPoints: [fileURLToPath(new URL('testing/killed-writer.ts', import.meta.url))],
    bundle: true,
    format: 'esm',
    platform: 'node',
    logLevel: 'silent',
    outfile,
    // Beside a temporary file there is no node_modules.
    alias: { libsql: join(root, 'node_modules/libsql/index.js') },
    external: [join(root, 'node_modules/libsql/index.js')],
  })
  return outfile
}

/** Kills the writer some time after its first sample; resolves with the instants that it said were written. */
const writeAndKill = async (script: string, folder: string, from: number, afterMs: number) => {
  const child = spawn(process.execPath, [script, folder, String(from)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const told: number[] = []
  const lines = createInterface({ input: child.stdout })
  lines.on('line', (line) => {
    if (told.length === 0) setTimeout(() => child.kill('SIGKILL'), afterMs)
    told.push(Number(line))
  })
  const [, signal] = (await once(child, 'close')) as [unknown, unknown]
  expect(signal).toBe('SIGKILL')
  return told
}

describe('kill -9 while samples are written, rolled up and sealed', () => {
  it(`loses nothing that was acknowledged, in ${ROUNDS} rounds`, async () => {
    const folder = temporaryFolder()
    const data = join(folder, 'data')
    try {
      const script = await bundle(folder)
      let now: number = START
      let told: number[] = []
      for (let round = 0; round < ROUNDS; round++) {
        const fresh = await writeAndKill(script, data, now, 150 + ((round * 37) % 11) * 50)
        expect(fresh.length).toBeGreaterThan(0)
        told = [...told, ...fresh]
        const clock = { now: () => instant(now), monotonic: () => 0 }
        const store = openEmbedded({ folder: data, clock })
        const newest = (await store.newest(HOST_OF_KILLED)) ?? 0
        // What was written but not told yet may be there, too.
        expect(newest).toBeGreaterThanOrEqual(fresh.at(-1) ?? Infinity)
        now = newest
        const [cpu] = await store.read(
          question({ tags: { host: HOST_OF_KILLED }, fields: ['user'] }),
        )
        const kept = new Set(cpu?.at)
        expect(told.filter((at) => !kept.has(at))).toEqual([])
        await store.close()
        expect(integrityOf(join(data, 'series.db'))).toBe('ok')
      }
      await expectAllRight(data, now)
    } finally {
      rmSync(folder, { recursive: true })
    }
  }, 60_000)
})

const integrityOf = (file: string): unknown => {
  const db = new Database(file)
  const row = db.prepare('PRAGMA integrity_check').raw().all()[0]
  db.close()
  return Array.isArray(row) ? row[0] : row
}

/** In the end: every value of every row, and tiers that are the rows folded. */
const expectAllRight = async (folder: string, now: number) => {
  const clock = { now: () => instant(now + 3_600_000), monotonic: () => 0 }
  const store = openEmbedded({ folder, clock })
  await store.rollUp()
  const all = question({ measurements: ['cpu', 'cpu_core'], tags: { host: HOST_OF_KILLED } })
  const raw = await store.read(all)
  const at = raw[0]?.at ?? []
  const points = Array.from(at).flatMap(pointsAt)
  const perSample = pointsAt(START).length
  expect(raw.map((one) => one.at.length)).toEqual(Array(perSample).fill(at.length))
  for (const { tags, fields } of raw)
    for (const [field, { value }] of Object.entries(fields))
      expect([tags, field, [...value]]).toEqual([
        tags,
        field,
        points.filter((one) => one.tags['core'] === tags['core']).map((one) => one.fields[field]),
      ])
  for (const tier of ROLLUP_TIERS)
    expectWindows(
      await store.read({ ...all, tier, beside: ['min', 'max', 'n'] }),
      expectedWindows(points, tier),
    )
  const sealed = new Database(join(folder, 'series.db'))
  const chunks = sealed.prepare('SELECT count(*) FROM chunk').raw().all()[0]
  sealed.close()
  // Else the kills came before any seal, and the test shows nothing.
  expect(Array.isArray(chunks) ? chunks[0] : 0).toBeGreaterThan(0)
  await store.close()
}
