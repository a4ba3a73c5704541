import { describe, expect, it } from 'vitest'
import { fakeClock } from '../../testing/fake-clock.ts'
import { fakeHostFiles } from '../../testing/fake-host-files.ts'
import type { Blocks } from '../host-files.ts'
import { openFileSystems } from './file-systems.ts'

const half: Blocks = { blockBytes: 4_096, blocks: 100, freeBlocks: 50 }

/** Mounts, each by its device; those in `dead` do not answer until they are revived. */
const opened = (devices: Readonly<Record<string, string>>, dead: readonly string[] = []) => {
  const fake = fakeClock()
  const pending = new Map<string, (blocks: Blocks) => void>()
  const calls: string[] = []
  const hanging = new Set(dead)
  const text = (table: typeof devices) =>
    Object.entries(table)
      .map(([at, device]) => `${device} ${at} ${device.startsWith('/dev/') ? 'ext4' : 'nfs4'} rw\n`)
      .join('')
  const files = fakeHostFiles({ 'proc/1/mounts': text(devices) }, (mount) => {
    calls.push(mount)
    if (!hanging.has(mount)) return Promise.resolve(half)
    return new Promise((done) => {
      pending.set(mount, done)
    })
  })
  const { usage, stuck } = openFileSystems({ files, timers: fake.timers })
  return {
    fake,
    stuck,
    mount: (table: typeof devices) => files.set({ 'proc/1/mounts': text(table) }),
    revive: (mount: string) => {
      hanging.delete(mount)
      pending.get(mount)?.(half)
    },
    /** Percent used by mount, which mounts were asked, and how long it took. */
    look: async () => {
      const from = calls.length
      const began = fake.clock.monotonic()
      let tookMs = Number.NaN
      const looking = usage().finally(() => {
        tookMs = fake.clock.monotonic() - began
      })
      await fake.advance(2_000)
      const rows = await looking
      return {
        used: Object.fromEntries(rows.map(({ key, fields }) => [key, fields['usage_percent']])),
        asked: calls.slice(from),
        tookMs,
      }
    },
  }
}

describe('how full file systems are', () => {
  it('is asked of each mount', async () => {
    const { look, mount } = opened({ '/': '/dev/sda1', '/mnt': 'nas:/a' })
    expect((await look()).used).toEqual({ '/': 50, '/mnt': 50 })
    mount({ '/': '/dev/sda1', '/data': '/dev/sdb1' })
    expect((await look()).used).toEqual({ '/': 50, '/data': 50 })
  })

  it('is not known of a mount that does not answer; the others are not held up by it', async () => {
    const { look, stuck } = opened({ '/': '/dev/sda1', '/a': 'nas:/a', '/b': 'box:/b' }, ['/a'])
    const first = await look()
    expect(first.used).toEqual({ '/': 50, '/a': null, '/b': 50 })
    expect(first.tookMs).toBe(200)
    expect(stuck()).toEqual(['/a'])
  })

  it('is not asked again of such a mount until its call has come back', async () => {
    const { look, stuck, revive } = opened({ '/': '/dev/sda1', '/a': 'nas:/a' }, ['/a'])
    await look()
    for (let times = 0; times < 3; times++)
      expect(await look()).toMatchObject({ used: { '/': 50, '/a': null }, asked: ['/'], tookMs: 0 })
    revive('/a')
    await Promise.resolve()
    expect(stuck()).toEqual([])
    expect((await look()).used).toEqual({ '/': 50, '/a': 50 })
  })

  it('one server that is away costs one call, however many of its folders are mounted', async () => {
    const exports = Object.fromEntries(['/a', '/b', '/c', '/d'].map((at) => [at, `nas:${at}`]))
    const { look, stuck } = opened({ '/': '/dev/sda1', ...exports, '/x': 'box:/x' }, ['/a', '/b'])
    const { asked, used } = await look()
    expect(asked.toSorted()).toEqual(['/', '/a', '/x'])
    expect(used).toEqual({ '/': 50, '/a': null, '/b': null, '/c': null, '/d': null, '/x': 50 })
    expect(stuck()).toEqual(['/a'])
  })

  it('never takes all of the threads, whatever hangs', async () => {
    const devices = {
      ...Object.fromEntries(['/a', '/b', '/c', '/d'].map((at) => [at, `nas${at}:/x`])),
      ...Object.fromEntries(['/l1', '/l2', '/l3'].map((at) => [at, `/dev/${at.slice(1)}`])),
    }
    const { look, stuck } = opened(devices, Object.keys(devices))
    for (let times = 0; times < 5; times++) await look()
    expect(stuck()).toHaveLength(3)
  })

  it('is not asked again of a disk that does not answer either', async () => {
    const { look } = opened({ '/': '/dev/sda1', '/frozen': '/dev/sdb1' }, ['/frozen'])
    expect((await look()).used).toEqual({ '/': 50, '/frozen': null })
    expect((await look()).asked).toEqual(['/'])
  })

  it('takes less than half a second, whether servers are dead or slow', async () => {
    const many = Object.fromEntries(
      Array.from({ length: 30 }, (_, index) => [`/m${index}`, `nas${index}:/x`]),
    )
    const dead = opened(many, Object.keys(many))
    expect((await dead.look()).tookMs).toBeLessThan(500)

    const fake = fakeClock()
    const text = Object.entries(many).map(([at, device]) => `${device} ${at} nfs4 rw\n`)
    const files = fakeHostFiles(
      { 'proc/1/mounts': text.join('') },
      () =>
        new Promise((done) => {
          fake.timers.after(100, () => done(half))
        }),
    )
    const { usage } = openFileSystems({ files, timers: fake.timers })
    const known = async () => {
      const looking = usage()
      await fake.advance(450)
      return (await looking).flatMap(({ key, fields }) =>
        fields['usage_percent'] === null ? [] : [key],
      )
    }
    // there is no time for all: the others have their turn at the next samples
    expect(await known()).toEqual(['/m0', '/m1', '/m10'])
    expect(await known()).toEqual(['/m11', '/m12', '/m13'])
  })

  it('is not known of a mount that answers with an error, or has no size', async () => {
    const files = fakeHostFiles(
      { 'proc/mounts': '/dev/a /gone ext4 rw\n/dev/b /empty ext4 rw\n' },
      async (mount) => {
        if (mount === '/gone') throw new Error('ENOENT')
        return { blockBytes: 4_096, blocks: 0, freeBlocks: 0 }
      },
    )
    const rows = await openFileSystems({ files, timers: fakeClock().timers }).usage()
    expect(rows.map(({ key, fields }) => [key, fields])).toEqual([
      ['/empty', { total_bytes: 0, used_bytes: 0, usage_percent: null }],
      ['/gone', { total_bytes: null, used_bytes: null, usage_percent: null }],
    ])
  })
})
