import { describe, expect, it } from 'vitest'
import { remember } from './remembered.ts'

const open = () => {
  let now = 0
  let asked = 0
  const waiting: ((value: number) => void)[] = []
  const failing: ((error: Error) => void)[] = []
  const remembered = remember({
    freshMs: 10,
    monotonic: () => now,
    load: () =>
      new Promise<number>((resolve, reject) => {
        asked += 1
        waiting.push(resolve)
        failing.push(reject)
      }),
  })
  return {
    remembered,
    pass: (ms: number) => (now += ms),
    asked: () => asked,
    answer: (value: number) => {
      failing.shift()
      waiting.shift()?.(value)
    },
    fail: () => {
      waiting.shift()
      failing.shift()?.(new Error('away'))
    },
  }
}

describe('a remembered answer', () => {
  it('is asked for once by all who wait, then given while it is young', async () => {
    const { remembered, answer, asked } = open()
    const both = Promise.all([remembered.get(), remembered.get()])
    answer(1)
    expect(await both).toEqual([1, 1])
    expect(await remembered.get()).toBe(1)
    expect(asked()).toBe(1)
  })

  it('is given when it is old, and asked for anew behind', async () => {
    const { remembered, answer, asked, pass } = open()
    const first = remembered.get()
    answer(1)
    await first
    pass(11)
    expect(await remembered.get()).toBe(1)
    expect(await remembered.get()).toBe(1)
    expect(asked()).toBe(2)
    answer(2)
    await Promise.resolve()
    expect(await remembered.get()).toBe(2)
  })

  it('is waited for when it is very old', async () => {
    const { remembered, answer, pass } = open()
    const first = remembered.get()
    answer(1)
    await first
    pass(51)
    const second = remembered.get()
    answer(2)
    expect(await second).toBe(2)
  })

  it('stays when the one behind fails', async () => {
    const { remembered, answer, fail, pass, asked } = open()
    const first = remembered.get()
    answer(1)
    await first
    pass(11)
    await remembered.get()
    fail()
    await Promise.resolve()
    await Promise.resolve()
    expect(await remembered.get()).toBe(1)
    expect(asked()).toBe(3)
  })

  it('is never one that was asked for before it was to be forgotten', async () => {
    const { remembered, answer } = open()
    const early = remembered.get()
    remembered.forget()
    const late = remembered.get()
    answer(1)
    answer(2)
    expect([await early, await late]).toEqual([1, 2])
    expect(await remembered.get()).toBe(2)
  })

  it('is a failure for who waits, and asked for again by the next', async () => {
    const { remembered, answer, fail } = open()
    const first = remembered.get()
    fail()
    await expect(first).rejects.toThrow('away')
    const second = remembered.get()
    answer(3)
    expect(await second).toBe(3)
  })
})
