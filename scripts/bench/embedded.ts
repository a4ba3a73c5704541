import { closeSync, fdatasyncSync, openSync, statSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { DAY, HOUR, instant, MINUTE } from '../../src/points/instant.ts'
import { openSql, numberAt, type Sql } from '../../src/store/embedded/database.ts'
import { createPace } from '../../src/store/embedded/pace.ts'
import { quantile, type BenchRow } from './bench.ts'
import { BEGIN, openFastHost, STEP_MS } from './fast-host.ts'
import { recordedHour } from './recorded-hour.ts'
import { LARGE, SMALL, syntheticHost, type HostShape } from './synthetic-host.ts'

const cpuMs = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1_000
}

const ms = (value: number): string => `${value.toFixed(2)} ms`

/** One sample in one durable transaction against a bare append of the bytes that it puts into the journal. */
const benchCommit = async (): Promise<BenchRow[]> => {
  const live = openFastHost(syntheticHost(SMALL, 'bench'))
  const file = openSync(join(live.folder, 'bare'), 'w')
  const journal = join(live.folder, 'series.db-wal')
  const [commits, bares]: [number[], number[]] = [[], []]
  let cpu = 0
  const warmUp = 200
  const rounds = 1_500
  let bytes = 16_384
  try {
    let grown = 0
    let grewIn = 0
    for (let round = -warmUp; round < rounds; round++) {
      const before = statSync(journal, { throwIfNoEntry: false })?.size ?? 0
      const cpuBefore = cpuMs()
      const began = performance.now()
      await live.sample()
      const took = performance.now() - began
      const cpuTook = cpuMs() - cpuBefore
      const after = statSync(journal).size
      // The journal is begun anew now and then, and then does not grow.
      if (round < 0 && after > before) {
        grown += after - before
        grewIn += 1
      }
      if (round === -1) bytes = Math.round(grown / Math.max(1, grewIn))
      const block = Buffer.alloc(bytes, 7)
      const bareBegan = performance.now()
      writeSync(file, block)
      fdatasyncSync(file)
      const bareTook = performance.now() - bareBegan
      if (round >= 0) {
        commits.push(took)
        bares.push(bareTook)
        cpu += cpuTook
      }
    }
  } finally {
    closeSync(file)
    await live.close()
  }
  const [median, bare] = [quantile(commits, 0.5), quantile(bares, 0.5)]
  const what = '8 cores, 23 rows, 141 values'
  return [
    {
      figure: 'one sample committed durably',
      measured: `${(median / bare).toFixed(2)}x (${ms(median)} against ${ms(bare)}, p95 ${ms(quantile(commits, 0.95))})`,
      target: '<= 2x of write + fdatasync',
      ok: median <= 2 * bare,
      method: `Medians of ${rounds} samples (${what}; making the points included), each followed by a write and fdatasync of ${bytes} bytes, which is what a commit adds to the journal, in the same folder.`,
    },
    {
      figure: 'CPU of one durable commit',
      measured: `${ms(cpu / rounds)} CPU`,
      target: '<= 0.5 ms CPU',
      ok: cpu / rounds <= 0.5,
      method: `CPU of the whole process over ${rounds} samples (${what}; making the points and checkpoints included).`,
    },
  ]
}

const chunkBytes = (sql: Sql, tiers: readonly number[]): number => {
  const row = sql.first(
    `SELECT sum(length(main) + coalesce(length(spread), 0)) FROM chunk WHERE tier IN (${tiers.join()})`,
  )
  return row === undefined ? Number.NaN : numberAt(row, 0)
}

const sealedRows = (
  what: string,
  method: string,
  { raw, rolled }: { readonly raw: number; readonly rolled: number },
): readonly BenchRow[] => [
  {
    figure: `sealed raw, ${what}`,
    measured: `${raw.toFixed(2)} bytes`,
    target: '<= 1.3 bytes per field value',
    ok: raw <= 1.3,
    method: `${method}; chunks without the pages around them.`,
  },
  {
    figure: `sealed rollups, ${what}`,
    measured: `${rolled.toFixed(2)} bytes`,
    target: '<= 3.5 bytes per field value',
    ok: rolled <= 3.5,
    method: `${method}; a field value of a rollup is its mean, min, max and count; 1m, 5m and 1h together.`,
  },
]

/** What an hour of a real machine takes on the disk: short chunks, in which headers weigh the most. */
const benchRecorded = async (): Promise<readonly BenchRow[]> => {
  const live = openFastHost(recordedHour('bench'))
  try {
    const samples = HOUR / STEP_MS
    let values = 0
    for (let i = 0; i < samples; i++) {
      values += await live.sample()
      await live.store.maintain()
    }
    live.pass(MINUTE)
    await live.store.maintain()
    await live.store.seal()
    const sql = openSql(join(live.folder, 'series.db'))
    const windows = HOUR / MINUTE + HOUR / (5 * MINUTE) + 1
    const bytes = {
      raw: chunkBytes(sql, [0]) / values,
      rolled: chunkBytes(sql, [1, 2, 3]) / ((windows * values) / samples),
    }
    sql.close()
    return sealedRows(
      'a recorded hour',
      `An hour of a real 2-core machine (recorded-hour.json.gz, ${Math.round(values / samples)} values a sample) replayed in fast motion and sealed, so that the chunks of the tiers have 60, 12 and 1 rows`,
      bytes,
    )
  } finally {
    await live.close()
  }
}

/** What the machine itself makes of a step: a loop of 2 ms and a page that is synced, given way to as maintenance does. */
const bareStretches = async (folder: string, count: number): Promise<readonly number[]> => {
  const stretches: number[] = []
  const pace = createPace({ stretchMs: 2, onStretch: (length) => stretches.push(length) })
  const page = Buffer.alloc(4_096, 7)
  const file = openSync(join(folder, 'bare'), 'w')
  try {
    while (stretches.length < count) {
      if (!pace.due()) continue
      writeSync(file, page)
      fdatasyncSync(file)
      await pace.rest()
    }
  } finally {
    closeSync(file)
  }
  return stretches
}

const stepRow = (
  what: string,
  stretches: readonly number[],
  bare: readonly number[],
  method: string,
): BenchRow => {
  const [p99, bareP99] = [quantile(stretches, 0.99), quantile(bare, 0.99)]
  return {
    figure: `longest step of maintenance, ${what}`,
    measured: `p99 ${ms(p99)}, longest ${ms(quantile(stretches, 1))} (the bare step: p99 ${ms(bareP99)}, longest ${ms(quantile(bare, 1))})`,
    target: 'p99 <= 6 ms, on a busy machine half more than the bare step',
    ok: p99 <= Math.max(6, bareP99 * 1.5),
    method: `${method}; ${stretches.length} stretches between two yields to the event loop, each of which ended because 2 ms were over (shorter work is not counted), by the wall clock, and after each hour as many bare steps: a loop of 2 ms, and a page that is written and synced.`,
  }
}

/** Live days in fast motion: what maintenance costs, and what stays on the disk. */
const benchDays = async (shape: HostShape, days: number): Promise<BenchRow[]> => {
  const live = openFastHost(syntheticHost(shape, 'bench'))
  const what = `${shape.cores} cores, ${shape.disks} disks, ${shape.interfaces} interfaces, ${shape.mounts} mounts`
  const samples = (days * DAY) / STEP_MS
  try {
    let values = 0
    let maintainCpu = 0
    let worstHour = 0
    let hourCpu = 0
    const bare: number[] = []
    for (let i = 1; i <= samples; i++) {
      values += await live.sample()
      const before = cpuMs()
      await live.store.maintain()
      const took = cpuMs() - before
      maintainCpu += took
      hourCpu += took
      if ((i * STEP_MS) % HOUR !== 0) continue
      bare.push(...(await bareStretches(live.folder, live.stretches.length - bare.length)))
      worstHour = Math.max(worstHour, hourCpu)
      hourCpu = 0
    }
    const minutes = (samples * STEP_MS) / MINUTE
    const stretches = [...live.stretches]
    await live.store.seal()
    const sql = openSql(join(live.folder, 'series.db'))
    const perValue = values / samples
    const windows = minutes + minutes / 5 + minutes / 60
    const bytes = {
      raw: chunkBytes(sql, [0]) / values,
      rolled: chunkBytes(sql, [1, 2, 3]) / (windows * perValue),
    }
    sql.close()
    const upkeep = ms(maintainCpu / minutes)
    const method = `${days * 24} hours of a made-up host (${what}, ${Math.round(perValue)} values a sample) in fast motion, rollups, sealing and healing as they fall due`
    return [
      ...sealedRows(what, method, bytes),
      // The figure is for a usual host; a large one has four times the values, and it is only said what it takes.
      ...(shape === SMALL
        ? [
            {
              figure: `rollups and sealing, ${what}`,
              measured: `${upkeep} CPU (worst hour ${ms(worstHour / 60)})`,
              target: '<= 10 ms CPU a minute',
              ok: maintainCpu / minutes <= 10,
              method: `${method}; CPU of the process in maintain().`,
            },
          ]
        : []),
      stepRow(what, stretches, bare, method),
    ]
  } finally {
    await live.close()
  }
}

/** Batches as an agent or a script pushes them: many series, one instant after the other. */
const benchPush = async (): Promise<BenchRow[]> => {
  const live = openFastHost(syntheticHost(SMALL, 'bench'))
  const batches = 60
  const lines = 5_000
  const took: number[] = []
  try {
    const began = performance.now()
    for (let batch = 0; batch < batches; batch++) {
      const at = (i: number) => instant(BEGIN + batch * 10_000 + Math.floor(i / 500) * 1_000)
      const points = Array.from({ length: lines }, (_, i) => ({
        measurement: 'sensor',
        tags: { room: String(i % 500) },
        fields: { celsius: 20 + (i % 70) / 10, humidity: (i * 7) % 100 },
        at: at(i),
      }))
      const start = performance.now()
      await live.store.write('pushed', points)
      took.push(performance.now() - start)
      await live.store.maintain()
    }
    const perSecond = (batches * lines * 1_000) / (performance.now() - began)
    return [
      {
        figure: 'pushed points',
        measured: `${Math.round(perSecond / 1_000)} k/s, a batch p50 ${ms(quantile(took, 0.5))}, p95 ${ms(quantile(took, 0.95))}`,
        target: '>= 20 k/s',
        ok: perSecond >= 20_000,
        method: `${batches} batches of ${lines} points with 2 fields in 500 series, one durable transaction each, sealing included.`,
      },
    ]
  } finally {
    await live.close()
  }
}

export const benchEmbedded = async (): Promise<BenchRow[]> => [
  ...(await benchCommit()),
  ...(await benchRecorded()),
  ...(await benchDays(SMALL, 2)),
  ...(await benchDays(LARGE, 0.5)),
  ...(await benchPush()),
]
