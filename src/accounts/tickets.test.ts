import { expect, it } from 'vitest'
import { systemRandom } from './random.ts'
import { createFakeClock } from './testing.ts'
import { createTickets } from './tickets.ts'

it('holds a bounded number of tickets, the latest ones', () => {
  const tickets = createTickets(createFakeClock(), systemRandom)
  const issued = Array.from({ length: 10_001 }, (_, index) => tickets.issue(`session ${index}`))
  expect(tickets.redeem(issued[0] ?? '')).toBeNull()
  expect(tickets.redeem(issued[1] ?? '')).toBe('session 1')
  expect(tickets.redeem(issued[10_000] ?? '')).toBe('session 10000')
})
