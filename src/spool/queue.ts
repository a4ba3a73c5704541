import { AppError } from '../app-error.ts'
import type { Instant } from '../points/instant.ts'
import { readCursor, writeCursor, type Position } from './cursor.ts'
import type { Disk } from './disk.ts'
import { decodeEntry, encodeEntry, type Entry } from './entry.ts'
import { encodeRecord, scanRecords } from './record.ts'
import { openSegments, segmentName } from './segments.ts'

/** One accepted entry that the server has not taken yet. */
type Pending = Omit<Entry, 'text'> & {
  readonly serial: number
  readonly segment: number
  readonly offset: number
  readonly bytes: number
  /** Kept while there is room in memory; else it is read back from the disk. */
  text: Buffer | undefined
}

/** Entries in the order of their acceptance, from the cursor on. */
export type Batch = {
  readonly entries: readonly Entry[]
  readonly lines: number
  /** How far `advance` moves when the server has taken it. */
  readonly count: number
  /** The serial of its last entry. */
  readonly through: number
}

export type QueueFigures = {
  readonly entries: number
  readonly lines: number
  readonly bytes: number
  readonly oldestAcceptedAt: Instant | null
  /** Stretches that were no records: the disk, or somebody, changed them. */
  readonly damaged: number
  /** Torn ends of segments, as a power loss leaves them; nothing accepted is in one. */
  readonly torn: number
}

/**
 * A durable first-in-first-out queue: append-only segments, a cursor behind what the server has taken. An
 * entry is accepted when `append` resolves: it is on the disk then. Entries are only ever repeated, never
 * skipped or swapped, so that the last write of a point stays the last.
 */
export type Queue = {
  /**
   * Resolves with the entry's serial, which only grows. Rejects with `too-many` when the queue is full,
   * `unavailable` when the disk does not take it.
   */
  append(entry: Entry): Promise<number>
  /** The next entries: at least one, then up to `maxLines` lines; null: all is sent. */
  next(maxLines: number): Promise<Batch | null>
  /** Moves behind the first `count` entries; `dirtyHours` are those that they made dirty. Saved with `save`. */
  advance(count: number, dirtyHours: readonly number[]): void
  /** Writes the cursor; cheap when nothing has moved. */
  save(): Promise<void>
  /** The dirty hours, ascending, each with a number that changes when it is made dirty again. */
  dirtyHours(): ReadonlyMap<number, number>
  /** Forgets a dirty hour unless it was made dirty again since it was told with this number. */
  clean(hour: number, told: number): void
  figures(): QueueFigures
  close(): Promise<void>
}

export type QueueOptions = {
  readonly disk: Disk
  readonly folder: string
  /** All segments together; beyond, `append` refuses. */
  readonly maxBytes: number
  readonly segmentBytes?: number
  /** Texts of unsent entries that are kept in memory. */
  readonly memoryBytes?: number
}

export const openQueue = async (options: QueueOptions): Promise<Queue> => {
  const { disk, folder, maxBytes, memoryBytes = 8 << 20 } = options
  await disk.makeFolder(folder)
  const cursor = await readCursor(disk, folder)
  let position: Position = cursor.position
  const dirty = new Map<number, number>(cursor.dirtyHours.map((hour) => [hour, 0]))
  let marks = 0
  let moved = false
  let kept = 0
  let unsentLines = 0
  let unsentBytes = 0
  let serials = 0
  let damaged = 0

  const segments = await openSegments({
    disk,
    folder,
    from: position,
    segmentBytes: options.segmentBytes ?? 16 << 20,
  })
  const pending: Pending[] = []
  const admit = (found: { segment: number; offset: number; bytes: number }, entry: Entry) => {
    const { text, ...rest } = entry
    const keep = kept + text.length <= memoryBytes
    if (keep) kept += text.length
    serials += 1
    unsentLines += entry.lines
    unsentBytes += found.bytes
    pending.push({ ...rest, ...found, serial: serials, text: keep ? text : undefined })
    return serials
  }
  for await (const { record, segment } of segments.unsent()) {
    const entry = decodeEntry(record.body)
    if (entry === undefined) damaged += 1
    // a copy: the body is a view of the whole segment, which must not stay in memory
    else
      admit(
        { segment, offset: record.offset, bytes: record.bytes },
        { ...entry, text: Buffer.from(entry.text) },
      )
  }

  type Waiting = {
    entry: Entry
    record: Buffer
    done: (serial: number) => void
    failed: (error: unknown) => void
  }
  let waiting: Waiting[] = []
  let writing: Promise<void> | undefined

  // entries that come while the disk is busy share the next write and its sync
  const writeWaiting = async () => {
    while (waiting.length > 0) {
      const group = waiting
      waiting = []
      try {
        const places = await segments.append(group.map(({ record }) => record))
        group.forEach(({ entry, done }, index) => {
          const place = places[index]
          if (place !== undefined) done(admit(place, entry))
        })
      } catch (cause) {
        const refusal = new AppError({
          code: 'unavailable',
          detail: `The spool in ${folder} cannot be written: ${cause instanceof Error ? cause.message : 'unknown'}. Free space on its disk or mend it.`,
          retryAfterSeconds: 10,
          cause,
        })
        for (const { failed } of group) failed(refusal)
      }
    }
    writing = undefined
  }

  const textOf = async (one: Pending): Promise<Buffer | undefined> => {
    if (one.text !== undefined) return one.text
    const bytes = await disk.read(folder, segmentName(one.segment), one.offset, one.bytes)
    const record = scanRecords(bytes).records[0]
    const text = record === undefined ? undefined : decodeEntry(record.body)?.text
    if (text === undefined) damaged += 1
    return text
  }

  return {
    append: (entry) => {
      const record = encodeRecord(encodeEntry(entry))
      const queued = waiting.reduce((sum, one) => sum + one.record.length, 0)
      if (segments.bytes() + queued + record.length > maxBytes)
        return Promise.reject(
          new AppError({
            code: 'too-many',
            detail: `The spool is full (${Math.round(maxBytes / 1e6)} MB): InfluxDB has not taken points for too long. Points are refused until it does.`,
            retryAfterSeconds: 30,
          }),
        )
      return new Promise((done, failed) => {
        waiting.push({ entry, record, done, failed })
        writing ??= writeWaiting()
      })
    },
    next: async (maxLines) => {
      const entries: Entry[] = []
      let taken = 0
      let count = 0
      let through = 0
      for (const one of pending) {
        if (count > 0 && taken + one.lines > maxLines) break
        count += 1
        through = one.serial
        const text = await textOf(one)
        if (text === undefined) continue
        taken += one.lines
        entries.push({ ...one, text })
      }
      return count === 0 ? null : { entries, lines: taken, count, through }
    },
    advance: (count, dirtyHours) => {
      for (const one of pending.splice(0, count)) {
        kept -= one.text?.length ?? 0
        unsentLines -= one.lines
        unsentBytes -= one.bytes
        position = { segment: one.segment, offset: one.offset + one.bytes }
        moved = true
      }
      for (const hour of dirtyHours) {
        dirty.set(hour, ++marks)
        moved = true
      }
    },
    save: async () => {
      if (!moved) return
      moved = false
      try {
        await writeCursor(disk, folder, { position, dirtyHours: [...dirty.keys()] })
      } catch (error) {
        moved = true
        throw error
      }
      await segments.removeBefore(position)
    },
    dirtyHours: () => new Map([...dirty].toSorted(([a], [b]) => a - b)),
    clean: (hour, told) => {
      if (dirty.get(hour) !== told) return
      dirty.delete(hour)
      moved = true
    },
    figures: () => ({
      entries: pending.length,
      lines: unsentLines,
      bytes: unsentBytes,
      oldestAcceptedAt: pending[0]?.acceptedAt ?? null,
      damaged: damaged + segments.damaged,
      torn: segments.torn,
    }),
    close: async () => {
      await writing
      await segments.close()
    },
  }
}
