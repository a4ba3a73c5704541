import fc from 'fast-check'
import { expect, it } from 'vitest'
import { instant } from '../../points/instant.ts'
import { cleanMeasurement, cleanName } from '../../points/line-protocol.ts'
import { fluxTree } from '../../testing/flux-tree.ts'
import { fieldName, tagName } from './names.ts'
import { rangeScript } from './range-script.ts'
import { momentAt, type Stretch } from './records/moment.ts'
import { prepare } from './records/question.ts'
import {
  countsScript,
  endScript,
  rowsScript,
  seriesScript,
  windowCountsScript,
  type Rows,
} from './records/scripts.ts'

const TEXTS = 60_000
const AT_ONCE = 50

const scriptOf = (measurements: string[], tags: Record<string, string>, fields: string[]) =>
  rangeScript('perfwatch', {
    dataset: 'pushed',
    measurements,
    tags,
    fields,
    tier: 'raw',
    range: { from: instant(0), to: instant(1e12) },
    beside: [],
  })?.script ?? ''

const numbered = (count: number, letter: string) =>
  Array.from({ length: count }, (_, i) => `${letter}${i}`)

const marks = fc.constantFrom('"', '\\', '$', '{', '}', '\n', '(', ')', '|', '>', '/', 'r', ' ')
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.string({ unit: marks, maxLength: 12 }),
  fc.string({ unit: 'grapheme', maxLength: 30 }),
)

it(`${TEXTS} texts at every place of a question leave the tree of the script as it is`, () => {
  fc.assert(
    fc.property(fc.array(text, { minLength: AT_ONCE, maxLength: AT_ONCE }), (texts) => {
      const tags = Object.fromEntries(texts.map((one) => [one, one] as const))
      const tree = fluxTree(scriptOf(texts, tags, texts))
      const measurements = new Set(texts.map(cleanMeasurement))
      const tagNames = new Map(texts.map((one) => [tagName(one), cleanName(one)] as const))
      const fields = new Set(texts.map(fieldName))
      const harmless = fluxTree(
        scriptOf(
          numbered(measurements.size, 'm'),
          Object.fromEntries(numbered(tagNames.size, 't').map((one) => [one, one] as const)),
          numbered(fields.size, 'f'),
        ),
      )
      expect(tree.shape).toBe(harmless.shape)
      const there = new Set(tree.texts)
      for (const one of [...measurements, ...tagNames.keys(), ...tagNames.values(), ...fields])
        expect(there.has(one)).toBe(true)
    }),
    { numRuns: TEXTS / AT_ONCE },
  )
})

/** Every script that is made of a question for records. */
const recordScripts = (
  measurement: string,
  tags: Record<string, string>,
  anyOf: Record<string, string[]>,
  contains: { field: string; text: string },
): readonly string[] => {
  const stretch: Stretch = { from: momentAt(0), to: { at: 1e12, seq: 5 } }
  const question = prepare('perfwatch', {
    dataset: 'logs',
    measurement,
    tags,
    anyOf,
    contains,
    range: { from: instant(0), to: instant(1e12) },
    order: 'newest first',
    limit: 200,
  })
  if (question?.texts === undefined) throw new Error('Nothing is asked.')
  const { rows, texts, cut } = question
  const each = (of: Rows) => [
    rowsScript(of, stretch, { cut, result: 'rows' }),
    countsScript(of, stretch),
    endScript(of, stretch, 'last'),
    windowCountsScript(of, stretch, 60_000),
    seriesScript(of.prefix, of.dataset, of.conditions, { from: 0, to: 1 }),
  ]
  return [rows, texts.all, texts.matching].flatMap(each)
}

/** A search becomes a literal of its own making, whose length is no part of the shape. */
const SEARCH = /("type":"RegexpLiteral","value":)"(?:[^"\\]|\\.)*"/g

const shapesOf = (scripts: readonly string[]): readonly string[] =>
  scripts.map((script) => fluxTree(script).shape.replaceAll(SEARCH, '$1'))

/** The scripts of a search without and with something that storage can search by. */
const plainSearches = (...question: Parameters<typeof recordScripts>) =>
  ['', 'x'].map((plain) => {
    const [measurement, tags, anyOf, { field }] = question
    return shapesOf(recordScripts(measurement, tags, anyOf, { field, text: plain }))
  })

it(`${TEXTS} texts at every place of a question for records leave the trees of its scripts as they are`, () => {
  const [blindLog, log] = plainSearches('log', {}, {}, { field: 'msg', text: '' })
  const [blindOther, other] = plainSearches('other', {}, {}, { field: 'f', text: '' })
  fc.assert(
    fc.property(fc.array(text, { minLength: AT_ONCE, maxLength: AT_ONCE }), (texts) => {
      for (const [place, one] of texts.entries()) {
        const contains = { field: 'msg', text: one }
        const inLog = recordScripts('log', {}, {}, contains)
        const inOther = recordScripts('other', {}, {}, { field: one, text: one })
        const isBlind = (scripts: readonly string[]) =>
          !scripts.some((script) => script.includes(' =~ /('))
        // one of the scripts in turn: all of them for each text take twenty minutes
        const shapeOf = (scripts: readonly string[]) =>
          shapesOf(scripts.slice(place % scripts.length, (place % scripts.length) + 1))[0]
        const which = place % inLog.length
        expect(shapeOf(inLog)).toBe((isBlind(inLog) ? blindLog : log)?.[which])
        expect(shapeOf(inOther)).toBe((isBlind(inOther) ? blindOther : other)?.[which])
      }
      const names = new Set(texts.map(tagName))
      const tags = Object.fromEntries(texts.map((one) => [one, one] as const))
      const harmless = Object.fromEntries(
        numbered(names.size, 't').map((one) => [one, one] as const),
      )
      const search = { field: 'f', text: 'x' }
      const [measurement = ''] = texts
      expect(shapesOf(recordScripts(measurement, tags, { [measurement]: texts }, search))).toEqual(
        shapesOf(recordScripts('m', harmless, { user: numbered(AT_ONCE, 'u') }, search)),
      )
    }),
    { numRuns: TEXTS / AT_ONCE },
  )
}, 900_000)
