import { describe } from 'vitest'
import { describeAppending } from './contract/records/appending.ts'
import { describeFinding } from './contract/records/finding.ts'
import type { OpenRecordHarness, RecordTraits } from './contract/records/harness.ts'
import { describeRecordKeeping } from './contract/records/keeping.ts'
import { describeSearching } from './contract/records/searching.ts'
import { describeValues } from './contract/records/values.ts'

/** What every store has to do with records, whatever it is made of: only the port is used, and what `open` brings. */
export const describeRecords = (name: string, open: OpenRecordHarness, traits: RecordTraits) => {
  describe(`${name}: records`, () => {
    describeAppending(open)
    describeFinding(open)
    describeSearching(open)
    describeValues(open)
    describeRecordKeeping(open, traits)
  })
}
