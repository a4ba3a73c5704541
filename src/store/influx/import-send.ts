import { AppError } from '../../app-error.ts'
import { unavailable } from './failures.ts'
import type { WriteVerdict } from './verdict.ts'

/** How long InfluxDB may be away before the copying gives up. */
const PATIENCE_MS = 120_000
const FIRST_WAIT_MS = 500
const MOST_WAIT_MS = 10_000
const LINES = 5_000

export type PatienceOptions = {
  readonly monotonic: () => number
  /** Resolves after `ms`, or at once when somebody wants to stop. */
  readonly wait: (ms: number) => Promise<void>
  /** Throws when somebody wants to stop. */
  readonly check: () => void
  /** Hears why there is a wait, once for each. */
  readonly onWait?: (why: string) => void
  /** Trying again is of no use: a token or a bucket is gone. */
  readonly isHopeless: () => boolean
  readonly patienceMs?: number
}

export type Patience = <T>(work: () => Promise<T>) => Promise<T>

/** Tries what is `unavailable` again for a while, ever more slowly; then throws it. */
export const createPatience = (options: PatienceOptions): Patience => {
  const { monotonic, patienceMs = PATIENCE_MS } = options
  return async (work) => {
    let since: number | undefined
    for (let pause = FIRST_WAIT_MS; ; pause = Math.min(MOST_WAIT_MS, pause * 2)) {
      options.check()
      try {
        return await work()
      } catch (error) {
        const passes = error instanceof AppError && error.code === 'unavailable'
        if (!passes || options.isHopeless()) throw error
        if (since === undefined) options.onWait?.(error.message)
        since ??= monotonic()
        if (monotonic() - since + pause > patienceMs) throw error
        await options.wait(pause)
      }
    }
  }
}

/** Of the lines of a write: how many were not stored, because they are too old or for another reason. */
export type Sent = { readonly tooOld: number; readonly refused: number; readonly why?: string }

const ALL_STORED: Sent = { tooOld: 0, refused: 0 }

const together = (a: Sent, b: Sent): Sent => ({ ...a, ...b, ...sums(a, b) })
const sums = (a: Sent, b: Sent) => ({
  tooOld: a.tooOld + b.tooOld,
  refused: a.refused + b.refused,
})

/** Writes lines to one bucket, each until it is stored, too old, or known to be refused for good. */
export const createSending = (patiently: Patience) => {
  const sendLines = async (
    deliver: (body: Buffer) => Promise<WriteVerdict>,
    lines: readonly string[],
  ): Promise<Sent> => {
    const verdict = await patiently(async () => {
      const found = await deliver(Buffer.from(lines.join('\n')))
      if (found.kind === 'later') throw unavailable(`${found.why}.`)
      return found
    })
    switch (verdict.kind) {
      case 'stored':
        return ALL_STORED
      case 'partly':
        return verdict.why.includes('retention policy')
          ? { tooOld: verdict.dropped, refused: 0 }
          : { tooOld: 0, refused: verdict.dropped, why: verdict.why }
      case 'refused':
      case 'too-large': {
        if (lines.length === 1)
          return {
            tooOld: 0,
            refused: 1,
            why: verdict.kind === 'refused' ? verdict.why : 'it is larger than InfluxDB takes',
          }
        const middle = lines.length >> 1
        const first = await sendLines(deliver, lines.slice(0, middle))
        return together(first, await sendLines(deliver, lines.slice(middle)))
      }
    }
  }

  return async (
    deliver: (body: Buffer) => Promise<WriteVerdict>,
    all: Iterable<string>,
  ): Promise<Sent> => {
    let underWay: Promise<Sent> = Promise.resolve(ALL_STORED)
    let sent = ALL_STORED
    let lines: string[] = []
    const flush = async () => {
      // while one body is on its way the next one is made
      sent = together(sent, await underWay)
      underWay = lines.length === 0 ? Promise.resolve(ALL_STORED) : sendLines(deliver, lines)
      // heard at the next flush
      underWay.catch(() => undefined)
      lines = []
    }
    for (const line of all) {
      lines.push(line)
      if (lines.length >= LINES) await flush()
    }
    await flush()
    await flush()
    return sent
  }
}
