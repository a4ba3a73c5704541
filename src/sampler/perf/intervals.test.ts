import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { gatherIntervals, type Interval } from './intervals.ts'

const stream = readFileSync(new URL('fixtures/hybrid.csv', import.meta.url), 'utf8')

const gather = (...pieces: readonly string[]) => {
  const got: { seconds: number; counts: Record<string, number | null> }[] = []
  const intervals = gatherIntervals(({ seconds, counts }: Interval) =>
    got.push({
      seconds,
      counts: Object.fromEntries([...counts].map(([event, { value }]) => [event, value])),
    }),
  )
  for (const piece of pieces) intervals.push(piece)
  return { got, settle: () => intervals.settle(), push: (text: string) => intervals.push(text) }
}

describe('the intervals of a run of perf', () => {
  it('begin at perf’s start and end with the first line of the next', () => {
    const { got } = gather('1.5,10,,a,1,100.00\n1.5,20,,b,1,100.00\n', '3.5,30,,a,1,100.00\n')
    expect(got).toEqual([{ seconds: 1.5, counts: { a: 10, b: 20 } }])
  })

  it('end when nothing more comes, but not in the middle of a line', () => {
    const cut = gather('1.0,10,,a,1,100.00\n1.0,2')
    cut.settle()
    expect(cut.got).toEqual([])
    cut.push('0,,b,1,100.00\n')
    cut.settle()
    expect(cut.got).toEqual([{ seconds: 1, counts: { a: 10, b: 20 } }])
  })

  it('take no line that comes after their end, nor one from the past', () => {
    const late = gather('1.0,10,,a,1,100.00\n')
    late.settle()
    late.push('1.0,20,,b,1,100.00\n0.5,1,,a,1,100.00\n2.0,30,,a,1,100.00\n')
    late.settle()
    expect(late.got).toEqual([
      { seconds: 1, counts: { a: 10 } },
      { seconds: 1, counts: { a: 30 } },
    ])
  })

  it('add the lines of one event up, and have null where one of them is missing', () => {
    const { got, settle } = gather(
      [
        '1.0,1,,cpu_core/a/,1,100.00',
        '1.0,2,,cpu_atom/a/,1,100.00',
        '1.0,3,,cpu_core/b/,1,100.00',
        '1.0,<not counted>,,cpu_atom/b/,0,0.00',
        '1.0,<not counted>,,cpu_core/c/,0,0.00',
        '1.0,4,,cpu_atom/c/,1,100.00',
        // bytes and a bare count have no sum
        '1.0,5,MiB,pw_d [uncore_imc_0],1,100.00',
        '1.0,6,,pw_d [uncore_imc_1],1,100.00',
        '',
      ].join('\n'),
    )
    settle()
    expect(got).toEqual([{ seconds: 1, counts: { a: 3, b: null, c: null, pw_d: null } }])
  })

  it('are the same wherever the stream is cut', () => {
    const whole = gather(stream)
    whole.settle()
    expect(whole.got).toHaveLength(1)
    const cuts = fc.array(fc.nat(stream.length), { maxLength: 12 })
    fc.assert(
      fc.property(cuts, (at) => {
        const seams = [0, ...at.toSorted((a, b) => a - b), stream.length]
        const cut = gather(...seams.slice(1).map((end, i) => stream.slice(seams[i], end)))
        cut.settle()
        expect(cut.got).toEqual(whole.got)
      }),
    )
  })

  it('survive a line without an end', () => {
    const flood = gather('x'.repeat(50_000), 'x'.repeat(50_000), '\n1.0,10,,a,1,100.00\n')
    flood.settle()
    expect(flood.got).toEqual([{ seconds: 1, counts: { a: 10 } }])
  })
})
