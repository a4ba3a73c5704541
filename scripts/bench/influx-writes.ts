import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../../src/points/clock.ts'
import { instant, SECOND, windowStart } from '../../src/points/instant.ts'
import { createLineWriter } from '../../src/points/line-protocol.ts'
import type { Point } from '../../src/points/point.ts'
import { bucketName } from '../../src/store/influx/buckets.ts'
import type { SeriesStore } from '../../src/store/store.ts'
import type { BenchRow } from './bench.ts'
import { openInfluxLab, PREFIX, type InfluxLab } from './influx-lab.ts'
import { SMALL, syntheticHost } from './synthetic-host.ts'

const LINES_A_REQUEST = 5_000
const ROUNDS = 3
/** Of each side in each round. */
const REQUESTS = 40
/** Collectors and pushers that write at once. */
const WRITERS = 4
const LEAST_SHARE = 0.7
const LEAST_POINTS_A_SECOND = 20_000

/** Points through spool and sender, against the same lines sent by a bare loop. */
export const benchInfluxWrites = async (): Promise<BenchRow[]> => {
  const lab = await openInfluxLab(['--no-tasks'])
  const folder = mkdtempSync(join(tmpdir(), 'bench-spool-'))
  try {
    const store = await lab.open(folder)
    const rounds: { bare: number; ours: number }[] = []
    for (let round = 0; round < ROUNDS; round++) {
      // in turn: what the machine does besides meets both
      const bare = await bareLoop(lab, batches(`bare-${round}`))
      const ours = await throughStore(store, batches(`ours-${round}`))
      rounds.push({ bare, ours })
    }
    const { sent, dropped, quarantined } = store.figures().spool ?? {}
    await store.close()
    const best = (side: 'bare' | 'ours') => Math.max(...rounds.map((round) => round[side]))
    const [bare, ours] = [best('bare'), best('ours')]
    return [
      {
        figure: 'influx: lines through spool and sender',
        measured: `${Math.round(ours)} lines/s, ${((ours / bare) * 100).toFixed(0)} % of the bare ${Math.round(bare)} lines/s; ${sent} sent, ${dropped} dropped, ${quarantined} quarantined`,
        target: `>= ${LEAST_SHARE * 100} % of the bare loop, >= ${LEAST_POINTS_A_SECOND} points/s`,
        ok: ours / bare >= LEAST_SHARE && ours >= LEAST_POINTS_A_SECOND,
        method: `The best of ${ROUNDS} rounds on each side, in turn. Ours: ${REQUESTS * LINES_A_REQUEST} points of a made-up host (6 fields each on average), written as objects in batches of ${LINES_A_REQUEST} by ${WRITERS} writers at once: line protocol, checksum, fsync and the request included, until InfluxDB has all. Bare: the same lines, made before, in one request of ${LINES_A_REQUEST} after the other over a kept connection.`,
      },
    ]
  } finally {
    rmSync(folder, { recursive: true, force: true })
    await lab.end()
  }
}

const batches = (host: string): readonly (readonly Point[])[] => {
  const sample = syntheticHost(SMALL, host)
  const all: Point[] = []
  let at = windowStart(systemClock.now(), SECOND)
  while (all.length < REQUESTS * LINES_A_REQUEST) {
    all.push(...sample(at))
    at = instant(at - 5 * SECOND)
  }
  return Array.from({ length: REQUESTS }, (_, i) =>
    all.slice(i * LINES_A_REQUEST, (i + 1) * LINES_A_REQUEST),
  )
}

const linesASecond = async (work: () => Promise<void>): Promise<number> => {
  const began = performance.now()
  await work()
  return (REQUESTS * LINES_A_REQUEST * SECOND) / (performance.now() - began)
}

const bareLoop = (lab: InfluxLab, all: readonly (readonly Point[])[]): Promise<number> => {
  const toLine = createLineWriter()
  const bodies = all.map((points) => Buffer.from(points.map((one) => toLine(one)).join('\n')))
  const bucket = bucketName(PREFIX, { dataset: 'metrics', tier: 'raw' })
  return linesASecond(async () => {
    for (const body of bodies) await lab.write(bucket, body)
  })
}

const throughStore = (store: SeriesStore, all: readonly (readonly Point[])[]): Promise<number> =>
  linesASecond(async () => {
    const left = [...all]
    const writer = async () => {
      for (let batch = left.shift(); batch !== undefined; batch = left.shift())
        await store.write('metrics', batch)
    }
    await Promise.all(Array.from({ length: WRITERS }, writer))
    while ((store.figures().spool?.lines ?? 0) > 0)
      await new Promise((resolve) => setTimeout(resolve, 1))
  })
