import fc from 'fast-check'
import { expect, it } from 'vitest'
import { DAY, HOUR, instant } from '../../../points/instant.ts'
import type { NewRecord } from '../../../points/record.ts'
import { createMemoryStore } from '../../../testing/memory-store.ts'
import type { RecordQuery, RecordStore } from '../../records.ts'
import { openInTemporary, START } from '../testing/open-in-temporary.ts'

/*
 * Whatever is appended, removed and deleted by age in whatever order, with restarts and the index at any time between:
 * the answers are those of the store in memory, which looks at every record.
 */

const SPAN = 6 * HOUR
const TEXTS = ['', 'Timeout of the queue', 'ЗАПРОС принят', 'id=7F', 'a "quoted" line', 'ΛΆΘΟΣ']
const SOUGHT = ['', 'TIME', 'запрос', 'id=7f', '"', 'λάθος', 'queue of', 'e']

const at = fc.oneof(
  { weight: 1, arbitrary: fc.integer({ min: 0, max: SPAN }) },
  // The same ones again and again, so that places are shared.
  { weight: 4, arbitrary: fc.constantFrom(0, 1, 1_000, HOUR, SPAN) },
)
const tags = fc.record({
  user: fc.constantFrom('ann', 'bob'),
  level: fc.constantFrom('info', 'error'),
})
const record = fc
  .record({ at, tags, seq: fc.integer({ min: 0, max: 3 }), text: fc.constantFrom(...TEXTS) })
  .chain((one) =>
    fc.constantFrom(
      { ...one, fields: { msg: one.text } },
      { ...one, fields: { msg: one.text, pid: one.seq } },
      { ...one, fields: { pid: one.at / 3 } },
    ),
  )
  .map((one): NewRecord => ({
    measurement: 'log',
    tags: one.tags,
    at: instant(START + one.at),
    seq: one.seq,
    fields: one.fields,
  }))
const dataset = fc.constantFrom('logs' as const, 'events' as const)
const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constant('append' as const), dataset, batch: fc.array(record) }),
  },
  fc.record({ do: fc.constant('remove' as const), dataset, tags }),
  fc.record({ do: fc.constantFrom('seal' as const, 'reopen' as const) }),
  fc.record({ do: fc.constant('retain' as const), hours: fc.integer({ min: 0, max: 8 }) }),
)

const query = fc.record(
  {
    measurement: fc.constant('log'),
    dataset,
    tags: fc.constantFrom({}, { user: 'ann' }, { user: 'bob', level: 'info' }),
    range: fc.tuple(at, at).map(([a, b]) => ({
      from: instant(START + Math.min(a, b)),
      to: instant(START + Math.max(a, b) + 1),
    })),
    order: fc.constantFrom('oldest first' as const, 'newest first' as const),
    limit: fc.constantFrom(1, 3, 1_000),
    anyOf: fc.constant({ level: ['error', 'critical'] }),
    contains: fc.constantFrom(...SOUGHT).map((text) => ({ field: 'msg', text })),
    after: fc
      .record({ at, tags, seq: fc.integer({ min: 0, max: 3 }) })
      .map((place) => ({ ...place, at: instant(START + place.at) })),
  },
  { requiredKeys: ['measurement', 'dataset', 'tags', 'range', 'order', 'limit'] },
)

const ask = async (store: RecordStore, asked: RecordQuery) => {
  const values: number[] = []
  for await (const block of store.values(asked, 'pid')) values.push(...block.at)
  return {
    found: await store.find(asked),
    values,
    series: await store.series(asked.dataset, asked.measurement, asked.tags),
  }
}

it('answers as the store in memory does', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 1, maxLength: 8 }),
      fc.array(query, { minLength: 5, maxLength: 5 }),
      async (steps, queries) => {
        const h = openInTemporary({ pace: { stretchMs: 0 } })
        h.pass(SPAN)
        const memory = createMemoryStore({ clock: { now: () => instant(START + SPAN) } })
        try {
          for (const one of steps) {
            if (one.do === 'append')
              for (const store of [h.store, memory])
                await store.records.append(one.dataset, one.batch)
            if (one.do === 'remove')
              for (const store of [h.store, memory])
                await store.records.remove(one.dataset, 'log', one.tags)
            if (one.do === 'retain')
              for (const store of [h.store, memory])
                await store.applyRetention([
                  { dataset: 'logs', tier: 'raw', days: (one.hours * HOUR) / DAY },
                ])
            if (one.do === 'seal') await h.store.seal()
            if (one.do === 'reopen') await h.reopen()
          }
          for (const one of queries)
            expect(await ask(h.store.records, one)).toEqual(await ask(memory.records, one))
        } finally {
          await h.close()
        }
      },
    ),
    { numRuns: 100 },
  )
}, 60_000)
