import fc from 'fast-check'
import { expect, it } from 'vitest'
import { instant } from '../../points/instant.ts'
import { cleanMeasurement, cleanName } from '../../points/line-protocol.ts'
import { fluxTree } from '../../testing/flux-tree.ts'
import { fieldName, tagName } from './names.ts'
import { rangeScript } from './range-script.ts'

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

it(`${TEXTS} texts at every place of a question leave the tree of the script as it is`, () => {
  const marks = fc.constantFrom('"', '\\', '$', '{', '}', '\n', '(', ')', '|', '>', '/', 'r', ' ')
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc.string({ unit: marks, maxLength: 12 }),
    fc.string({ unit: 'grapheme', maxLength: 30 }),
  )
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
