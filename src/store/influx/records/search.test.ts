import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { containsFolded, foldText } from '../../../points/fold-text.ts'
import { foldedLiteral, searchLiteral, searchPattern } from './search.ts'
import { toStored } from './text.ts'

/** Whether what is asked of InfluxDB for a search finds a text, and whether it finds its fold. */
const asked = (text: string, needle: string): readonly boolean[] => {
  const pattern = searchPattern(needle)
  const folded = foldedLiteral(needle)?.slice('/(?s)'.length, -1)
  return [
    pattern === undefined || new RegExp(pattern, 'isu').test(toStored(text)),
    folded === undefined || new RegExp(folded, 'su').test(toStored(foldText(text))),
  ]
}

describe('a search for a text', () => {
  it.each([
    ['needle', '/(?is)needle/', '/(?s)needle/'],
    ['Connection reset!', '/(?is)connection.reset/', '/(?s)connection reset!/'],
    ['[50%]', '/(?is)50/', '/(?s)50%/'],
    ['a;b`c', '/(?is)a.b.c/', '/(?s)a;b.c/'],
    ['/.*/ or true', '/(?is)or.true/', '/(?s) or true/'],
    ['Größe', '/(?is)gr.{1,2}.e/', '/(?s)größe/'],
    ['Ошибка', '/(?is)ошибка/', '/(?s)ошибка/'],
    ['чей', '/(?is)че/', '/(?s)чей/'],
    ['今年', '/(?is)今/', '/(?s)今年/'],
    ['각도', undefined, '/(?s)각도/'],
    ['DENI', '/(?is)den(?:i|İ)/', '/(?s)deni/'],
    ['q\u0323\u0307u', '/(?is)u/', '/(?s)q..u/'],
    ['ΟΔΟΣ', '/(?is)οδο/', '/(?s)οδοσ/'],
    ['two\nlines', '/(?is)two.lines/', '/(?s)two.lines/'],
    ['!?', undefined, '/(?s)!/'],
    ['', undefined, undefined],
  ])('%j is asked for by %s, and of folds by %s', (text, literal, folded) => {
    expect([searchLiteral(text), foldedLiteral(text)]).toEqual([literal, folded])
  })

  it.each([
    ['DENİZ', 'deni'],
    ['\u212A and \u212B', 'k'],
    ['\u212B', 'å'],
    ['A\u030A', 'å'],
    ['a\u0307\u0323b', 'ạ\u0307b'],
    ['ȧ\u0323b', 'ạ\u0307b'],
    ['\u0958\u0932', '\u0915\u093C\u0932'],
    ['가\u11A8도', '각도'],
    ['\u1100\u1161\u11A8도', '각도'],
    ['\u037E', ';'],
    ['\u1FBE\u03B2', 'ιβ'],
    ['\u2126', 'ω'],
    ['ΟΔΟΣ', 'οδος'],
    ['STRASSE ẞ', 'ß'],
    [String.fromCodePoint(0xf98e), '年'],
    ['a\r\nb', 'A\r\nB'],
    ['\u001a', '\u001a'],
  ])('finds in %j the text %j, as the other store does', (text, needle) => {
    expect(containsFolded(text, foldText(needle))).toBe(true)
    expect(asked(text, needle)).toEqual([true, true])
  })

  it('never leaves out a text that has it', () => {
    const odd = fc.constantFrom(
      ...Array.from('aAiIİıkKsSſßẞσςΣΩåÅée;`\u1FEFйи가각ᆨक\u093C\u0958年ǖ .\n\r\u001a🦊'),
      ...Array.from('\u0301\u0307\u0323\u030A\u212A\u212B\u2126\u037E\uF98E\u1100\u1161'),
    )
    const text = fc.oneof(
      fc.string({ unit: odd, maxLength: 12 }),
      fc.string({ unit: 'binary', maxLength: 12 }).map((one) => one.toWellFormed()),
    )
    fc.assert(
      fc.property(text, text, text, fc.nat(12), fc.nat(12), (before, middle, after, from, to) => {
        const whole = `${before}${middle}${after}`
        // any part of the fold of a text occurs in it
        const needles = [middle, foldText(whole).slice(Math.min(from, to), Math.max(from, to))]
        for (const needle of needles.map((one) => one.toWellFormed()))
          if (containsFolded(whole, foldText(needle)))
            expect([whole, needle, ...asked(whole, needle)]).toEqual([whole, needle, true, true])
      }),
      { numRuns: 20_000 },
    )
  })

  it('brings nothing into a script that means something there', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => {
        const own = (searchLiteral(text) ?? '/(?is)/')
          .slice('/(?is)'.length, -1)
          .replaceAll(/\.\{1,\d\}|\.\?|\.|\(\?:i\|İ\)/g, '')
        expect(own).toMatch(/^[\p{L}\p{N}]*$/u)
        const plain = (foldedLiteral(text) ?? '/(?s)/').slice('/(?s)'.length, -1)
        expect(plain).not.toMatch(/[\\/^$*+?()[\]{}|\p{C}]/u)
      }),
      { numRuns: 5_000 },
    )
  })
})
