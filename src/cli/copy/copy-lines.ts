import { toIso, instant } from '../../points/instant.ts'
import type { Colours } from '../terminal.ts'
import { table } from '../text/table.ts'
import { formatValue } from '../text/value.ts'
import { isWhole, type CopiedRecords } from './copy-records.ts'
import type { CheckedDay } from './verify.ts'

const MOST_DAYS = 20

const STATES = {
  whole: 'whole',
  beyond: 'in part older than InfluxDB keeps it',
  broken: 'broken',
} as const

const RIGHT = 'right' as const

/** What was copied and what is there: a line for each dataset and tier, then the days that are not whole. */
export const copyLines = (days: readonly CheckedDay[], colours: Colours): readonly string[] => {
  const parts = byPart(days)
  const odd = days.filter(({ state }) => state !== 'whole')
  return [
    table(
      [
        { head: 'Data' },
        { head: 'From' },
        { head: 'To' },
        { head: 'Days', align: RIGHT },
        { head: 'Rows copied', align: RIGHT },
        { head: 'Values copied', align: RIGHT },
        { head: 'In InfluxDB', align: RIGHT },
        { head: '' },
      ],
      [...parts].map(([name, own]) => [
        name,
        dateOf(own[0]),
        dateOf(own.at(-1)),
        String(own.length),
        count(sum(own, ({ copied }) => copied.rows - copied.tooOld)),
        count(sum(own, ({ copied }) => copied.values)),
        count(sum(own, ({ there }) => there)),
        stateOf(own, colours),
      ]),
      colours.dim,
    ),
    ...odd.slice(0, MOST_DAYS).map(lineOf),
    ...(odd.length > MOST_DAYS ? [`… and ${odd.length - MOST_DAYS} days more.`] : []),
  ]
}

/** The records of one measurement: what was copied and what is there. */
export const recordLine = (one: CopiedRecords): string => {
  const { measurement, copied, tooOld, refused, there } = one
  const left =
    tooOld === 0 ? '' : `; ${count(tooOld)} are older than InfluxDB keeps them and were left out`
  const bad = refused === 0 ? '' : `; it refused ${count(refused)}`
  return `${measurement}: ${count(copied)} records copied, ${count(there)} in InfluxDB${left}${bad}: ${isWhole(one) ? 'whole' : 'broken'}.`
}

const byPart = (days: readonly CheckedDay[]): ReadonlyMap<string, readonly CheckedDay[]> => {
  const parts = new Map<string, CheckedDay[]>()
  for (const day of days) {
    const name = `${day.dataset} ${day.tier}`
    parts.set(name, [...(parts.get(name) ?? []), day])
  }
  return parts
}

const lineOf = ({ dataset, tier, copied, there, state, ...one }: CheckedDay): string => {
  const what = `${dataset} ${tier} of ${dateOf(one)}`
  if (state === 'beyond')
    return `${what}: ${count(copied.tooOld)} of ${count(copied.rows)} rows are older than InfluxDB keeps them and were left out.`
  const why =
    copied.why === undefined ? '' : `; it refused ${count(copied.refused)} rows: ${copied.why}`
  return `${what}: ${count(copied.values)} values copied, ${count(there)} in InfluxDB${why}.`
}

const stateOf = (own: readonly CheckedDay[], colours: Colours) => {
  if (own.some(({ state }) => state === 'broken'))
    return { text: STATES.broken, style: colours.red }
  if (own.some(({ state }) => state === 'beyond'))
    return { text: STATES.beyond, style: colours.yellow }
  return { text: STATES.whole, style: colours.green }
}

const dateOf = (one: Pick<CheckedDay, 'day'> | undefined): string =>
  one === undefined ? '' : toIso(instant(one.day)).slice(0, 10)

const count = (number: number): string => formatValue(number, 'count')

const sum = (days: readonly CheckedDay[], of: (day: CheckedDay) => number): number =>
  days.reduce((total, day) => total + of(day), 0)
