import { describe, expect, it } from 'vitest'
import { instant } from '../points/instant.ts'
import { fakeDisk } from '../testing/fake-disk.ts'
import { bodyOf, joinLines, splitLines, type Entry } from './entry.ts'
import { openQueue } from './queue.ts'
import { LATE_MS, lateHours } from './sender.ts'

const entry = (text: string, at = 0): Entry => ({
  acceptedAt: instant(at),
  oldest: instant(at),
  newest: instant(at),
  lines: 1,
  text: joinLines([text]),
})
const texts = (batch: { readonly entries: readonly Entry[] } | null) =>
  batch?.entries.map(({ text }) => text.toString())

describe('the queue', () => {
  const options = { folder: 'spool', maxBytes: 4_096, segmentBytes: 256 }

  it('goes on where the server had got to, and keeps the hours that are dirty', async () => {
    const disk = fakeDisk()
    const first = await openQueue({ ...options, disk })
    for (const text of ['a', 'b', 'c']) await first.append(entry(text))
    first.advance(2, [7_200_000, 3_600_000])
    await first.save()
    await first.close()
    const second = await openQueue({ ...options, disk })
    expect(texts(await second.next(10))).toEqual(['c'])
    expect([...second.dirtyHours().keys()]).toEqual([3_600_000, 7_200_000])
  })

  it.each([
    '',
    'no json',
    '{}',
    '{"position":{"segment":-1,"offset":0}}',
    '{"position":{"segment":"1"}}',
    '[]',
    'null',
  ])('sends everything again when its cursor reads %j', async (text) => {
    const disk = fakeDisk()
    const first = await openQueue({ ...options, disk })
    for (const one of ['a', 'b']) await first.append(entry(one))
    first.advance(1, [])
    await first.save()
    await first.close()
    await disk.replace('spool', 'cursor.json', Buffer.from(text))
    const second = await openQueue({ ...options, disk })
    expect(texts(await second.next(10))).toEqual(['a', 'b'])
  })

  it('refuses what is beyond its size, and takes it again when the server has caught up', async () => {
    const queue = await openQueue({ ...options, disk: fakeDisk(), maxBytes: 1_000 })
    let accepted = 0
    const fill = async () => {
      for (;;) {
        await queue.append(entry('x'.repeat(100)))
        accepted += 1
      }
    }
    await expect(fill()).rejects.toMatchObject({ code: 'too-many', retryAfterSeconds: 30 })
    expect(accepted).toBe(7)
    queue.advance(accepted, [])
    await queue.save()
    await expect(queue.append(entry('x'.repeat(100)))).resolves.toBe(accepted + 1)
  })

  it('takes whole entries up to the asked number of lines, and at least one', async () => {
    const queue = await openQueue({ ...options, disk: fakeDisk() })
    for (const lines of [3, 3, 9])
      await queue.append({ ...entry(String(lines)), lines, text: joinLines([String(lines)]) })
    expect((await queue.next(5))?.lines).toBe(3)
    expect((await queue.next(6))?.lines).toBe(6)
    queue.advance(2, [])
    expect((await queue.next(1))?.lines).toBe(9)
  })

  it('removes the files that the server has taken whole', async () => {
    const disk = fakeDisk()
    const queue = await openQueue({ ...options, disk })
    for (let i = 0; i < 20; i++) await queue.append(entry('x'.repeat(100)))
    const before = disk.names().length
    queue.advance(20, [])
    await queue.save()
    expect(before).toBeGreaterThan(5)
    expect(disk.names()).toHaveLength(2)
  })

  it('forgets a dirty hour only when it was not made dirty again meanwhile', async () => {
    const queue = await openQueue({ ...options, disk: fakeDisk() })
    queue.advance(0, [3_600_000, 7_200_000])
    const told = queue.dirtyHours()
    queue.advance(0, [3_600_000])
    for (const [hour, version] of told) queue.clean(hour, version)
    expect([...queue.dirtyHours().keys()]).toEqual([3_600_000])
  })
})

describe('lines in an entry', () => {
  it('keep a line break inside a quoted string', () => {
    const lines = ['a f="x\ny" 1', 'b f=1 2']
    expect(splitLines(joinLines(lines)).map(String)).toEqual(lines)
    expect(bodyOf([joinLines(lines), joinLines(['c f=1 3'])]).toString()).toBe(
      'a f="x\ny" 1\nb f=1 2\nc f=1 3\n',
    )
  })
})

describe('hours that a late arrival makes dirty', () => {
  const hour = 3_600_000
  const minute = 60_000
  it.each([
    ['points of now', 10 * hour, 10 * hour, []],
    ['points that the next task still sees', 10 * hour - 4 * minute + 1, 10 * hour, []],
    ['points of five minutes ago', 10 * hour - 5 * minute, 10 * hour - 5 * minute, [9 * hour]],
    ['a day and now', 8 * hour + 1, 10 * hour, [8 * hour, 9 * hour]],
    ['points of the future', 12 * hour, 13 * hour, []],
  ])('are right for %s', (_name, oldest, newest, expected) => {
    const one = { ...entry('a'), oldest: instant(oldest), newest: instant(newest) }
    expect(lateHours([one], 10 * hour - LATE_MS)).toEqual(expected)
  })
})
