import { expect, test } from 'vitest'
import { createHub } from './hub.ts'

const noError = (error: unknown) => {
  throw error
}

/** A listener that settles when it is told, and what it has got so far. */
const slow = () => {
  const got: number[] = []
  let settle: () => void = () => undefined
  return {
    got,
    listener: (item: number) => {
      got.push(item)
      return new Promise<void>((resolve) => {
        settle = resolve
      })
    },
    async next() {
      settle()
      await new Promise(setImmediate)
    },
  }
}

test('every listener gets every item, and latest is the newest', () => {
  const hub = createHub<number>(noError)
  const a: number[] = []
  const b: number[] = []
  expect(hub.latest()).toBe(null)
  hub.subscribe((item) => void a.push(item))
  hub.publish(1)
  const leave = hub.subscribe((item) => void b.push(item))
  hub.publish(2)
  leave()
  hub.publish(3)
  expect([a, b, hub.latest()]).toEqual([[1, 2, 3], [2], 3])
})

test('a busy listener gets what waited in order, and the oldest is dropped beyond its bound', async () => {
  const hub = createHub<number>(noError)
  const { got, listener, next } = slow()
  hub.subscribe(listener, { bound: 2 })
  for (const item of [1, 2, 3, 4, 5]) hub.publish(item)
  expect(got).toEqual([1])
  expect(hub.figures()).toEqual({ listeners: 1, waiting: 2, dropped: 2 })
  await next()
  await next()
  expect(got).toEqual([1, 4, 5])
  await next()
  hub.publish(6)
  expect(got).toEqual([1, 4, 5, 6])
})

test('a listener that has left gets nothing that still waited for it', async () => {
  const hub = createHub<number>(noError)
  const { got, listener, next } = slow()
  const leave = hub.subscribe(listener)
  hub.publish(1)
  hub.publish(2)
  leave()
  await next()
  expect(got).toEqual([1])
})

test('one that throws or rejects is reported and disturbs neither the others nor itself', async () => {
  const errors: unknown[] = []
  const hub = createHub<number>((error) => errors.push(error))
  const got: number[] = []
  hub.subscribe((item) => {
    throw new Error(`thrown ${item}`)
  })
  hub.subscribe(async (item) => {
    throw new Error(`rejected ${item}`)
  })
  hub.subscribe((item) => void got.push(item))
  hub.publish(1)
  await new Promise(setImmediate)
  hub.publish(2)
  await new Promise(setImmediate)
  expect(got).toEqual([1, 2])
  expect(errors.map(String).sort()).toEqual([
    'Error: rejected 1',
    'Error: rejected 2',
    'Error: thrown 1',
    'Error: thrown 2',
  ])
})
