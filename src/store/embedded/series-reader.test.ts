import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { HOUR, MINUTE } from '../../points/instant.ts'
import type { Point } from '../../points/point.ts'
import { HOST, plain, point, question, range } from '../contract/questions.ts'
import { openInTemporary, type TemporaryStore } from './testing/open-in-temporary.ts'

/** More than what one statement fetches. */
const MANY = 70

const core = (at: number, number: number, usage: number): Point =>
  point(
    at,
    { usage_percent: usage },
    { measurement: 'cpu_core', tags: { host: HOST, core: `${number}` } },
  )

describe.each([{ stretchMs: 0 }, { stretchMs: 1_000 }])(
  'many series, with a pace of %o',
  (pace) => {
    let h: TemporaryStore
    beforeEach(() => {
      h = openInTemporary({ pace })
    })
    afterEach(() => h.close())

    const hours = (number: number): number[] =>
      Array.from({ length: number === 3 ? MANY : (number % 3) + 1 }, (_, hour) => hour)

    it('are read whole, whether in few chunks or in many, or not in chunks at all', async () => {
      const cores = Array.from({ length: MANY }, (_, number) => number)
      const sealed = cores
        .filter((number) => number % 5 > 0)
        .flatMap((number) =>
          hours(number).map((hour) => core(h.start + hour * HOUR, number, 100 * number + hour)),
        )
      // within, between and behind the chunks, and of series that have none
      const late = cores
        .filter((number) => number % 4 < 2)
        .flatMap((number) => [
          core(h.start, number, -1),
          core(h.start + MINUTE, number, -2),
          core(h.start + 100 * HOUR, number, -3),
        ])
      await h.store.write('metrics', sealed)
      await h.store.seal()
      await h.store.write('metrics', late)
      const latest = new Map<string, Map<number, number>>()
      for (const { tags, at, fields } of [...sealed, ...late]) {
        const rows = latest.get(tags['core'] ?? '') ?? new Map<number, number>()
        latest.set(tags['core'] ?? '', rows.set(at, fields['usage_percent'] ?? Number.NaN))
      }
      const expected = (from: number, to: number) =>
        [...latest.keys()].toSorted().flatMap((number) => {
          const rows = [...(latest.get(number) ?? [])]
            .filter(([at]) => at >= from && at < to)
            .toSorted(([a], [b]) => a - b)
          const value = rows.map(([, usage]) => usage)
          return rows.length === 0
            ? []
            : [{ core: number, at: rows.map(([at]) => at), fields: { usage_percent: { value } } }]
        })
      for (const [from, to] of [
        [h.start, h.start + 200 * HOUR],
        [h.start + 1, h.start + 2 * HOUR],
        [h.start + 69 * HOUR, h.start + 70 * HOUR],
      ] as const) {
        const answer = await h.store.read(
          question({ measurements: ['cpu_core'], range: range(from, to) }),
        )
        const seen = plain(answer).map(({ tags, at, fields }) => ({
          core: tags['core'],
          at,
          fields,
        }))
        expect(seen).toEqual(expected(from, to))
      }
    })
  },
)
