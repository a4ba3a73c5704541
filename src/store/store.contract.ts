import { describe } from 'vitest'
import type { OpenHarness, StoreTraits } from './contract/harness.ts'
import { describeKeeping } from './contract/keeping.ts'
import { describeRolling } from './contract/rolling.ts'
import { describeWriting } from './contract/writing.ts'

/** What every store has to do, whatever it is made of: only the port is used, and what `open` brings along. */
export const describeStore = (name: string, open: OpenHarness, traits: StoreTraits) => {
  describe(name, () => {
    describeWriting(open, traits)
    describeRolling(open, traits)
    describeKeeping(open, traits)
  })
}
