import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { instant } from './instant.ts'
import cases from './line-protocol.cases.json' with { type: 'json' }
import { cleanName, createLineWriter, toLine } from './line-protocol.ts'
import type { Tags } from './point.ts'

type Case = [
  string,
  { measurement: string; tags: Tags; fields: Record<string, number>; at: number },
  string | null,
]

describe('a line of line protocol', () => {
  it.each(cases as unknown as Case[])('writes %s', (_name, point, line) => {
    expect(toLine({ ...point, at: instant(point.at) })).toBe(line)
  })

  it('is the same by a writer that remembers names, however often and how many', () => {
    const write = createLineWriter()
    const points = (cases as unknown as Case[]).map(([, point]) => ({ ...point, at: instant(1) }))
    for (let round = 0; round < 2; round++)
      for (const point of points) expect(write(point, round)).toBe(toLine(point, round))
    for (let i = 0; i < 25_000; i++) {
      const point = {
        measurement: 'm',
        tags: { t: `${i % 12_000} a` },
        fields: { f: i },
        at: instant(i),
      }
      expect(write(point)).toBe(`m,t=${i % 12_000}\\ a f=${i} ${i}000000`)
    }
  })

  it('leaves out what is no finite number', () => {
    const fields = { a: Number.NaN, b: Number.POSITIVE_INFINITY, c: 1 }
    expect(toLine({ measurement: 'm', tags: {}, fields, at: instant(1) })).toBe('m c=1 1000000')
  })

  it('keeps records of the same millisecond apart by their sequence number', () => {
    const point = { measurement: 'm', tags: {}, fields: { f: 1 }, at: instant(1700000000000) }
    expect(toLine(point, 42)).toBe('m f=1 1700000000000000042')
  })
})

describe('a cleaned name', () => {
  it('is one non-empty line of at most 1,024 bytes that does not end in a backslash, whatever it was', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 3_000 }), (text) => {
        const clean = cleanName(text)
        expect(clean).not.toMatch(/\p{Cc}/u)
        expect(clean).not.toMatch(/\\$/)
        expect(clean).not.toBe('')
        expect(Buffer.byteLength(clean)).toBeLessThanOrEqual(1_024)
        expect(cleanName(clean)).toBe(clean)
      }),
    )
  })

  it('cuts at a whole character', () => {
    expect(cleanName('🙂'.repeat(300))).toBe('🙂'.repeat(256))
  })
})
