import { join } from 'node:path'
import { DATASETS, type Dataset } from '../../catalog/datasets.ts'
import type { RecordDataset } from '../../catalog/records.ts'
import type { Clock } from '../../points/clock.ts'
import { instant, type Instant } from '../../points/instant.ts'
import { createLineWriter } from '../../points/line-protocol.ts'
import type { Point } from '../../points/point.ts'
import type { StoredRecord } from '../../points/record.ts'
import type { Disk } from '../../spool/disk.ts'
import { joinLines, type Entry } from '../../spool/entry.ts'
import type { Quarantine } from '../../spool/quarantine.ts'
import { openQueue, type Queue } from '../../spool/queue.ts'
import { startSender, type Sender, type Verdict } from '../../spool/sender.ts'
import { validate } from '../validate.ts'
import type { SpoolFigures } from '../store.ts'
import { unavailable } from './failures.ts'
import { storable } from './names.ts'
import { createRecordLines } from './records/lines.ts'

export type Intake = {
  /** Resolves when the points are on the disk and, while InfluxDB takes them, with InfluxDB. */
  write(dataset: Dataset, points: readonly Point[]): Promise<void>
  /** As `write`, for records. */
  append(dataset: RecordDataset, records: readonly StoredRecord[]): Promise<void>
  /** Whether all that was accepted so far is with InfluxDB, waited for at most so long. */
  flushed(waitMs: number): Promise<boolean>
  /** The hours of a dataset that points came into too late. */
  dirt(dataset: Dataset): Pick<Queue, 'dirtyHours' | 'clean'>
  /** Tries again now: what kept it from sending may be mended. */
  wake(): void
  /** Why nothing gets through, per dataset. */
  problems(): readonly string[]
  written(): number
  refused(): number
  figures(): SpoolFigures
  stop(): Promise<void>
}

/** A point or a record. */
export type Row = Pick<Point, 'tags' | 'at'>

export type IntakeOptions = {
  readonly disk: Disk
  readonly clock: Clock
  /** The folder of the queues. */
  readonly folder: string
  readonly maxBytes: number
  readonly deliver: (dataset: Dataset) => (body: Buffer) => Promise<Verdict>
  readonly quarantine: Quarantine
  readonly random: () => number
  /** Points before this come too late for the tasks. */
  readonly lateBefore: () => number
  readonly onAccepted: (dataset: Dataset, rows: readonly Row[]) => void
}

/** How long a write waits for InfluxDB: then it is safe, and readable a little later. */
const TAKEN_WITHIN_MS = 1_000
/** A server that is back should not wait long for what it has missed. */
const MOST_BACKOFF_MS = 5_000

type Lane = { readonly queue: Queue; readonly sender: Sender; last: number }

/** A queue for each dataset, so that a bucket that is gone stops no other. */
export const openIntake = async (options: IntakeOptions): Promise<Intake> => {
  const { disk, clock, quarantine } = options
  const toLine = createLineWriter()
  const toRecordLine = createRecordLines()
  const lanes = new Map<Dataset, Lane>()
  let written = 0
  let refused = 0
  for (const dataset of DATASETS) {
    const queue = await openQueue({
      disk,
      folder: join(options.folder, dataset),
      maxBytes: options.maxBytes,
    })
    const sender = startSender({
      queue,
      deliver: options.deliver(dataset),
      quarantine: (line, why) => quarantine.keep(dataset, line, why),
      onDropped: (dropped, why) => quarantine.note(dataset, `${dropped} dropped: ${why}`),
      clock,
      wait,
      random: options.random,
      lateBefore: options.lateBefore,
      mostBackoffMs: MOST_BACKOFF_MS,
    })
    lanes.set(dataset, { queue, sender, last: 0 })
    sender.wake()
  }

  const laneOf = (dataset: Dataset): Lane => {
    const lane = lanes.get(dataset)
    if (lane === undefined) throw unavailable('The spool is closed.')
    return lane
  }
  const all = () => [...lanes.values()]
  const sum = (of: (lane: Lane) => number) => all().reduce((total, lane) => total + of(lane), 0)

  const take = async (dataset: Dataset, rows: readonly Row[], entryOf: () => Entry | undefined) => {
    const lane = laneOf(dataset)
    try {
      const entry = entryOf()
      if (entry === undefined) return
      const serial = await lane.queue.append(entry)
      lane.last = Math.max(lane.last, serial)
      written += rows.length
      options.onAccepted(dataset, rows)
      lane.sender.ahead(entry, serial)
      lane.sender.wake()
      if (lane.sender.figures().problem === null) await lane.sender.taken(serial, TAKEN_WITHIN_MS)
    } catch (error) {
      refused += rows.length
      throw error
    }
  }

  return {
    write: (dataset, points) =>
      take(dataset, points, () => {
        validate(dataset, points)
        return entryOf(
          points,
          points.map((point) => toLine(storable(point))),
          clock,
        )
      }),
    append: (dataset, records) =>
      take(dataset, records, () => entryOf(records, records.map(toRecordLine), clock)),
    flushed: async (waitMs) => {
      const taken = await Promise.all(all().map(({ sender, last }) => sender.taken(last, waitMs)))
      return taken.every(Boolean)
    },
    dirt: (dataset) => laneOf(dataset).queue,
    wake: () => {
      for (const { sender } of all()) sender.wake()
    },
    problems: () => all().flatMap(({ sender }) => sender.figures().problem ?? []),
    written: () => written,
    refused: () => refused,
    figures: () => {
      const now = clock.now()
      const oldest = all().map(({ queue }) => queue.figures().oldestAcceptedAt ?? now)
      return {
        lines: sum(({ queue }) => queue.figures().lines),
        bytes: sum(({ queue }) => queue.figures().bytes),
        ageSeconds: Math.max(0, now - Math.min(...oldest)) / 1_000,
        sent: sum(({ sender }) => sender.figures().linesSent),
        retries: sum(({ sender }) => sender.figures().retries),
        dropped: sum(({ sender }) => sender.figures().linesDropped),
        quarantined: sum(({ sender }) => sender.figures().linesQuarantined),
        damaged: sum(({ queue }) => queue.figures().damaged),
      }
    },
    stop: async () => {
      for (const { sender, queue } of all()) {
        await sender.stop()
        await queue.close()
      }
      lanes.clear()
    },
  }
}

/** Rows as one entry: all of them are accepted or none is. Undefined: there is nothing to write. */
const entryOf = (
  rows: readonly { readonly at: Instant }[],
  made: readonly (string | null)[],
  clock: Clock,
): Entry | undefined => {
  const lines: string[] = []
  let oldest = Infinity
  let newest = -Infinity
  for (const [place, { at }] of rows.entries()) {
    const line = made[place]
    if (line === null || line === undefined) continue
    lines.push(line)
    oldest = Math.min(oldest, at)
    newest = Math.max(newest, at)
  }
  if (lines.length === 0) return undefined
  return {
    acceptedAt: clock.now(),
    oldest: instant(oldest),
    newest: instant(newest),
    lines: lines.length,
    text: joinLines(lines),
  }
}

/** Resolves after `ms`, or at once when `signal` aborts. */
const wait = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const done = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', done)
  })
