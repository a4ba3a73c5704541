import { describe, expect, it } from 'vitest'
import { instant } from '../../../points/instant.ts'
import type { NewRecord, StoredRecord } from '../../../points/record.ts'
import { fakeDisk } from '../../../testing/fake-disk.ts'
import { openState } from '../state.ts'
import { createNumbering } from './numbering.ts'

const line = (msg: string, seq?: number): NewRecord => ({
  measurement: 'log',
  tags: { user: 'ann' },
  at: instant(1),
  fields: { msg },
  ...(seq === undefined ? {} : { seq }),
})

const open = async (disk = fakeDisk()) => createNumbering(await openState(disk, 'data'))

/** Takes records in, and says what it was given. */
const storing = () => {
  const taken: StoredRecord[] = []
  return { taken, store: async (records: readonly StoredRecord[]) => void taken.push(...records) }
}

describe('numbers of records', () => {
  it('are never given twice, over crashes and by many at once, also where a block of them ends', async () => {
    const disk = fakeDisk()
    const given = new Set<number>()
    let count = 0
    for (let start = 0; start < 3; start++) {
      const numbering = await open(disk)
      const { taken, store } = storing()
      for (let round = 0; round < 60; round++)
        await Promise.all(
          Array.from({ length: 10 }, () =>
            numbering.append(
              Array.from({ length: 97 }, () => line('a')),
              store,
            ),
          ),
        )
      count += taken.length
      for (const { seq } of taken) given.add(seq)
      disk.restartMachine(() => 0)
    }
    expect([count, given.size]).toEqual([3 * 60 * 970, 3 * 60 * 970])
  })

  it('are on the disk before they are used', async () => {
    const disk = fakeDisk()
    const state = await openState(disk, 'data')
    const numbering = createNumbering(state)
    const { taken, store } = storing()
    const saved = state.save()
    await Promise.all([saved, numbering.append([line('a')], store)])
    disk.restartMachine(() => 0)
    const after = await openState(disk, 'data')
    expect(after.nextSeq()).toBeGreaterThan(taken[0]?.seq ?? Infinity)
  })

  it('pass over those that records bring along', async () => {
    const numbering = await open()
    const { taken, store } = storing()
    await numbering.append([line('given', 0), line('given', 2)], store)
    await numbering.append([line('a'), line('b')], store)
    expect(taken.map(({ seq }) => seq)).toEqual([0, 2, 1, 3])
  })
})

describe('a record with a number that is there already', () => {
  it('is left out, in one batch and in the next', async () => {
    const numbering = await open()
    const { taken, store } = storing()
    await numbering.append([line('first', 7), line('again', 7)], store)
    await numbering.append([line('again', 7)], store)
    expect(taken.map(({ fields }) => fields['msg'])).toEqual(['first'])
    numbering.forget()
    await numbering.append([line('after it was deleted', 7)], store)
    expect(taken).toHaveLength(2)
  })

  it('is answered when the first one is stored, and fails with it', async () => {
    const numbering = await open()
    for (const outcome of ['stored', 'failed'] as const) {
      let end = () => {}
      const held = new Promise<void>((resolve, reject) => {
        end = outcome === 'stored' ? resolve : () => reject(new Error('The spool is full.'))
      })
      const done: string[] = []
      const note = (name: string) => (ending: string) => () => void done.push(`${name} ${ending}`)
      const first = numbering.append([line(outcome, 9)], () => held)
      const second = numbering.append([line(outcome, 9)], storing().store)
      const all = [first, second].map((one, i) =>
        one.then(note(`${i}`)('stored'), note(`${i}`)('failed')),
      )
      await new Promise((resolve) => setImmediate(resolve))
      expect(done).toEqual([])
      end()
      await Promise.all(all)
      expect(done.toSorted()).toEqual([`0 ${outcome}`, `1 ${outcome}`])
      numbering.forget()
    }
  })

  it('may come again when it could not be stored', async () => {
    const numbering = await open()
    const { taken, store } = storing()
    const full = () => Promise.reject(new Error('The spool is full.'))
    await expect(numbering.append([line('a', 3)], full)).rejects.toThrow('full')
    await numbering.append([line('a', 3)], store)
    expect(taken).toHaveLength(1)
  })
})

it('a disk that keeps no numbers refuses records with what to do, and nobody waits for ever', async () => {
  let isFull = true
  const numbering = createNumbering({
    nextSeq: () => 0,
    setNextSeq: () => {},
    save: () => (isFull ? Promise.reject(new Error('ENOSPC')) : Promise.resolve()),
  })
  const { taken, store } = storing()
  const both = [line('given', 5), line('counted')]
  const answers = await Promise.allSettled([
    numbering.append(both, store),
    numbering.append([line('given', 5)], store),
  ])
  for (const answer of answers)
    expect(answer).toMatchObject({
      status: 'rejected',
      reason: { name: 'AppError', code: 'unavailable' },
    })
  isFull = false
  await numbering.append(both, store)
  expect(taken.map(({ fields }) => fields['msg'])).toEqual(['given', 'counted'])
})
