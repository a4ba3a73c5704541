import { expect, test } from 'vitest'
import { bounded } from './bounded.ts'

/** Everything that waits only for promises has happened. */
const turn = () => new Promise(setImmediate)

test('so many run, so many wait in order, the next is refused, and a failure frees its place', async () => {
  const { run, figures } = bounded({ running: 1, waiting: 2 })
  const done: string[] = []
  const settle: Record<string, (failed?: Error) => void> = {}
  const job = (name: string) => () =>
    new Promise<void>((resolve, reject) => {
      settle[name] = (failed) => {
        done.push(name)
        if (failed === undefined) resolve()
        else reject(failed)
      }
    })
  const jobs = ['a', 'b', 'c'].map((name) => run(job(name)))
  expect(figures()).toEqual({ running: 1, waiting: 2 })
  await expect(run(job('d'))).rejects.toMatchObject({ code: 'unavailable', retryAfterSeconds: 1 })
  await turn()
  settle['a']?.(new Error('broken'))
  await expect(jobs[0]).rejects.toThrow('broken')
  expect(figures()).toEqual({ running: 1, waiting: 1 })
  await turn()
  settle['b']?.()
  await jobs[1]
  await turn()
  settle['c']?.()
  await jobs[2]
  expect([done, figures()]).toEqual([['a', 'b', 'c'], { running: 0, waiting: 0 }])
})
