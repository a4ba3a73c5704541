import { expect, it } from 'vitest'
import { instant } from '../../points/instant.ts'
import { SEQ_LIMIT } from '../../points/record.ts'
import { toRecords } from './mapper.ts'
import { createNumbering } from './numbering.ts'
import type { Batch } from './wire.ts'

const NOW = instant(Date.UTC(2025, 0, 18, 10))
const batchOf = (name: string, lines: number): Batch => ({
  user: 'ann',
  pid: 7,
  p_name: 'bot',
  post_time: '2025-01-18T10:00:00',
  logs: Array.from({ length: lines }, (_, line) => ({
    level: 'info',
    msg: `${name} ${line}`,
    event_at: '2025-01-18T10:00:00',
  })),
})
const numberer = () => {
  const number = createNumbering()
  return (batch: Batch) =>
    number(batch, NOW)
      .number(toRecords(batch, 'ann', NOW, null))
      .map(({ seq }) => seq ?? -1)
}

it('the same batch has the same numbers, also after a restart, in its order', () => {
  const before = numberer()
  const seqs = before(batchOf('a', 20))
  expect(before(batchOf('a', 20))).toEqual(seqs)
  expect(numberer()(batchOf('a', 20))).toEqual(seqs)
  expect(seqs.map((seq) => (seq - (seqs[0] ?? 0) + SEQ_LIMIT) % SEQ_LIMIT)).toEqual(
    Array.from({ length: 20 }, (_, line) => line),
  )
})

it('equal lines of one batch stay apart', () => {
  const batch = { ...batchOf('a', 0), logs: ['x', 'x', 'x'] }
  expect(new Set(numberer()(batch)).size).toBe(3)
})

it('lines of a second never share a number, however many there are', () => {
  const number = numberer()
  const all = Array.from({ length: 200 }, (_, one) => number(batchOf(`batch ${one}`, 500))).flat()
  expect(new Set(all).size).toBe(200 * 500)
  expect(all.every((seq) => seq >= 0 && seq < SEQ_LIMIT)).toBe(true)
})

it('a batch that is sent again arrived when it first came', () => {
  const number = createNumbering()
  const later = instant(NOW + 60_000)
  expect(number(batchOf('a', 1), NOW).arrival).toBe(NOW)
  expect(number(batchOf('a', 1), later).arrival).toBe(NOW)
  expect(number(batchOf('b', 1), later).arrival).toBe(later)
})
