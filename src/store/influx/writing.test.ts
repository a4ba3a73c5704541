import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DAY, instant, MINUTE, SECOND } from '../../points/instant.ts'
import { cleanMeasurement, cleanName } from '../../points/line-protocol.ts'
import type { Point } from '../../points/point.ts'
import { plain } from '../contract/questions.ts'
import type { SeriesStore } from '../store.ts'
import { clientFor } from './client.ts'
import { createDelivery } from './deliver.ts'
import { fieldName, storedTags } from './names.ts'
import { binaries, OPERATOR, ORG, startLab, type Lab } from './testing.ts'

const now = instant(Math.floor(Date.now() / MINUTE) * MINUTE - 5 * MINUTE)
const ns = (ms: number) => `${ms}000000`

describe.skipIf(binaries === null)('writes to a real InfluxDB', () => {
  let lab: Lab
  let store: SeriesStore
  beforeAll(async () => {
    lab = await startLab(['--no-tasks'])
    store = await lab.open({ policy: [{ dataset: 'events', tier: 'raw', days: 2 }] })
  })
  afterAll(() => lab.end())

  describe('are judged by the answer', () => {
    const deliver = (
      text: string,
      over: { token?: string; bucket?: string; url?: string } = {},
    ) => {
      const url = over.url ?? lab.server.url
      const client = clientFor({ url }, over.token ?? OPERATOR)
      return createDelivery({
        client: () => client,
        url,
        org: ORG,
        bucket: over.bucket ?? 'perfwatch_events',
      })(Buffer.from(text))
    }

    it.each([
      ['good lines', `v a=1 ${ns(now)}\nv a=2 ${ns(now + 1)}`, { kind: 'stored' }],
      ['nothing but a comment', '# nothing', { kind: 'stored' }],
      ['a line without a value', `v a= ${ns(now)}`, { kind: 'refused', why: /unable to parse/ }],
      ['no number', `v a=NaN ${ns(now)}`, { kind: 'refused', why: /invalid number/ }],
      ['an empty tag', `v,t= a=1 ${ns(now)}`, { kind: 'refused', why: /missing tag value/ }],
      ['a time out of range', `v a=1 99${ns(now)}`, { kind: 'refused', why: /unable to parse/ }],
      [
        'a point that is too old',
        `v a=1 ${ns(now - 9 * DAY)}\nv a=3 ${ns(now + 2)}`,
        { kind: 'partly', dropped: 1, why: /outside retention policy/ },
      ],
      ['a field named time', `v time=1 ${ns(now)}`, { kind: 'partly', dropped: 1, why: /time/ }],
    ])('of %s', async (_, text, expected) => {
      const verdict = await deliver(text)
      const why = 'why' in expected ? { why: expect.stringMatching(expected.why) as unknown } : {}
      expect(verdict).toMatchObject({ ...expected, ...why })
    })

    it('of a field that is of another type', async () => {
      await deliver(`conflict a=1 ${ns(now)}`)
      const verdict = await deliver(
        `conflict a=1i ${ns(now)}\nconflict a=2i ${ns(now)}\nconflict b=1 ${ns(now)}`,
      )
      expect(verdict).toMatchObject({ kind: 'partly', dropped: 2 })
      const rows = await lab.admin.query(
        ORG,
        'from(bucket: "perfwatch_events") |> range(start: -1h) |> filter(fn: (r) => r._measurement == "conflict") |> keep(columns: ["_field", "_value"])',
      )
      expect(rows.map(({ _field, _value }) => [_field, _value])).toEqual([
        ['a', '1'],
        ['b', '1'],
      ])
    })

    it.each([
      ['a token that nobody knows', { token: 'nonsense' }, /writer token/],
      ['a bucket that is not there', { bucket: 'nothing' }, /lacks a bucket/],
      ['a server that is not there', { url: 'http://127.0.0.1:9' }, /does not answer/],
    ])('later for %s', async (_, over, why) => {
      const verdict = await deliver(`v a=1 ${ns(now)}`, over)
      expect(verdict).toMatchObject({ kind: 'later', why: expect.stringMatching(why) as unknown })
    })

    it('later for a token that may not write there', async () => {
      const { token } = await lab.admin.token(ORG, ['read:buckets'])
      expect(await deliver(`v a=1 ${ns(now)}`, { token })).toMatchObject({
        kind: 'later',
        denied: true,
      })
    })
  })

  describe('of hostile names', () => {
    const nasty = [
      '"',
      "'",
      '\\',
      'a\\',
      '\\\\',
      'a\\ ',
      'a\\,b\\=c\\ d',
      '$',
      '$"',
      '${r._value}',
      '") |> drop() //',
      'a\nb',
      'a\r\n\tb',
      'a\0b',
      ',= ',
      '#',
      '.*',
      '/x/',
      '🦊',
      '\uD800',
      '\u202Eevil',
      '_time',
      '_field',
      '_value',
      '_measurement',
      '_start',
      '_stop',
      'time',
      'result',
      'table',
      'host',
      '__proto__',
      'x'.repeat(65_536),
      '🦊'.repeat(20_000),
    ]
    const at = now
    /** NUL and half a character are refused in names before anything is written; in tags they are cleaned. */
    const nameOf = (text: string) => (/[\0\p{Cs}]/u.test(text) ? 'plain' : text)
    const points = nasty.map((text): Point => ({
      measurement: nameOf(text),
      tags: Object.fromEntries([[text, text]]),
      fields: Object.fromEntries([[nameOf(text), 1]]),
      at,
    }))

    it.each(['a\0b', '\uD800'])('refuse %j where it cannot be kept', async (text) => {
      for (const over of [
        { measurement: text },
        { fields: { [text]: 1 } },
        { tags: { host: text } },
      ]) {
        const point = { measurement: 'm', tags: {}, fields: { f: 1 }, at, ...over }
        await expect(store.write('pushed', [point])).rejects.toMatchObject({ code: 'invalid' })
      }
    })

    it('keep every point, and their neighbours, under cleaned names', async () => {
      const neighbour = (i: number): Point => ({
        measurement: 'neighbour',
        tags: { i: String(i) },
        fields: { f: i },
        at,
      })
      // one batch: one refused line would cost all of it
      await store.write(
        'pushed',
        points.flatMap((point, i) => [neighbour(i), point]),
      )
      for (const [i, text] of nasty.entries()) {
        const question = {
          dataset: 'pushed',
          measurements: [nameOf(text)],
          tags: Object.fromEntries([[text, text]]),
          fields: [nameOf(text)],
          tier: 'raw',
          range: { from: at, to: instant(at + SECOND) },
          beside: [],
        } as const
        expect(plain(await store.read(question))).toEqual([
          {
            measurement: cleanMeasurement(nameOf(text)),
            tags: storedTags(Object.fromEntries([[text, text]])),
            at: [at],
            fields: Object.fromEntries([[fieldName(nameOf(text)), { value: [1] }]]),
          },
        ])
        const [near] = plain(
          await store.read({
            ...question,
            measurements: ['neighbour'],
            tags: { i: String(i) },
            fields: ['f'],
          }),
        )
        expect(near?.fields).toEqual({ f: { value: [i] } })
      }
      expect(await store.measurements('pushed')).toEqual(
        [...new Set([...nasty.map(nameOf).map(cleanMeasurement), 'neighbour'])].toSorted(),
      )
      expect(store.figures().spool).toMatchObject({ dropped: 0, quarantined: 0, retries: 0 })
    })

    it('of hosts are removed with nobody else', async () => {
      const hosts = [...new Set(nasty.map(nameOf).map(cleanName)), 'other']
      await store.write(
        'metrics',
        hosts.map((host) => ({ measurement: 'cpu', tags: { host }, fields: { user: 1 }, at })),
      )
      expect((await store.hosts()).map(({ host }) => host)).toEqual(hosts.toSorted())
      for (const host of hosts.slice(0, -1)) await store.removeHost(host)
      expect((await store.hosts()).map(({ host }) => host)).toEqual(['other'])
    })
  })

  it('that InfluxDB refuses are named in the quarantine, the rest is stored', async () => {
    const event = (at: number, i: number): Point => ({
      measurement: 'event_duration',
      tags: { project: 'p' },
      fields: { duration_ms: i },
      at: instant(at),
    })
    const good = [0, 1, 2].map((i) => event(now + i * SECOND, i))
    await store.write('events', [...good, event(now - 30 * DAY, 9)])
    const rows = plain(
      await store.read({
        dataset: 'events',
        measurements: ['event_duration'],
        tags: {},
        tier: 'raw',
        range: { from: instant(now - 40 * DAY), to: instant(now + DAY) },
        beside: [],
      }),
    )
    expect(rows[0]?.at).toEqual(good.map((point) => point.at))
    expect(store.figures().spool).toMatchObject({ dropped: 1, quarantined: 0 })
    const folder = join(lab.folder, 'quarantine')
    const [file = ''] = readdirSync(folder)
    expect(file).toMatch(/-events-1\.txt$/)
    expect(readFileSync(join(folder, file), 'utf8')).toMatch(/^# \S+ 1 dropped: .*retention/)
    expect(store.health().problems.join()).toContain('InfluxDB has refused points')
  })
})
