import Database from 'libsql'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { DAY, HOUR, instant, MINUTE } from '../../points/instant.ts'
import { expectedWindows, expectWindows, load, readTier } from '../contract/load.ts'
import { plain, point, question, range } from '../contract/questions.ts'
import { openInTemporary, type TemporaryStore } from './testing/open-in-temporary.ts'

describe('a rolled-up window', () => {
  let h: TemporaryStore
  beforeEach(() => {
    h = openInTemporary()
  })
  afterEach(() => h.close())

  /** What no code of ours does: deletes rows behind the store's back. */
  const lose = (rows: string) => {
    const other = new Database(join(h.folder, 'series.db'), { timeout: 2_000 })
    other.exec(`DELETE FROM ${rows}`)
    other.close()
  }

  it('is never replaced by one of fewer values, even where raw rows have vanished', async () => {
    const at = [0, 1, 2].map((i) => h.start + i * MINUTE)
    await h.store.write(
      'metrics',
      at.map((one, i) => point(one, { user: i })),
    )
    h.pass(2 * HOUR)
    await h.store.rollUp()
    const before = plain(await readTier(h.store, '1h'))
    lose(`hot WHERE tier = 0 AND time < ${h.start + MINUTE}`)
    await h.store.rollUp(range(h.start, h.start + HOUR))
    expect(plain(await readTier(h.store, '1h'))).toEqual(before)
    expect(before[0]?.fields['user']).toMatchObject({ n: [3] })
  })

  it('is made of the finer tier, weighted by its counts, where the raw rows are gone', async () => {
    const points = load(h.start, 2)
    await h.store.write('metrics', points)
    h.pass(10 * DAY)
    await h.store.rollUp()
    await h.store.applyRetention([{ dataset: 'metrics', tier: 'raw', days: 1 }])
    lose('hot WHERE tier = 3')
    expect(await readTier(h.store, '1h')).toEqual([])
    await h.store.rollUp(range(h.start, h.start + 2 * HOUR))
    expectWindows(await readTier(h.store, '1h'), expectedWindows(points, '1h'))
  })

  it('of the year 1970 is a window as any other', async () => {
    await h.store.write('metrics', [point(-1, { user: 1 }), point(0, { user: 2 })])
    await h.store.rollUp()
    await h.store.seal()
    const all = { from: instant(-HOUR), to: instant(HOUR) }
    const [raw] = plain(await h.store.read(question({ range: all })))
    expect(raw).toMatchObject({ at: [-1, 0], fields: { user: { value: [1, 2] } } })
    const [hours] = plain(await h.store.read(question({ range: all, tier: '1h' })))
    expect(hours).toMatchObject({ at: [-HOUR, 0], fields: { user: { value: [1, 2] } } })
  })
})
