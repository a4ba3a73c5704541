import { Flux } from '@influxdata/flux-lsp-node'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { instant, MINUTE } from '../../points/instant.ts'
import { cleanMeasurement, cleanName } from '../../points/line-protocol.ts'
import { fluxTree } from '../../testing/flux-tree.ts'
import type { RangeQuery } from '../range-query.ts'
import { fieldName, tagName } from './names.ts'
import { rangeScript } from './range-script.ts'

const question = (over: Partial<RangeQuery> = {}): RangeQuery => ({
  dataset: 'metrics',
  measurements: ['cpu'],
  tags: { host: 'alpha' },
  fields: ['user', 'idle'],
  tier: 'raw',
  range: { from: instant(Date.UTC(2025, 0, 18)), to: instant(Date.UTC(2025, 0, 18, 4)) },
  beside: [],
  ...over,
})
const scriptOf = (over: Partial<RangeQuery> = {}) =>
  rangeScript('perfwatch', question(over))?.script ?? ''

describe('the script of a question', () => {
  it('reads rows as they are stored, and leaves out what all of them have', () => {
    expect(scriptOf()).toBe(`from(bucket: "perfwatch")
    |> range(start: time(v: "2025-01-18T00:00:00Z"), stop: time(v: "2025-01-18T04:00:00Z"))
    |> filter(fn: (r) => (r["_measurement"] == "cpu") and r["host"] == "alpha" and (r["_field"] == "user" or r["_field"] == "idle"))
    |> drop(columns: ["_start", "_stop", "host", "_measurement"])
    |> yield(name: "stored")`)
  })

  it('has storage fold raw rows, in a pipeline for each fold and companion', () => {
    const script = scriptOf({
      fields: ['user', 'core_count'],
      windowMs: MINUTE,
      beside: ['max', 'n'],
    })
    const lines = script.split('\n').filter((line) => /aggregateWindow|yield|_field/.test(line))
    expect(lines.map((line) => line.trim().replace(/.* and \(r/, '(r'))).toEqual([
      '(r["_field"] == "user"))',
      '|> aggregateWindow(every: 60000ms, fn: mean, timeSrc: "_start", createEmpty: false)',
      '|> yield(name: "mean")',
      '(r["_field"] == "user"))',
      '|> aggregateWindow(every: 60000ms, fn: max, timeSrc: "_start", createEmpty: false)',
      '|> yield(name: "beside_max")',
      '(r["_field"] == "user"))',
      '|> aggregateWindow(every: 60000ms, fn: count, timeSrc: "_start", createEmpty: false)',
      '|> yield(name: "beside_n")',
      '(r["_field"] == "core_count"))',
      '|> aggregateWindow(every: 60000ms, fn: last, timeSrc: "_start", createEmpty: false)',
      '|> yield(name: "last")',
    ])
  })

  it('asks a tier for the companions that are wanted, as the fields that they are there', () => {
    expect(scriptOf({ tier: '5m', beside: ['min'] })).toContain(
      '(r["_field"] == "user" or r["_field"] == "user_min" or r["_field"] == "idle" or r["_field"] == "idle_min")',
    )
    const { fields: _, ...all } = question({ tier: '5m', beside: ['n'] })
    expect(rangeScript('perfwatch', all)?.script).toContain(
      'r["_field"] !~ /_min$/ and r["_field"] !~ /_max$/)',
    )
  })

  it.each([
    ['no measurement', { measurements: [] }],
    ['no field', { fields: [] }],
    ['an empty range', { range: { from: instant(1), to: instant(1) } }],
  ])('is none for %s', (_, over) => {
    expect(rangeScript('perfwatch', question(over))).toBeUndefined()
  })

  it.each([[0], [-1], [0.5], [Number.NaN], [Infinity]])(
    'is refused for windows of %d ms',
    (windowMs) => {
      expect(() => scriptOf({ windowMs })).toThrow(
        expect.objectContaining({ name: 'AppError', code: 'invalid' }),
      )
    },
  )

  it.each([
    ['rows', {}],
    ['folds', { windowMs: MINUTE, beside: ['min', 'max', 'n'] as const }],
    ['a tier', { tier: '1h' as const, beside: ['min', 'max', 'n'] as const }],
    ['a tier folded again', { tier: '1m' as const, windowMs: 5 * MINUTE, beside: ['n'] as const }],
    ['pushed points', { dataset: 'pushed' as const, measurements: ['a', 'b'], windowMs: MINUTE }],
    ['all times', { range: { from: instant(-8.64e15), to: instant(8.64e15) } }],
  ])('is valid Flux for %s', (_, over) => {
    expect(new Flux(scriptOf(over)).is_valid()).toBe(true)
  })
})

/** A question that holds each text at every place where a text can stand. */
const holding = (texts: readonly string[]): Partial<RangeQuery> => ({
  measurements: texts,
  fields: texts,
  tags: Object.fromEntries(texts.map((text) => [text, text])),
})

const expectUnchanged = (texts: readonly string[], over: Partial<RangeQuery>) => {
  const tree = fluxTree(scriptOf({ ...holding(texts), ...over }))
  const names = new Set(texts.map(cleanMeasurement))
  const tags = new Map(texts.map((text) => [tagName(text), cleanName(text)]))
  const fields = new Set(texts.map(fieldName))
  const plain = (count: number, letter: string) =>
    Array.from({ length: count }, (_, i) => `${letter}${i}`)
  const harmless = fluxTree(
    scriptOf({
      measurements: plain(names.size, 'm'),
      tags: Object.fromEntries(plain(tags.size, 't').map((name) => [name, name])),
      fields: plain(fields.size, 'f'),
      ...over,
    }),
  )
  expect(tree.shape).toBe(harmless.shape)
  // every text is in it as it was cleaned, and nothing else is
  const expected = new Set([...names, ...tags.keys(), ...tags.values(), ...fields])
  const there = new Set(tree.texts)
  for (const text of expected) expect(there.has(text)).toBe(true)
  const ours = new Set(fluxTree(scriptOf({ ...holding(['x']), ...over })).texts)
  for (const text of there) expect(expected.has(text) || ours.has(text)).toBe(true)
}

const nasty = [
  '"',
  '\\',
  '\\"',
  '"\\',
  '${r._value}',
  '$',
  '$"',
  '$\\"',
  '\\$"',
  '${',
  '}',
  '") |> drop() //',
  '" or true or r["x"] == "',
  'a\nb',
  'a\r\n\tb',
  '\0',
  '\u2028\u2029',
  '\u202Eevil',
  '🦊',
  '\uD800',
  '.*',
  '^(a|b)$',
  '/regex/',
  "'",
  '`',
  '#comment',
  '// comment',
  '_time',
  '_field',
  'time',
  '__proto__',
  ' ',
  '',
  'x'.repeat(65_536),
  '"'.repeat(65_536),
  '🦊'.repeat(20_000),
]

describe('hostile texts leave the meaning of the script as it is', () => {
  const kinds: readonly (readonly [string, Partial<RangeQuery>])[] = [
    ['rows', {}],
    [
      'folds of pushed points',
      { dataset: 'pushed', windowMs: MINUTE, beside: ['min', 'max', 'n'] },
    ],
    ['a tier', { tier: '1h', beside: ['n'] }],
  ]

  it.each(nasty)('%j', (text) => {
    // of a tier fields have companions whose names are made of theirs
    for (const [, over] of kinds.slice(0, 2)) expectUnchanged([text], over)
  })

  it('and so do all of them together', () => {
    for (const [, over] of kinds.slice(0, 2)) expectUnchanged(nasty, over)
  })

  it('whatever they are', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 40 }),
      fc.string({ unit: fc.constantFrom('"', '\\', '$', '{', '}', '\n', '(', ')', '|', '>', 'a') }),
    )
    fc.assert(
      fc.property(
        fc.uniqueArray(text, { minLength: 30, maxLength: 30, selector: cleanName }),
        (texts) => expectUnchanged(texts, {}),
      ),
      { numRuns: 300 },
    )
  })
})
