import { describe, expect, it } from 'vitest'
import { HOUR, instant, MINUTE } from '../../points/instant.ts'
import { createMemoryStore } from '../../testing/memory-store.ts'
import { demoStore } from '../testing/demo-store.ts'
import { CLI_NOW } from '../testing/run-cli.ts'
import { storeCheck, type StoreToCheck } from './store-check.ts'
import { no, said, yes } from './testing.ts'
import { tiersCheck } from './tiers-check.ts'

const toCheck = (over: Partial<StoreToCheck>): StoreToCheck => ({
  exists: yes,
  damage: async () => null,
  notes: async () => [],
  open: () => Promise.reject(new Error('opened')),
  ...over,
})

describe('the store', () => {
  it('that is not there yet is no failure', async () => {
    const check = storeCheck(toCheck({ exists: no }))
    expect(await said(check)).toEqual(['absent: nothing is stored yet'])
  })

  it('that is damaged is not opened', async () => {
    const check = storeCheck(toCheck({ damage: async () => 'page 7 is wrong' }))
    expect(await said(check)).toEqual(['broken: The file is damaged: page 7 is wrong.'])
  })

  it('lists what it holds and what it complains about', async () => {
    const store = await demoStore(instant(CLI_NOW - 10 * MINUTE))
    store.setProblems(['The disk is full: make room.'])
    expect(
      await said(
        storeCheck(
          toCheck({
            open: async () => store,
            notes: async () => [{ says: 'The past is elsewhere.', advice: 'Bring it.' }],
          }),
        ),
      ),
    ).toEqual([
      'ok: the file is whole',
      'note: The past is elsewhere.',
      'broken: The disk is full: make room.',
      expect.stringMatching(/^ok: 190 points, .*, 2025-01-18 11:50 … 2025-01-18 11:59$/),
      expect.stringMatching(/^ok: 190 points, /),
      expect.stringMatching(/^ok: 38 points, /),
      expect.stringMatching(/^ok: 19 points, /),
    ])
  })
})

describe('the tiers', () => {
  const check = (store: Awaited<ReturnType<typeof demoStore>>) =>
    said(
      tiersCheck(
        async () => store,
        () => CLI_NOW,
      ),
    )

  it('of an empty store are no failure', async () => {
    expect(await check(createMemoryStore({ clock: { now: () => CLI_NOW } }))).toEqual([
      'absent: nothing is stored yet',
    ])
  })

  it('agree with raw when they were rolled up from it', async () => {
    const store = await demoStore(instant(CLI_NOW - 2 * HOUR))
    const findings = await check(store)
    expect(findings).toEqual([
      expect.stringMatching(/^ok: here: \d+ windows of the last day agree with raw$/),
      expect.stringMatching(/^ok: here: \d+ windows of the last day agree with raw$/),
      expect.stringMatching(/^ok: here: \d+ windows of the last day agree with raw$/),
    ])
  })

  it('that lack raw values which nobody knows of are broken', async () => {
    const store = await demoStore(instant(CLI_NOW - 2 * HOUR))
    const before = await store.coverage('metrics', 'here')
    await store.write('metrics', [
      {
        measurement: 'cpu',
        tags: { host: 'here' },
        fields: { usage_percent: 5 },
        at: instant(CLI_NOW - 90 * MINUTE + 1),
      },
    ])
    expect(await check(store), 'known to be dirty').toEqual([
      expect.stringMatching(/^ok/),
      expect.stringMatching(/^ok/),
      expect.stringMatching(/^ok/),
    ])
    // as if the store had forgotten that the windows are dirty
    store.setCoverage('here', before)
    expect((await check(store)).map((line) => line.replace(/\d+ windows/, 'N windows'))).toEqual([
      'broken: here: N windows of the last day: 0 are missing and 1 lack raw values.',
      'broken: here: N windows of the last day: 0 are missing and 1 lack raw values.',
      'broken: here: N windows of the last day: 0 are missing and 1 lack raw values.',
    ])
  })
})
