import { describe, expect, it } from 'vitest'
import { DAY, instant } from '../points/instant.ts'
import { fakeDisk } from '../testing/fake-disk.ts'
import { openQuarantine } from './quarantine.ts'

const start = Date.parse('2026-01-01T10:00:00Z')

const open = async (disk = fakeDisk(), over = {}) => {
  const time = { now: start }
  const quarantine = await openQuarantine({
    disk,
    folder: 'quarantine',
    now: () => instant(time.now),
    ...over,
  })
  const text = async (name: string) =>
    (await disk.read('quarantine', name, 0, 1 << 20)).toString('utf8')
  return { disk, quarantine, time, text }
}

describe('the quarantine', () => {
  it('keeps each line under its time and reason, a file a name and day', async () => {
    const { quarantine, time, text, disk } = await open()
    await quarantine.keep('metrics', Buffer.from('cpu a= 1'), 'missing field\nvalue')
    await quarantine.note('metrics', 'dropped=2')
    time.now += DAY
    await quarantine.keep('metrics', Buffer.from('cpu b= 1'), 'bad')
    await quarantine.keep('pushed', Buffer.from('x'), 'bad')
    expect(await disk.list('quarantine')).toEqual([
      '2026-01-01-metrics-1.txt',
      '2026-01-02-metrics-1.txt',
      '2026-01-02-pushed-1.txt',
    ])
    expect(await text('2026-01-01-metrics-1.txt')).toBe(
      '# 2026-01-01T10:00:00Z missing field value\ncpu a= 1\n# 2026-01-01T10:00:00Z dropped=2\n',
    )
    expect(quarantine.count()).toBe(4)
  })

  it('has on the disk, power lost or not, what it has taken', async () => {
    const { quarantine, text, disk } = await open()
    await quarantine.keep('metrics', Buffer.from('line'), 'bad')
    disk.restartMachine(() => 0)
    expect(await text('2026-01-01-metrics-1.txt')).toContain('line')
  })

  it('begins another file after a restart, and never touches the old one', async () => {
    const { quarantine, disk } = await open()
    await quarantine.keep('metrics', Buffer.from('one'), 'bad')
    await quarantine.close()
    const again = await open(disk)
    await again.quarantine.keep('metrics', Buffer.from('two'), 'bad')
    expect(await disk.list('quarantine')).toEqual([
      '2026-01-01-metrics-1.txt',
      '2026-01-01-metrics-2.txt',
    ])
    expect(await again.text('2026-01-01-metrics-1.txt')).toContain('one')
  })

  it('grows to a bound, says so once, and counts on', async () => {
    const { quarantine, text } = await open(fakeDisk(), { mostBytes: 100 })
    for (let i = 0; i < 10; i++) await quarantine.keep('m', Buffer.from(`line ${i}`), 'bad')
    const lines = (await text('2026-01-01-m-1.txt')).trimEnd().split('\n')
    expect(lines.at(-1)).toBe('# The file is full; more was refused today and is only counted.')
    expect(lines.filter((line) => line.startsWith('line'))).toEqual(['line 0', 'line 1'])
    expect(quarantine.count()).toBe(10)
  })

  it('deletes its oldest files when there are too many', async () => {
    const { quarantine, disk, time } = await open(fakeDisk(), { mostFiles: 3 })
    for (let day = 0; day < 5; day++) {
      await quarantine.keep('m', Buffer.from('line'), 'bad')
      time.now += DAY
    }
    expect(await disk.list('quarantine')).toEqual([
      '2026-01-03-m-1.txt',
      '2026-01-04-m-1.txt',
      '2026-01-05-m-1.txt',
    ])
  })

  it('keeps what comes at the same time line by line', async () => {
    const { quarantine, text } = await open()
    await Promise.all(
      Array.from({ length: 20 }, (_, i) => quarantine.keep('m', Buffer.from(`line ${i}`), 'bad')),
    )
    const lines = (await text('2026-01-01-m-1.txt'))
      .split('\n')
      .filter((one) => one.startsWith('l'))
    expect(lines).toEqual(Array.from({ length: 20 }, (_, i) => `line ${i}`))
  })
})
