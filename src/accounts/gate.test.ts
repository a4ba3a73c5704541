import { expect, it } from 'vitest'
import { createGate } from './gate.ts'
import { refusalOf } from './testing.ts'

/** Works that end when they are told, and what was running at each moment. */
const createWorks = () => {
  const started: string[] = []
  const ends = new Map<string, () => void>()
  return {
    started,
    work: (name: string) => async () => {
      started.push(name)
      await new Promise<void>((resolve) => ends.set(name, resolve))
      return name
    },
    end: (name: string) => ends.get(name)?.(),
  }
}
const turn = () => new Promise((resolve) => setImmediate(resolve))

it('runs two at once, the others in order as places get free', async () => {
  const gate = createGate({ atOnce: 2, waiting: 10 })
  const { started, work, end } = createWorks()
  const results = ['a', 'b', 'c', 'd'].map((name) => gate.run(work(name)))
  await turn()
  expect(started).toEqual(['a', 'b'])
  end('b')
  await turn()
  expect(started).toEqual(['a', 'b', 'c'])
  end('a')
  end('c')
  await turn()
  end('d')
  expect(await Promise.all(results)).toEqual(['a', 'b', 'c', 'd'])
})

it('refuses what finds the waiting line full, and takes work again after', async () => {
  const gate = createGate({ atOnce: 1, waiting: 1 })
  const { work, end, started } = createWorks()
  const first = gate.run(work('first'))
  const second = gate.run(work('second'))
  expect(await refusalOf(() => gate.run(work('third')))).toEqual({
    code: 'too-many',
    detail: 'Too many log-ins at once. Try again in a moment.',
    retryAfterSeconds: 1,
  })
  end('first')
  await first
  await turn()
  end('second')
  await second
  const fourth = gate.run(work('fourth'))
  await turn()
  end('fourth')
  expect(await fourth).toBe('fourth')
  expect(started).toEqual(['first', 'second', 'fourth'])
})

it('gives the place of a work that failed to the next', async () => {
  const gate = createGate({ atOnce: 1, waiting: 1 })
  const failing = gate.run(() => Promise.reject(new Error('broken')))
  const next = gate.run(async () => 'next')
  await expect(failing).rejects.toThrow('broken')
  expect(await next).toBe('next')
})
