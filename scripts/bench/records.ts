import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LOG_LEVELS } from '../../src/catalog/records.ts'
import { DAY, instant } from '../../src/points/instant.ts'
import type { NewRecord } from '../../src/points/record.ts'
import { openEmbedded, type EmbeddedStore } from '../../src/store/embedded/open-embedded.ts'
import { createRandom } from '../../src/testing/random.ts'
import { quantile, type BenchRow } from './bench.ts'

const MILLION = 1_000_000
const BEGIN = Date.UTC(2025, 0, 14)

const ms = (value: number): string => `${value.toFixed(1)} ms`
const cpuMs = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1_000
}

const withStore = async (
  work: (store: EmbeddedStore, stretches: number[]) => Promise<readonly BenchRow[]>,
): Promise<readonly BenchRow[]> => {
  const folder = mkdtempSync(join(tmpdir(), 'perfwatch-bench-'))
  const stretches: number[] = []
  const store = openEmbedded({
    folder,
    clock: { now: () => instant(BEGIN + 8 * DAY), monotonic: () => performance.now() },
    pace: { onStretch: (length) => stretches.push(length) },
  })
  try {
    return await work(store, stretches)
  } finally {
    await store.close()
    rmSync(folder, { recursive: true })
  }
}

const event = (at: number, duration: number, metric = 'load'): NewRecord => ({
  measurement: 'event_duration',
  tags: { project: 'shop', metric },
  at: instant(at),
  fields: { duration_ms: duration },
})

const WORDS =
  'request connection timeout user session cache database query failed started finished worker job retry upload download payment order invoice mail queue socket stream index buffer'.split(
    ' ',
  )

/** Lines of about 80 characters with an id of their own; one of 200,000 has a needle in it. */
const lines = (seed: number, users: number) => {
  const { next: random } = createRandom(seed)
  const word = () => WORDS[Math.floor(random() * WORDS.length)]
  return (index: number, at: number): NewRecord => {
    const [level = 'info'] = [LOG_LEVELS[Math.min(4, Math.floor(random() ** 5 * 5))]]
    const id = Math.floor(random() * 2 ** 32).toString(16)
    const common = index % 10 === 0 ? ' Connection reset by peer' : ''
    const rare = index % 200_000 === 199_999 ? ' Needle' : ''
    return {
      measurement: 'log',
      tags: { user: `user${index % users}`, level },
      at: instant(at),
      seq: index % MILLION,
      fields: {
        msg: `${word()} ${word()} id=${id} took ${Math.floor(random() * 5_000)} ms ${word()} ${word()}${common}${rare}`,
        p_name: 'worker',
        pid: 4_242,
        event_at: at,
        received_at: at + 1,
      },
    }
  }
}

/** Callers that each wait for an answer before they append again. */
const benchAppends = () =>
  withStore(async (store) => {
    const measure = async (callers: number, forMs: number, one: (i: number) => Promise<void>) => {
      const took: number[] = []
      const began = performance.now()
      let next = 0
      await Promise.all(
        Array.from({ length: callers }, async () => {
          while (performance.now() - began < forMs) {
            const start = performance.now()
            await one(next++)
            took.push(performance.now() - start)
          }
        }),
      )
      return { perSecond: (took.length * 1_000) / (performance.now() - began), took }
    }
    const single = await measure(64, 5_000, (i) =>
      store.records.append('events', [event(BEGIN + i, (i % 997) / 8, `m${i % 20}`)]),
    )
    const line = lines(1, 10)
    const batch = await measure(8, 5_000, (i) =>
      store.records.append(
        'logs',
        Array.from({ length: 20 }, (_, k) => line(i * 20 + k, BEGIN + i * 1_000)),
      ),
    )
    const inBatches = batch.perSecond * 20
    return [
      {
        figure: 'single events, each durable',
        measured: `${Math.round(single.perSecond)}/s, p95 ${ms(quantile(single.took, 0.95))}`,
        target: '>= 2000/s, p95 <= 50 ms',
        ok: single.perSecond >= 2_000 && quantile(single.took, 0.95) <= 50,
        method:
          'Five seconds of 64 callers in the same process, each of which appends one event of one of 20 metrics and waits until it is on the disk.',
      },
      {
        figure: 'log lines in batches of 20, each batch durable',
        measured: `${Math.round(inBatches)}/s, p95 ${ms(quantile(batch.took, 0.95))}`,
        target: '>= 5000/s',
        ok: inBatches >= 5_000,
        method:
          'Five seconds of 8 callers; lines of about 80 characters, of 10 users and 5 levels, which bring their numbers.',
      },
    ]
  })

const benchLogs = () =>
  withStore(async (store, stretches) => {
    const line = lines(2, 20)
    const step = (7 * DAY) / MILLION
    const batch = 5_000
    const cpuBefore = cpuMs()
    for (let from = 0; from < MILLION; from += batch)
      await store.records.append(
        'logs',
        Array.from({ length: batch }, (_, i) => line(from + i, BEGIN + (from + i) * step)),
      )
    const appended = (cpuMs() - cpuBefore) * 1_000
    const plain = (await store.extent('logs', 'raw')).bytes
    stretches.length = 0
    const cpuIndex = cpuMs()
    await store.maintain()
    const indexed = (cpuMs() - cpuIndex) * 1_000
    const ofIndex = [...stretches]
    const { bytes } = await store.extent('logs', 'raw')
    const range = { from: instant(BEGIN), to: instant(BEGIN + 8 * DAY) }
    const search = async (text: string, levels: readonly string[] | undefined) => {
      const took: number[] = []
      let found = 0
      stretches.length = 0
      for (let round = 0; round < 30; round++) {
        const began = performance.now()
        const records = await store.records.find({
          dataset: 'logs',
          measurement: 'log',
          tags: {},
          ...(levels === undefined ? {} : { anyOf: { level: levels } }),
          contains: { field: 'msg', text },
          range,
          order: 'newest first',
          limit: 200,
        })
        found = records.length
        took.push(performance.now() - began)
      }
      return {
        p95: quantile(took, 0.95),
        p50: quantile(took, 0.5),
        found,
        worst: Math.max(0, ...stretches),
      }
    }
    const of = `1,000,000 lines of about 80 characters over 7 days, 20 users, 5 levels; 30 rounds`
    const row = async (
      figure: string,
      text: string,
      levels: readonly string[] | undefined,
      /** Null: only told, since no index helps. */
      most: number | null,
    ): Promise<BenchRow> => {
      const { p95, p50, found, worst } = await search(text, levels)
      return {
        figure,
        measured: `p50 ${ms(p50)}, p95 ${ms(p95)}, ${found} found, longest stretch ${ms(worst)}`,
        target: most === null ? 'told only' : `p95 <= ${most} ms`,
        ok: most === null || p95 <= most,
        method: `${of}; the stretch is between two yields to the event loop.`,
      }
    }
    return [
      await row(
        'newest 200 by level and common text',
        'CONNECTION RESET',
        ['warning', 'error', 'critical'],
        100,
      ),
      await row(
        'newest 200 by a rare level and common text',
        'connection reset',
        ['critical'],
        100,
      ),
      await row('rare text over 7 days', 'needle', undefined, 600),
      await row(
        'a text of frequent parts that no line has',
        'payment order invoice mail x',
        undefined,
        600,
      ),
      await row('two letters that no line has', 'q!', undefined, null),
      {
        figure: 'a log line on the disk',
        measured: `${Math.round(bytes / MILLION)} bytes (${Math.round(plain / MILLION)} before it is indexed)`,
        target: 'told only',
        ok: true,
        method: of,
      },
      {
        figure: 'indexing a log line',
        measured: `${(indexed / MILLION).toFixed(1)} us CPU after ${(appended / MILLION).toFixed(1)} us for appending; stretch p99 ${ms(quantile(ofIndex, 0.99))}, longest ${ms(quantile(ofIndex, 1))}`,
        target: 'stretch p99 <= 10 ms',
        ok: quantile(ofIndex, 0.99) <= 10,
        method: `All of them in one run of the maintenance, in ${ofIndex.length} stretches; appended in batches of 5,000, making them included.`,
      },
    ]
  })

const benchEvents = () =>
  withStore(async (store, stretches) => {
    const { next: random } = createRandom(3)
    for (let from = 0; from < MILLION; from += 5_000)
      await store.records.append(
        'events',
        Array.from({ length: 5_000 }, (_, i) =>
          event(BEGIN + (from + i) * 86.4, Math.round(random() * 1e6) / 1_000),
        ),
      )
    const { bytes } = await store.extent('events', 'raw')
    const took: number[] = []
    let [most, sum] = [0, 0]
    stretches.length = 0
    for (let round = 0; round < 5; round++) {
      globalThis.gc?.()
      const before = process.memoryUsage().rss
      const began = performance.now()
      let count = 0
      for await (const { value } of store.records.values(
        {
          dataset: 'events',
          measurement: 'event_duration',
          tags: { project: 'shop', metric: 'load' },
          range: { from: instant(BEGIN), to: instant(BEGIN + DAY) },
        },
        'duration_ms',
      )) {
        for (const one of value) sum += one
        count += value.length
        most = Math.max(most, process.memoryUsage.rss() - before)
      }
      took.push(performance.now() - began)
      if (count !== MILLION) throw new Error(`${count} values were read.`)
    }
    return [
      {
        figure: 'a million values of a day, read in order',
        measured: `${Math.round(quantile(took, 0.5))} ms, +${Math.round(most / 2 ** 20)} MB, longest stretch ${ms(Math.max(...stretches))}`,
        target: '<= 1000 ms, <= 100 MB',
        ok: quantile(took, 0.5) <= 1_000 && most <= 100 * 2 ** 20 && sum > 0,
        method: 'Median of 5 readings of 1,000,000 events of one metric in blocks, with their sum.',
      },
      {
        figure: 'an event on the disk',
        measured: `${Math.round(bytes / MILLION)} bytes`,
        target: 'told only',
        ok: true,
        method: '1,000,000 events of one metric.',
      },
    ]
  })

export const benchRecords = async (): Promise<BenchRow[]> => [
  ...(await benchAppends()),
  ...(await benchLogs()),
  ...(await benchEvents()),
]
