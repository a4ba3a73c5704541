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

/** When a writer is killed: after so many samples, counted from where its chunks have become more, or from its start. */
type Kill = { readonly sealed: boolean; readonly samples: number }

/** Half of the rounds get as far as a seal, the others end in the first minutes; at another place each time. */
const killOf = (round: number): Kill => ({
  sealed: round % 2 === 1,
  samples: 1 + ((round * 37) % 11) * 60,
})

/** Kills the writer; resolves with the instants that it said were written, and the last count of chunks it told. */
const writeAndKill = async (script: string, folder: string, from: number, kill: Kill) => {
  const child = spawn(process.execPath, [script, folder, String(from)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const told: number[] = []
  let chunks = 0
  let left = kill.samples
  let counting = !kill.sealed
  let first: number | undefined
  const lines = createInterface({ input: child.stdout })
  lines.on('line', (line) => {
    const [what, value] = line.split(' ')
    if (what === 'chunks') {
      chunks = Number(value)
      first ??= chunks
      counting ||= chunks > first
      return
    }
    told.push(Number(value))
    if (counting && --left === 0) child.kill('SIGKILL')
  })
  const [, signal] = (await once(child, 'close')) as [unknown, unknown]
  expect(signal).toBe('SIGKILL')
  return { told, chunks }
}

describe('kill -9 while samples are written, rolled up and sealed', () => {
  it(`loses nothing that was acknowledged, in ${ROUNDS} rounds`, async () => {
    const folder = temporaryFolder()
    const data = join(folder, 'data')
    try {
      const script = await bundle(folder)
      let now: number = START
      let told: number[] = []
      let chunks = 0
      for (let round = 0; round < ROUNDS; round++) {
        const { told: fresh, chunks: seen } = await writeAndKill(script, data, now, killOf(round))
        told = [...told, ...fresh]
        chunks = Math.max(chunks, seen)
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
      await expectAllRight(data, now, chunks)
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
const expectAllRight = async (folder: string, now: number, told: number) => {
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
  const [chunks] = sealed.prepare('SELECT count(*) FROM chunk').raw().all()[0] as [number]
  sealed.close()
  // Each of the rounds that got so far has sealed an hour of raw rows at least: a chunk a series.
  const leastSealed =
    Array.from({ length: ROUNDS }, (_, round) => killOf(round).sealed).filter(Boolean).length *
    perSample
  expect(told).toBeGreaterThanOrEqual(leastSealed)
  expect(chunks).toBeGreaterThanOrEqual(told)
  await store.close()
}
