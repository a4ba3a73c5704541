import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AppError } from '../app-error.ts'
import { instant } from '../points/instant.ts'
import { fakeDisk, MachineGone } from '../testing/fake-disk.ts'
import { joinLines, type Entry } from './entry.ts'
import { openQueue, type Queue } from './queue.ts'
import { startSender, type Sender, type Verdict } from './sender.ts'

/** What may happen, in any order. A write names its point, so that later ones go over earlier ones. */
type Event =
  | {
      readonly kind: 'write'
      readonly point: number
      readonly lines: number
      readonly poison: boolean
    }
  | { readonly kind: 'server'; readonly mood: Mood }
  | { readonly kind: 'crash'; readonly after: number; readonly power: boolean }
  | { readonly kind: 'full'; readonly full: boolean }
  | { readonly kind: 'clock'; readonly stepMs: number }
  | { readonly kind: 'settle' }

const MOODS = ['well', 'away', 'lost-204', 'unauthorized', 'small'] as const
type Mood = (typeof MOODS)[number]

const event: fc.Arbitrary<Event> = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({
      kind: fc.constant('write' as const),
      point: fc.integer({ min: 0, max: 6 }),
      lines: fc.integer({ min: 1, max: 12 }),
      poison: fc.boolean().map((odd) => odd),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('server' as const), mood: fc.constantFrom(...MOODS) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('crash' as const),
      after: fc.integer({ min: 1, max: 12 }),
      power: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('full' as const), full: fc.boolean() }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('clock' as const),
      stepMs: fc.integer({ min: -7_200_000, max: 7_200_000 }),
    }),
  },
  { weight: 3, arbitrary: fc.constant({ kind: 'settle' as const }) },
)

/** Keeps the last value of each point; a body with a poison line is refused whole. */
const fakeServer = () => {
  const values = new Map<string, number>()
  let mood: Mood = 'well'
  const store = (lines: readonly string[]) => {
    for (const line of lines) {
      const [name, value] = line.split(' ')
      if (name !== undefined) values.set(name, Number(value))
    }
  }
  return {
    values,
    mood: (next: Mood) => {
      mood = next
    },
    deliver: async (body: Buffer): Promise<Verdict> => {
      await Promise.resolve()
      const lines = body.toString('utf8').trimEnd().split('\n')
      if (mood === 'away' || mood === 'unauthorized') return { kind: 'later', why: mood }
      if (mood === 'small' && lines.length > 3) return { kind: 'too-large' }
      if (lines.some((line) => line.startsWith('poison')))
        return { kind: 'refused', why: 'unable to parse' }
      store(lines)
      return mood === 'lost-204' ? { kind: 'later', why: 'connection reset' } : { kind: 'stored' }
    },
  }
}

/** Runs what is ready to run: the fakes need no time, only turns of the event loop. */
const turns = async (count: number) => {
  for (let i = 0; i < count; i++) await new Promise<void>((resolve) => setImmediate(resolve))
}

const run = async (events: readonly Event[], seed: number) => {
  const disk = fakeDisk()
  const server = fakeServer()
  const random = seeded(seed)
  const quarantined = new Set<string>()
  let now = Date.parse('2026-01-01T00:00:00Z')
  let serial = 0
  // per point the values that may stand at the end: the last accepted one, and tries after it that were cut short
  const allowed = new Map<string, Set<number | undefined>>()
  const poisons = new Set<string>()
  const start = async (): Promise<{ queue: Queue; sender: Sender }> => {
    const queue = await openQueue({
      disk,
      folder: 'spool',
      maxBytes: 1 << 20,
      segmentBytes: 700,
      memoryBytes: 300,
    })
    const sender = startSender({
      queue,
      deliver: server.deliver,
      quarantine: async (line) => void quarantined.add(line.toString('utf8')),
      clock: { now: () => instant(now), monotonic: () => now },
      wait: () => new Promise((resolve) => setImmediate(resolve)),
      random,
      maxLines: 20,
      backlogLines: 20,
    })
    sender.wake()
    return { queue, sender }
  }

  let running = await start()

  const write = async (point: number, lines: number, poison: boolean) => {
    serial += 1
    const names = Array.from({ length: lines }, (_, i) => `p${point}.${i}`)
    const text = names.map((name) => `${name} ${serial}`)
    if (poison) text.push(`poison${serial} ${serial}`)
    const entry: Entry = {
      acceptedAt: instant(now),
      oldest: instant(now),
      newest: instant(now),
      lines: text.length,
      text: joinLines(text),
    }
    let accepted = true
    try {
      const place = await running.queue.append(entry)
      running.sender.ahead(entry, place)
      running.sender.wake()
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      accepted = false
    }
    for (const name of names) {
      const values = allowed.get(name) ?? new Set([undefined])
      if (accepted) values.clear()
      values.add(serial)
      allowed.set(name, values)
    }
    if (poison && accepted) poisons.add(`poison${serial} ${serial}`)
  }

  const restart = async (power: boolean) => {
    await turns(30)
    await running.sender.stop().catch(() => undefined)
    if (power) disk.restartMachine(random)
    else disk.restartProcess()
    disk.full(false)
    running = await start()
  }

  let crashing: { power: boolean } | undefined
  for (const one of events) {
    switch (one.kind) {
      case 'write':
        await write(one.point, one.lines, one.poison)
        break
      case 'server':
        server.mood(one.mood)
        break
      case 'crash':
        disk.goneAfter(one.after)
        crashing = { power: one.power }
        break
      case 'full':
        disk.full(one.full)
        break
      case 'clock':
        now += one.stepMs
        break
      case 'settle':
        await turns(10)
        if (crashing !== undefined) await restart(crashing.power)
        crashing = undefined
    }
  }
  if (crashing !== undefined) await restart(crashing.power)
  disk.full(false)
  server.mood('well')
  const { queue, sender } = running
  sender.wake()
  for (let i = 0; i < 400 && queue.figures().entries > 0; i++) await turns(5)
  await sender.stop()
  return { server, allowed, poisons, quarantined, queue, disk }
}

const seeded = (seed: number) => {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

describe('the spool, whatever happens', () => {
  it('ends with every accepted point at the server, the last write of each, and every bad line in quarantine', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(event, { maxLength: 40 }), fc.nat(), async (events, seed) => {
        const { server, allowed, poisons, quarantined, queue } = await run(events, seed)
        expect(queue.figures()).toMatchObject({ entries: 0, damaged: 0 })
        for (const [name, values] of allowed) expect([...values]).toContain(server.values.get(name))
        for (const line of poisons) expect(quarantined).toContain(line)
      }),
      { numRuns: 400 },
    )
  }, 60_000)

  it('delivers all other records after any byte of a segment was changed, and counts the damage', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 2, max: 12 }), fc.nat(), async (entries, seed) => {
        const disk = fakeDisk()
        const random = seeded(seed)
        const options = { disk, folder: 'spool', maxBytes: 1 << 20, segmentBytes: 400 }
        const first = await openQueue(options)
        for (let i = 0; i < entries; i++)
          await first.append({
            acceptedAt: instant(i),
            oldest: instant(i),
            newest: instant(i),
            lines: 1,
            text: joinLines([`p${i} ${'x'.repeat(Math.floor(random() * 200))}`]),
          })
        await first.close()
        disk.flip(random)
        const second = await openQueue(options)
        const { entries: left, damaged, torn } = second.figures()
        expect(left).toBe(entries - 1)
        // a change in the last record of a segment cannot be told from a torn end
        expect(damaged + torn).toBeGreaterThanOrEqual(1)
      }),
      { numRuns: 300 },
    )
  })

  it('stops the world when the fake machine is gone, or the model would prove nothing', async () => {
    const disk = fakeDisk()
    const file = await disk.create('spool', 'a')
    disk.goneAfter(1)
    await expect(file.append(Buffer.from('abcd'))).rejects.toBeInstanceOf(MachineGone)
    await expect(file.sync()).rejects.toBeInstanceOf(MachineGone)
    disk.restartProcess()
    expect((await disk.read('spool', 'a', 0, 10)).toString()).toBe('ab')
  })
})
