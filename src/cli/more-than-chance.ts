import type { FieldComparison } from '../history/history.ts'

type Verdicts = Pick<FieldComparison, 'significant' | 'significant_paired'>

/**
 * Whether a change is more than chance: by the windows at the same time of day where the periods have them, since a daily
 * rhythm hides no change from that; else by the windows as they come. null: it could not be tested.
 */
export const moreThanChance = ({ significant, significant_paired }: Verdicts): boolean | null =>
  significant_paired ?? significant
