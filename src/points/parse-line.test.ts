import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { instant } from './instant.ts'
import { cleanField, cleanMeasurement, cleanName, toLine } from './line-protocol.ts'
import cases from './parse-line.cases.json' with { type: 'json' }
import { parseLines, PRECISIONS, type Precision } from './parse-line.ts'

const parsed = (text: string, precision: Precision) =>
  [...parseLines(text, precision)].map((line) => {
    if (line.kind === 'bad') return line.why
    const { measurement, tags, fields, time } = line
    return { measurement, tags, fields, ...(time !== undefined && { time }) }
  })

describe('line protocol', () => {
  it.each(cases as [string, string, Precision, unknown[]][])(
    '%s',
    (_name, text, precision, lines) => {
      expect(parsed(text, precision)).toEqual(lines)
    },
  )

  it('may be called __proto__ without harm', () => {
    const [line] = parseLines('m,__proto__=x,constructor=y __proto__=1,toString=2', 'ns')
    if (line?.kind !== 'line') throw new Error('bad')
    expect(Object.entries(line.tags)).toEqual([
      ['__proto__', 'x'],
      ['constructor', 'y'],
    ])
    expect(Object.entries(line.fields)).toEqual([
      ['__proto__', 1],
      ['toString', 2],
    ])
    expect(({} as Record<string, unknown>)['x']).toBeUndefined()
  })

  it('shows the beginning of a long bad line only', () => {
    expect(parsed(`m f=${'x'.repeat(10_000)}`, 'ns')[0]).toHaveLength(105)
  })

  const texts = fc.string({ unit: 'binary', minLength: 1, maxLength: 12 })
  const floats = fc.double({ noNaN: true, noDefaultInfinity: true })

  it('is read as it was written', () => {
    fc.assert(
      fc.property(
        texts,
        fc.dictionary(texts, texts, { maxKeys: 3 }),
        fc.dictionary(texts, floats, { minKeys: 1, maxKeys: 4 }),
        fc.integer({ min: -9e12, max: 9e12 }),
        fc.integer({ min: 0, max: 999_999 }),
        (measurement, tags, fields, at, seq) => {
          const clean = {
            measurement: cleanMeasurement(measurement),
            tags: Object.fromEntries(
              Object.entries(tags).map(([name, value]) => [cleanName(name), cleanName(value)]),
            ),
            fields: Object.fromEntries(
              Object.entries(fields).map(([name, value]) => [cleanField(name), value]),
            ),
          }
          const line = toLine({ ...clean, at: instant(at) }, seq)
          // a blank at the beginning of a line is nothing, whatever it stands for
          fc.pre(line !== null && !/^[\s\0\\]/.test(line))
          const [read] = parsed(line ?? '', 'ns')
          expect(read).toEqual({
            ...clean,
            fields: Object.fromEntries(
              Object.entries(clean.fields).map(([name, value]) => [name, value + 0]),
            ),
            time: { at, seq },
          })
        },
      ),
      { numRuns: 2_000 },
    )
  })

  it('of any text gives lines or says what is wrong, and comes to an end', () => {
    const noise = fc.string({
      unit: fc.constantFrom(...Array.from('m,f=1" \\\n\r#tiu-.e\0é😀')),
      maxLength: 60,
    })
    fc.assert(
      fc.property(noise, fc.constantFrom(...PRECISIONS), (text, precision) => {
        for (const line of parseLines(text, precision)) {
          if (line.kind === 'bad') expect(line.why).toMatch(/^unable to parse '/)
          else
            for (const value of Object.values(line.fields))
              if (typeof value === 'number') expect(value).toSatisfy(Number.isFinite)
        }
      }),
      { numRuns: 20_000 },
    )
  })

  it('with a million labels is read in one go', () => {
    const line = `m${Array.from({ length: 200_000 }, (_, i) => `,t${i}=v`).join('')} f=1`
    const [read] = parseLines(line, 'ns')
    expect(read?.kind === 'line' && Object.keys(read.tags).length).toBe(200_000)
  })
})
