import { mood } from '../../catalog/records.ts'
import { streaksOf, type LocalTime } from '../../history/streak.ts'
import type { Instant } from '../../points/instant.ts'
import type { NewRecord, StoredRecord } from '../../points/record.ts'
import type { Moods } from './wire.ts'

export const toRecord = (user: string, text: string, at: Instant): NewRecord => ({
  measurement: mood.measurement,
  tags: { user },
  at,
  fields: { mood: text },
})

/** `records` ascending. The streak is that of the last entry; each entry carries its own. */
export const toMoods = (
  user: string,
  records: readonly StoredRecord[],
  local: LocalTime,
): Moods => {
  const streaks = streaksOf(records.map(({ at }) => local.day(at)))
  return {
    [user]: {
      mood_data: records.map(({ at, fields }, place) => ({
        Date: local.text(at),
        Mood: String(fields['mood'] ?? ''),
        streak: streaks[place] ?? 0,
      })),
      streak: streaks.at(-1) ?? 0,
    },
  }
}

/** `Sun, 28 Nov 2021 17:17:08 GMT` */
export const toHttpDate = (at: Instant): string => new Date(at).toUTCString()
