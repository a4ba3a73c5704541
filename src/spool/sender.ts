import { HOUR, MINUTE, windowStart } from '../points/instant.ts'
import type { Clock } from '../points/clock.ts'
import { bodyOf, splitLines, type Entry } from './entry.ts'
import type { Batch, Queue } from './queue.ts'

/** What became of one write request. */
export type Verdict =
  | { readonly kind: 'stored' }
  /** The good lines are in; the others never will be: counted and named, not sent again. */
  | { readonly kind: 'partly'; readonly dropped: number; readonly why: string }
  /** Nothing was written because of at least one bad line. */
  | { readonly kind: 'refused'; readonly why: string }
  | { readonly kind: 'too-large' }
  /** Keep and try again: the server is away, busy, or does not let us. */
  | { readonly kind: 'later'; readonly why: string; readonly afterMs?: number }

export type SenderFigures = {
  readonly linesSent: number
  readonly linesDropped: number
  readonly linesQuarantined: number
  readonly retries: number
  /** Why the last attempt did not get through; null: it did. */
  readonly problem: string | null
}

export type Sender = {
  /** There is something new: send it as soon as it is its turn. */
  wake(): void
  /** An entry that was accepted while a backlog is being sent goes ahead of it, so that live views stay live. */
  ahead(entry: Entry, serial: number): void
  /** Resolves with true when the server has the entry, false after `waitMs`. */
  taken(serial: number, waitMs: number): Promise<boolean>
  figures(): SenderFigures
  /** Ends after the request under way; what is unsent stays in the queue. */
  stop(): Promise<void>
}

export type SenderDeps = {
  readonly queue: Queue
  readonly deliver: (body: Buffer) => Promise<Verdict>
  readonly quarantine: (line: Buffer, why: string) => Promise<void>
  readonly clock: Clock
  /** Resolves after `ms`, or at once when `signal` aborts. */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>
  readonly random: () => number
  /** Waited for; that it fails holds nothing up, since the good lines are in. */
  readonly onDropped?: (dropped: number, why: string) => Promise<void>
  /**
   * Points before this come too late for what the server computes by itself: their hours become dirty. Without it
   * those older than four minutes do.
   */
  readonly lateBefore?: () => number
  readonly maxLines?: number
  /** So many unsent lines are a backlog that new entries go ahead of; fewer are sent in a moment. */
  readonly backlogLines?: number
  /** The longest wait between two tries. */
  readonly mostBackoffMs?: number
}

/** Younger points are inside the look-back of the next 1m task run; older ones make their hour dirty. */
export const LATE_MS = 4 * MINUTE
const FIRST_BACKOFF_MS = 500
const SAVE_EVERY_MS = 1_000

/**
 * Sends a queue in order. Order matters more than speed: were a backlog sent newest first, an old write of a
 * point could end up over a newer one. What goes ahead of a backlog is therefore sent again in its turn, which
 * changes nothing on the server.
 */
export const startSender = (deps: SenderDeps): Sender => {
  const { queue, deliver, clock, maxLines = 5_000, mostBackoffMs = 30_000 } = deps
  const { backlogLines = 20 * maxLines } = deps
  const lateBefore = deps.lateBefore ?? (() => clock.now() - LATE_MS)
  const stopping = new AbortController()
  const totals = { linesSent: 0, linesDropped: 0, linesQuarantined: 0, retries: 0 }
  const waiters = new Map<number, (() => void)[]>()
  let problem: string | null = null
  let takenThrough = 0
  let failures = 0
  let savedAt = clock.monotonic()
  let running: Promise<void> | undefined
  let again = false
  let aheadBusy = false

  const settle = (serial: number) => {
    for (const resolve of waiters.get(serial) ?? []) resolve()
    waiters.delete(serial)
  }
  const settleThrough = (through: number) => {
    takenThrough = Math.max(takenThrough, through)
    // those who waited prepare their next write while the next request is on its way, not before
    setImmediate(() => {
      for (const serial of waiters.keys()) if (serial <= through) settle(serial)
    })
  }

  /** Sends lines until each is stored, dropped or in quarantine; resolves with the reason to wait, if any. */
  const sendLines = async (texts: readonly Buffer[], lines: number): Promise<Verdict | null> => {
    const verdict = await deliver(bodyOf(texts))
    switch (verdict.kind) {
      case 'stored':
        totals.linesSent += lines
        return null
      case 'partly':
        totals.linesSent += lines - verdict.dropped
        totals.linesDropped += verdict.dropped
        await deps.onDropped?.(verdict.dropped, verdict.why).catch(() => undefined)
        return null
      case 'later':
        return verdict
      case 'refused':
      case 'too-large':
        return halve(
          texts,
          verdict.kind === 'refused' ? verdict.why : 'larger than the server takes',
        )
    }
  }

  // one bad line costs log2(lines) requests, and its neighbours nothing
  const halve = async (texts: readonly Buffer[], why: string): Promise<Verdict | null> => {
    const lines = texts.flatMap(splitLines)
    const first = lines[0]
    if (lines.length === 1 && first !== undefined) {
      try {
        await deps.quarantine(first, why)
      } catch (error) {
        return { kind: 'later', why: `The quarantine cannot be written: ${messageOf(error)}` }
      }
      totals.linesQuarantined += 1
      return null
    }
    const middle = lines.length >> 1
    const left = lines.slice(0, middle)
    const right = lines.slice(middle)
    return (await sendLines(left, left.length)) ?? (await sendLines(right, right.length))
  }

  const sendBatch = async (batch: Batch): Promise<boolean> => {
    const waiting = await sendLines(
      batch.entries.map(({ text }) => text),
      batch.lines,
    )
    if (waiting === null) {
      queue.advance(batch.count, lateHours(batch.entries, lateBefore()))
      settleThrough(batch.through)
      problem = null
      failures = 0
      return true
    }
    totals.retries += 1
    problem = waiting.kind === 'later' ? waiting.why : problem
    await deps.wait(backoff(waiting), stopping.signal)
    return false
  }

  const backoff = (verdict: Verdict): number => {
    failures += 1
    const most = Math.min(mostBackoffMs, FIRST_BACKOFF_MS * 2 ** Math.min(failures - 1, 10))
    const asked = verdict.kind === 'later' ? (verdict.afterMs ?? 0) : 0
    // full jitter, so that many senders do not come back together
    return Math.max(asked, most * (0.5 + deps.random() / 2))
  }

  const drain = async () => {
    while (!stopping.signal.aborted) {
      const batch = await queue.next(maxLines)
      if (batch === null) break
      await sendBatch(batch)
      if (clock.monotonic() - savedAt >= SAVE_EVERY_MS) await save()
    }
    await save()
  }

  // whatever comes of it, the entry keeps its turn in the queue
  const sendAhead = async (entry: Entry, serial: number) => {
    const verdict = await deliver(bodyOf([entry.text])).catch(() => null)
    if (verdict?.kind === 'stored') settle(serial)
  }

  const save = async () => {
    savedAt = clock.monotonic()
    try {
      await queue.save()
    } catch (error) {
      // what the server has is sent again after a restart: harmless, but a person should know
      problem = `The spool's cursor cannot be saved: ${messageOf(error)}`
    }
  }

  const wake = () => {
    if (stopping.signal.aborted) return
    if (running !== undefined) {
      // it may have seen the queue empty just before this
      again = true
      return
    }
    again = false
    running = drain()
      .catch((error: unknown) => {
        problem = `The spool cannot be read: ${messageOf(error)}`
      })
      .finally(() => {
        running = undefined
        if (again) wake()
      })
  }

  return {
    wake,
    ahead: (entry, serial) => {
      if (aheadBusy || failures > 0 || queue.figures().lines <= backlogLines) return
      aheadBusy = true
      void sendAhead(entry, serial).finally(() => {
        aheadBusy = false
      })
    },
    taken: async (serial, waitMs) => {
      if (serial <= takenThrough) return true
      const giveUp = new AbortController()
      let stored = false
      await Promise.race([
        new Promise<void>((resolve) => {
          const list = waiters.get(serial) ?? []
          list.push(() => {
            stored = true
            resolve()
          })
          waiters.set(serial, list)
        }),
        deps.wait(waitMs, giveUp.signal),
      ])
      giveUp.abort()
      if (!stored) waiters.delete(serial)
      return stored
    },
    figures: () => ({ ...totals, problem }),
    stop: async () => {
      stopping.abort()
      await running
      await save()
    },
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : 'unknown')

/** The hours whose tiers must be rolled up again because of points of these entries that are older than `before`. */
export const lateHours = (entries: readonly Entry[], before: number): readonly number[] => {
  const hours = new Set<number>()
  for (const { oldest, newest } of entries) {
    if (oldest >= before) continue
    const last = Math.min(newest, before - 1)
    for (let hour = windowStart(oldest, HOUR); hour <= last; hour = windowStart(hour + HOUR, HOUR))
      hours.add(hour)
  }
  return [...hours]
}
