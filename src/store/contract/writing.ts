import { beforeEach, afterEach, describe, expect, it } from 'vitest'
import { HOUR, MINUTE, instant } from '../../points/instant.ts'
import { canonicalTags, type Point, type Tags } from '../../points/point.ts'
import type { OpenHarness, StoreHarness, StoreTraits } from './harness.ts'
import { cpuRows, HOST, plain, point, question, range } from './questions.ts'

export const describeWriting = (open: OpenHarness, traits: StoreTraits) => {
  let h: StoreHarness
  beforeEach(async () => {
    h = await open()
  })
  afterEach(() => h.close())

  describe('writing', () => {
    it('merges points of one series and instant by field, the last value of a field wins', async () => {
      await h.store.write('metrics', [
        point(h.start, { user: 1, idle: 5 }),
        point(h.start, { user: 2 }),
        point(h.start, { system: 3 }),
      ])
      expect(plain(await h.store.read(question()))).toEqual([
        cpuRows([h.start], { user: [2], idle: [5], system: [3] }),
      ])
    })

    it.each([
      ['just written', async () => {}],
      ['compacted', async () => h.compact()],
      [
        'rolled up and compacted long ago',
        async () => {
          h.pass(2 * HOUR)
          await h.settle()
          await h.compact()
        },
      ],
    ])('merges by field with rows that were %s', async (_, between) => {
      const at = [h.start, h.start + 5_000, h.start + 10_000]
      const [first = 0, second = 0, third = 0] = at
      await h.store.write('metrics', [
        point(first, { user: 1, idle: 5 }),
        point(third, { user: 3, idle: 7 }),
      ])
      await between()
      await h.store.write('metrics', [
        point(first, { user: 10 }),
        point(second, { idle: 6 }),
        point(third, { system: 9, idle: 70 }),
      ])
      const merged = [
        cpuRows(at, { user: [10, null, 3], idle: [5, 6, 70], system: [null, null, 9] }),
      ]
      expect(plain(await h.store.read(question()))).toEqual(merged)
      await h.compact()
      expect(plain(await h.store.read(question()))).toEqual(merged)
      await h.store.write('metrics', [point(first, { system: 8 })])
      await h.compact()
      expect(plain(await h.store.read(question()))).toEqual([
        cpuRows(at, { user: [10, null, 3], idle: [5, 6, 70], system: [8, null, 9] }),
      ])
    })

    it('takes null and undefined for "no value", which erases nothing', async () => {
      const untyped = { user: null, idle: undefined, system: 4 } as unknown as Point['fields']
      await h.store.write('metrics', [point(h.start, { user: 1, idle: 2 })])
      await h.store.write('metrics', [point(h.start, untyped)])
      expect(plain(await h.store.read(question()))).toEqual([
        cpuRows([h.start], { user: [1], idle: [2], system: [4] }),
      ])
    })

    it('takes an empty batch', async () => {
      await h.store.write('metrics', [])
      expect(await h.store.read(question())).toEqual([])
    })

    it('takes points in any order and answers in time order', async () => {
      const seconds = [25, 5, 3_600, 0, 15]
      await h.store.write(
        'metrics',
        seconds.map((second) => point(h.start + second * 1_000, { user: second })),
      )
      const ascending = [0, 5, 15, 25, 3_600]
      expect(plain(await h.store.read(question()))).toEqual([
        cpuRows(
          ascending.map((second) => h.start + second * 1_000),
          { user: ascending },
        ),
      ])
    })

    it.each([
      [[0]],
      [[-1.5, 0, 1e-9]],
      [[Number.MAX_VALUE, -Number.MAX_VALUE]],
      [[2 ** 53 - 1, 2 ** 53, -(2 ** 53)]],
      [[Number.MIN_VALUE, 0.1 + 0.2, 1 / 3]],
    ])('keeps %j exactly', async (values) => {
      const at = values.map((_, i) => h.start + i * 5_000)
      await h.store.write(
        'metrics',
        values.map((value, i) => point(at[i] ?? 0, { user: value })),
      )
      const kept = [cpuRows(at, { user: values })]
      expect(plain(await h.store.read(question()))).toEqual(kept)
      await h.compact()
      expect(plain(await h.store.read(question()))).toEqual(kept)
    })

    it.each([
      ['NaN', { user: Number.NaN }],
      ['Infinity', { user: Infinity }],
      ['a boolean', { user: true }],
      ['a text', { user: '1' }],
      ['an object', { user: {} }],
    ])('refuses %s, and with it the whole batch', async (_, fields) => {
      const bad = point(h.start + 5_000, fields as unknown as Point['fields'])
      await expect(
        h.store.write('metrics', [point(h.start, { user: 1 }), bad]),
      ).rejects.toMatchObject({ name: 'AppError', code: 'invalid' })
      expect(await h.store.read(question())).toEqual([])
      await h.store.write('metrics', [point(h.start, { user: 2 })])
      expect(plain(await h.store.read(question()))).toEqual([cpuRows([h.start], { user: [2] })])
    })

    it.each([
      ['an instant that is no number', { at: Number.NaN }],
      ['an instant beyond all calendars', { at: 9e15 }],
      ['a tag that is no text', { tags: { host: HOST, core: 1 } }],
      ['host metrics without a host', { tags: {} }],
      ['a measurement without a name', { measurement: '' }],
    ])('refuses %s', async (_, wrong) => {
      const bad = { ...point(h.start, { user: 1 }), ...wrong } as unknown as Point
      await expect(h.store.write('metrics', [bad])).rejects.toMatchObject({ code: 'invalid' })
      expect(await h.store.read(question())).toEqual([])
    })

    it('loses nothing of writes that go on at the same time', async () => {
      const seconds = Array.from({ length: 200 }, (_, i) => i)
      await Promise.all([
        ...seconds.map((second) =>
          h.store.write('metrics', [point(h.start + second * 1_000, { user: second })]),
        ),
        h.compact(),
        h.store.write('metrics', [point(h.start, { idle: 7 })]),
        h.store.read(question()),
      ])
      const [answer] = plain(await h.store.read(question({ fields: ['user'] })))
      expect(answer?.fields).toEqual({ user: { value: seconds } })
    })

    it('answers the same after it was closed and opened', async () => {
      await h.store.write('metrics', [point(h.start, { user: 1 })])
      h.pass(2 * MINUTE)
      await h.settle()
      await h.store.write('metrics', [point(h.start + 5_000, { user: 2 })])
      const before = await h.store.coverage('metrics', HOST)
      const again = await h.reopen()
      expect(plain(await again.read(question()))).toEqual([
        cpuRows([h.start, h.start + 5_000], { user: [1, 2] }),
      ])
      expect(await again.coverage('metrics', HOST)).toEqual(before)
    })
  })

  describe('series', () => {
    const hostile: readonly (readonly [string, Tags])[] = [
      ['quotes', { interface: `"'\`\\"` }],
      ['braces and commas', { interface: '{"a":[1,2]}, b=c d' }],
      ['emoji', { interface: '🦊 é 漢字' }],
      ['SQL and Flux', { interface: `'; DROP TABLE hot; --`, device: '") |> yield()' }],
      ['__proto__', { interface: '__proto__', device: 'constructor' }],
      ['another __proto__', JSON.parse('{"__proto__":"polluted"}') as Tags],
      ['a space', { interface: ' ' }],
    ]
    const extreme: readonly (readonly [string, Tags])[] = [
      ['line breaks', { interface: 'a\nb\r\n\tc' }],
      ['NUL', { interface: 'a\0b' }],
      ['64 KB', { interface: 'x'.repeat(65_536) }],
      ['nothing', { interface: '' }],
    ]
    it.each(traits.keepsAnyText ? [...hostile, ...extreme] : hostile)(
      'are told apart and read back with %s in their tags',
      async (_, tags) => {
        const twin = { interface: 'eth0' }
        await h.store.write('metrics', [
          point(h.start, { user: 1 }, { tags }),
          point(h.start, { user: 2 }, { tags: twin }),
        ])
        await h.compact()
        const expected = [
          cpuRows([h.start], { user: [1] }, { host: HOST, ...tags }),
          cpuRows([h.start], { user: [2] }, { host: HOST, ...twin }),
        ]
        const answer = plain(await h.store.read(question()))
        expect(answer.toSorted(byText)).toEqual(expected.toSorted(byText))
        expect(plain(await h.store.read(question({ tags: { host: HOST, ...tags } })))).toEqual(
          expected.slice(0, 1),
        )
      },
    )

    it('do not depend on the order of their tags', async () => {
      await h.store.write('metrics', [
        { ...point(h.start, { user: 1 }), tags: { host: HOST, core: '1' } },
        { ...point(h.start, { idle: 2 }), tags: { core: '1', host: HOST } },
      ])
      expect(plain(await h.store.read(question()))).toEqual([
        cpuRows([h.start], { user: [1], idle: [2] }, { host: HOST, core: '1' }),
      ])
    })

    it('come ordered by measurement and tags', async () => {
      const cores = ['2', '10', '0']
      await h.store.write('metrics', [
        ...cores.map((core) =>
          point(h.start, { usage_percent: 1 }, { measurement: 'cpu_core', tags: { core } }),
        ),
        point(h.start, { user: 1 }),
      ])
      const answer = await h.store.read(question({ measurements: ['cpu_core', 'cpu'] }))
      expect(answer.map(({ measurement, tags }) => [measurement, tags['core']])).toEqual([
        ['cpu', undefined],
        ['cpu_core', '0'],
        ['cpu_core', '10'],
        ['cpu_core', '2'],
      ])
    })

    it('of two hosts, and of the two datasets, never mix', async () => {
      const other = { tags: { host: 'beta' } }
      await h.store.write('metrics', [point(h.start, { user: 1 })])
      await h.store.write('metrics', [point(h.start, { user: 2 }, other)])
      await h.store.write('pushed', [point(h.start, { user: 3 })])
      await h.compact()
      const ask = async (over: Parameters<typeof question>[0]) =>
        plain(await h.store.read(question(over)))
      expect(await ask({})).toEqual([cpuRows([h.start], { user: [1] })])
      expect(await ask({ tags: other.tags })).toEqual([
        cpuRows([h.start], { user: [2] }, { host: 'beta' }),
      ])
      expect(await ask({ dataset: 'pushed' })).toEqual([cpuRows([h.start], { user: [3] })])
      expect(await ask({ tags: {} })).toHaveLength(2)
      h.pass(HOUR)
      await h.settle()
      const tier = await ask({ tier: '1m', tags: {} })
      expect(tier.map(({ tags, fields }) => [tags['host'], fields['user']])).toEqual([
        [HOST, { value: [1] }],
        ['beta', { value: [2] }],
      ])
    })

    it('that were pushed need no host and nothing to be declared', async () => {
      const at = instant(h.start)
      await h.store.write('pushed', [
        { measurement: 'sensor', tags: { room: 'kitchen' }, fields: { celsius: 21.5 }, at },
        { measurement: 'door', tags: {}, fields: { open: 1 }, at },
      ])
      const ask = question({ dataset: 'pushed', measurements: ['sensor', 'door'], tags: {} })
      expect(plain(await h.store.read(ask))).toEqual([
        { measurement: 'door', tags: {}, at: [at], fields: { open: { value: [1] } } },
        {
          measurement: 'sensor',
          tags: { room: 'kitchen' },
          at: [at],
          fields: { celsius: { value: [21.5] } },
        },
      ])
      expect(await h.store.measurements('pushed')).toEqual(['door', 'sensor'])
      expect(await h.store.measurements('metrics')).toEqual([])
      expect(await h.store.hosts()).toEqual([])
    })

    it('of a host that is removed are gone for good, those of others stay', async () => {
      const other = { tags: { host: 'beta' } }
      const both = [point(h.start, { user: 1 }), point(h.start, { user: 2 }, other)]
      await h.store.write('metrics', both)
      h.pass(2 * HOUR)
      await h.settle()
      await h.compact()
      await h.store.write('metrics', [point(h.start + HOUR, { user: 5 })])
      await h.store.removeHost(HOST)
      const left = [cpuRows([h.start], { user: [2] }, { host: 'beta' })]
      for (const tier of ['raw', '1h'] as const) {
        expect(await h.store.read(question({ tier }))).toEqual([])
        expect(plain(await h.store.read(question({ tier, tags: {} })))).toEqual(left)
      }
      expect((await h.store.hosts()).map(({ host }) => host)).toEqual(['beta'])
      expect(await h.store.newest(HOST)).toBeNull()
      await h.store.write('metrics', [point(h.start + HOUR, { user: 9 })])
      expect(plain(await h.store.read(question()))).toEqual([
        cpuRows([h.start + HOUR], { user: [9] }),
      ])
    })

    it('and hosts that nobody knows are an empty answer', async () => {
      await h.store.write('metrics', [point(h.start, { user: 1 })])
      for (const over of [
        { measurements: ['nothing'] },
        { tags: { host: 'nobody' } },
        { tags: { host: HOST, core: '0' } },
        { fields: ['nothing'] },
        { range: range(h.start + 1, h.start + HOUR) },
        { range: range(h.start - HOUR, h.start) },
      ])
        expect(await h.store.read(question(over))).toEqual([])
    })
  })
}

const byText = (a: { tags: Tags }, b: { tags: Tags }) =>
  canonicalTags(a.tags) < canonicalTags(b.tags) ? -1 : 1
