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

const questionsIn = (script: string) =>
  [...script.matchAll(/yield\(name: "([^"]+)"\)/g)].map(([, name]) => name)

it('what is asked in one moment is one request, and what is being answered is not asked again', async () => {
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
  // what is asked in one moment is one request, each different question in it once
  await Promise.resolve()
  expect(asked.map(questionsIn)).toEqual([['0/stored', '1/stored', '2/stored', '3/stored']])
  // and while it is being answered nobody asks for the same again
  answers.push(read(question), read({ ...question, tags: { host: 'gamma' } }))
  await Promise.resolve()
  expect(asked.map(questionsIn).slice(1)).toEqual([['0/stored']])
  answerAll()
  const [first, second, , , , third] = await Promise.all(answers)
  expect(second).toBe(first)
  expect(third).toBe(first)

  // and what is asked after an answer is asked anew
  const later = read(question)
  await Promise.resolve()
  expect(asked).toHaveLength(3)
  answerAll()
  expect(await later).toEqual(first)
})

it('a request that fails fails for all questions in it, and the next one is asked anew', async () => {
  let failure: Error | undefined = new Error('gone')
  const queries: Queries = {
    ask: async (_script, collect) => {
      if (failure !== undefined) throw failure
      return collect().answer()
    },
  }
  const { read } = createReader({ queries, prefix: 'perfwatch', horizon: () => null })
  const both = () =>
    Promise.allSettled([read(question), read({ ...question, tags: { host: 'beta' } })])
  expect(await both()).toEqual([
    { status: 'rejected', reason: failure },
    { status: 'rejected', reason: failure },
  ])
  failure = undefined
  expect(await both()).toEqual([
    { status: 'fulfilled', value: [] },
    { status: 'fulfilled', value: [] },
  ])
})
