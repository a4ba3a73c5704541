import { TZDate } from '@date-fns/tz'
import { AppError } from '../app-error.ts'
import { DAY, type Instant } from '../points/instant.ts'

/** A wall clock somewhere: which day an instant belongs to there, and how it is written. */
export type LocalTime = {
  /** Days since 1970-01-01 of the calendar there. */
  day(at: Instant): number
  /** `2022-01-04 08:30:00` */
  text(at: Instant): string
}

const isZone = (zone: string): boolean => {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone })
    return true
  } catch {
    return false
  }
}

/** The zone that a machine names; UTC where it names none or one that is unknown (an empty or wrong `TZ`). */
export const zoneOf = (machine: string | undefined): string =>
  machine !== undefined && isZone(machine) ? machine : 'UTC'

/** The wall clock of a time zone, such as Europe/Berlin. Throws an AppError `invalid` for what is none. */
export const localTime = (zone: string): LocalTime => {
  if (!isZone(zone))
    throw new AppError({ code: 'invalid', detail: 'tz must be a time zone such as Europe/Berlin' })
  return {
    day: (at) => {
      const there = new TZDate(at, zone)
      return Date.UTC(there.getFullYear(), there.getMonth(), there.getDate()) / DAY
    },
    text: (at) => {
      const there = new TZDate(at, zone)
      const date = [there.getFullYear(), two(there.getMonth() + 1), two(there.getDate())].join('-')
      return `${date} ${[there.getHours(), there.getMinutes(), there.getSeconds()].map(two).join(':')}`
    },
  }
}

const two = (number: number): string => String(number).padStart(2, '0')

/**
 * For each of ascending days how many consecutive days end there: 1, 2, 3, 5 March give 1, 2, 3, 1. Several entries a
 * day count once.
 */
export const streaksOf = (days: readonly number[]): readonly number[] => {
  const streaks: number[] = []
  for (const [place, day] of days.entries()) {
    const before = days[place - 1]
    const streak = streaks.at(-1)
    if (before === undefined || streak === undefined || day > before + 1) streaks.push(1)
    else streaks.push(day === before ? streak : streak + 1)
  }
  return streaks
}
