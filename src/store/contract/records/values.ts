import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { instant } from '../../../points/instant.ts'
import { range } from '../questions.ts'
import { allValues, event, EVENTS, type OpenRecordHarness, type RecordHarness } from './harness.ts'

export const describeValues = (open: OpenRecordHarness) => {
  let h: RecordHarness
  beforeEach(async () => {
    h = await open()
  })
  afterEach(() => h.close())

  const values = (over: { tags?: Record<string, string>; from?: number; to?: number } = {}) =>
    allValues(
      h.store.records,
      {
        ...EVENTS,
        tags: over.tags ?? {},
        range: range(over.from ?? EVENTS.range.from, over.to ?? EVENTS.range.to),
      },
      'duration_ms',
    )

  describe('values', () => {
    it('come in time order, also of several series and of one instant', async () => {
      const many = Array.from({ length: 10_000 }, (_, i) =>
        event(h.start + Math.floor(i / 7) * 100, i + 0.25, { metric: `m${(i * i) % 3}` }),
      )
      await h.store.records.append('events', many.toReversed())
      const all = await values()
      expect(all.map(([at]) => at)).toEqual(many.map(({ at }) => at))
      expect(new Set(all.map(([, value]) => value)).size).toBe(many.length)
      const one = many.filter(({ tags }) => tags['metric'] === 'm1')
      const answer = await values({ tags: { metric: 'm1' } })
      expect(answer.map(([at]) => at)).toEqual(one.map(({ at }) => at))
      expect(answer.map(([, value]) => value).toSorted((a, b) => a - b)).toEqual(
        one.map(({ fields }) => fields['duration_ms']),
      )
    })

    it('are those of the range and the field, exactly', async () => {
      const numbers = [0.1 + 0.2, 1 / 3, 5e-324, Number.MAX_VALUE, 12, 0]
      await h.store.records.append(
        'events',
        numbers.map((value, i) => event(h.start + i, value)),
      )
      expect(await values({ from: h.start + 1, to: h.start + 5 })).toEqual(
        numbers.slice(1, 5).map((value, i) => [h.start + 1 + i, value]),
      )
      expect((await values()).map(([, value]) => value)).toEqual(numbers)
      expect(await allValues(h.store.records, { ...EVENTS, tags: {} }, 'nothing')).toEqual([])
      expect(await values({ tags: { project: 'nothing' } })).toEqual([])
      expect(await values({ to: h.start })).toEqual([])
    })

    it('of records with several fields, where a field is missing or a text', async () => {
      const at = (i: number) => instant(h.start + i)
      const cpu = (i: number, fields: Record<string, number | string>) => ({
        measurement: 'client_cpu',
        tags: { user: 'ann', session: 's' },
        at: at(i),
        fields,
      })
      await h.store.records.append('journal', [
        cpu(0, { cpu: 12.5 }),
        cpu(1, { cpu: 15.3, time: 1_649_596_019.895 }),
        cpu(2, { time: 5 }),
        cpu(3, { cpu: 0 }),
      ])
      const selection = {
        dataset: 'journal',
        measurement: 'client_cpu',
        tags: { user: 'ann' },
        range: EVENTS.range,
      } as const
      expect(await allValues(h.store.records, selection, 'cpu')).toEqual([
        [at(0), 12.5],
        [at(1), 15.3],
        [at(3), 0],
      ])
      expect(await allValues(h.store.records, selection, 'time')).toEqual([
        [at(1), 1_649_596_019.895],
        [at(2), 5],
      ])
    })

    it('may be left before their end', async () => {
      await h.store.records.append(
        'events',
        Array.from({ length: 5_000 }, (_, i) => event(h.start + i, i)),
      )
      for await (const { at } of h.store.records.values({ ...EVENTS, tags: {} }, 'duration_ms')) {
        expect(at[0]).toBe(h.start)
        break
      }
      expect(await values()).toHaveLength(5_000)
    })
  })
}
