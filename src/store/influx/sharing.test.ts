import { expect, it } from 'vitest'
import { instant, MINUTE } from '../../points/instant.ts'
import type { RangeQuery, SeriesColumns } from '../range-query.ts'
import type { Queries } from './queries.ts'
import { createReader } from './read.ts'

const question: RangeQuery = {
  dataset: 'metrics',
  measurements: ['cpu'],
  tags: { host: 'alpha' },
  tier: 'raw',
  range: { from: instant(0), to: instant(60 * MINUTE) },
  beside: [],
}

it('those who ask the same at the same time are answered by one query, others by their own', async () => {
  const answering: (() => void)[] = []
  const asked: string[] = []
  const queries: Queries = {
    ask: async (script, collect) => {
      asked.push(script)
      await new Promise<void>((resolve) => answering.push(resolve))
      return collect().answer()
    },
  }
  const { read } = createReader({ queries, prefix: 'perfwatch', horizon: () => null })
  const answerAll = () => answering.splice(0).forEach((answer) => answer())

  const answers: Promise<readonly SeriesColumns[]>[] = [
    read(question),
    read({ ...question, tags: { ...question.tags } }),
    read({ ...question, tags: { host: 'beta' } }),
    // the same rows of a tier, folded by two lengths
    read({ ...question, tier: '1m', windowMs: 5 * MINUTE }),
    read({ ...question, tier: '1m', windowMs: 15 * MINUTE }),
  ]
  expect(asked).toHaveLength(4)
  answerAll()
  const [first, second] = await Promise.all(answers)
  expect(second).toBe(first)

  // and what is asked after an answer is asked anew
  const later = read(question)
  expect(asked).toHaveLength(5)
  answerAll()
  expect(await later).toEqual(first)
})
