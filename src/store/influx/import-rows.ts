import { cleanMeasurement } from '../../points/line-protocol.ts'
import { instant } from '../../points/instant.ts'
import { seriesKey, type Point, type Tags } from '../../points/point.ts'
import { BESIDE, type Column, type SeriesColumns } from '../range-query.ts'
import { fieldName, storedTags } from './names.ts'
import { noPoorer } from './rebuild.ts'

/** Rows under the names that they have in InfluxDB; series that get the same name become one, the first wins. */
export const asStored = (rows: readonly SeriesColumns[]): readonly SeriesColumns[] => {
  const named = new Map<string, SeriesColumns>()
  for (const one of rows) {
    const stored: SeriesColumns = {
      measurement: cleanMeasurement(one.measurement),
      tags: storedTags(one.tags),
      at: one.at,
      fields: Object.fromEntries(
        Object.entries(one.fields).map(([name, column]) => [fieldName(name), column]),
      ),
    }
    const key = seriesKey(stored.measurement, stored.tags)
    const before = named.get(key)
    named.set(key, before === undefined ? stored : united(before, stored))
  }
  return [...named.values()]
}

/** The rows of two series as one; a value of `a` goes before one of `b`. */
const united = (a: SeriesColumns, b: SeriesColumns): SeriesColumns => {
  const at = Float64Array.from(new Set([...a.at, ...b.at])).toSorted()
  const placesOf = (one: SeriesColumns) => new Map(Array.from(one.at, (time, i) => [time, i]))
  const [inA, inB] = [placesOf(a), placesOf(b)]
  const fields: [string, Column][] = []
  for (const name of new Set([...Object.keys(a.fields), ...Object.keys(b.fields)])) {
    const parts = [
      { column: a.fields[name], places: inA },
      { column: b.fields[name], places: inB },
    ]
    // a mean and its companions come from the same side
    const sideAt = (time: number) =>
      parts.find(({ column, places }) => !isMissing(column?.value[places.get(time) ?? -1]))
    const pick = (part: 'value' | (typeof BESIDE)[number]) =>
      Float64Array.from(at, (time) => {
        const side = sideAt(time)
        return side?.column?.[part]?.[side.places.get(time) ?? -1] ?? Number.NaN
      })
    const beside = BESIDE.filter((part) => parts.some(({ column }) => column?.[part] !== undefined))
    fields.push([
      name,
      { value: pick('value'), ...Object.fromEntries(beside.map((part) => [part, pick(part)])) },
    ])
  }
  return { measurement: a.measurement, tags: a.tags, at, fields: Object.fromEntries(fields) }
}

const isMissing = (value: number | undefined): boolean => value === undefined || Number.isNaN(value)

export type Fresh = {
  /** What the store does not have. */
  readonly points: readonly Point[]
  /** Values that it has. */
  readonly kept: number
  /** It has other rows than these, or other values at the same instant. */
  readonly beside: boolean
}

/** Of raw rows those fields that are not there; what is there is newer, and stays. */
export const freshRows = (
  rows: readonly SeriesColumns[],
  there: readonly SeriesColumns[],
): Fresh => {
  const existing = new Map(there.map((one) => [seriesKey(one.measurement, one.tags), one]))
  const points: Point[] = []
  let kept = 0
  let beside = false
  for (const one of rows) {
    const key = seriesKey(one.measurement, one.tags)
    const old = existing.get(key)
    existing.delete(key)
    const places = new Map(Array.from(old?.at ?? [], (at, place) => [at, place] as const))
    let met = 0
    one.at.forEach((at, place) => {
      const oldPlace = places.get(at)
      if (oldPlace !== undefined) met += 1
      const fields: Record<string, number> = {}
      let any = false
      for (const name in one.fields) {
        const value = one.fields[name]?.value[place]
        if (value === undefined || Number.isNaN(value)) continue
        const before = oldPlace === undefined ? undefined : old?.fields[name]?.value[oldPlace]
        if (before === undefined || Number.isNaN(before)) {
          fields[name] = value
          any = true
        } else {
          kept += 1
          if (before !== value) beside = true
        }
      }
      if (any)
        points.push({ measurement: one.measurement, tags: one.tags, at: instant(at), fields })
    })
    if (met < places.size) beside = true
  }
  return { points, kept, beside: beside || existing.size > 0 }
}

/**
 * Of windows those that hold at least as many values as what is there; the others are made of more, or of raw rows
 * that only the store has.
 */
export const freshWindows = (
  rows: readonly SeriesColumns[],
  there: readonly SeriesColumns[],
): Fresh => {
  const points = noPoorer(rows, there)
  const placeOf = (measurement: string, tags: Tags, at: number) =>
    `${at} ${seriesKey(measurement, tags)}`
  const sent = new Set(points.map((one) => placeOf(one.measurement, one.tags, one.at)))
  const made = new Map(rows.map((one) => [seriesKey(one.measurement, one.tags), one]))
  let kept = 0
  for (const old of there) {
    const names = Object.keys(made.get(seriesKey(old.measurement, old.tags))?.fields ?? {})
    const instants = new Set(made.get(seriesKey(old.measurement, old.tags))?.at)
    old.at.forEach((at, place) => {
      if (!instants.has(at) || sent.has(placeOf(old.measurement, old.tags, at))) return
      for (const name of names)
        for (const part of ['value', ...BESIDE] as const)
          if (!isMissing(old.fields[name]?.[part]?.[place])) kept += 1
    })
  }
  return { points, kept, beside: false }
}

/** The rows at or after an instant, and how many are before it. */
export const notBefore = (
  rows: readonly SeriesColumns[],
  from: number | null,
): { readonly rows: readonly SeriesColumns[]; readonly tooOld: number } => {
  if (from === null || rows.every(({ at }) => (at[0] ?? Infinity) >= from))
    return { rows, tooOld: 0 }
  let tooOld = 0
  const kept = rows.flatMap((one): SeriesColumns[] => {
    const first = one.at.findIndex((at) => at >= from)
    tooOld += first === -1 ? one.at.length : first
    return first === -1 ? [] : [behind(one, first)]
  })
  return { rows: kept, tooOld }
}

const behind = (one: SeriesColumns, first: number): SeriesColumns => ({
  ...one,
  at: one.at.subarray(first),
  fields: Object.fromEntries(
    Object.entries(one.fields).map(([name, column]) => [
      name,
      {
        value: column.value.subarray(first),
        ...Object.fromEntries(
          BESIDE.flatMap((part) => {
            const values = column[part]
            return values === undefined ? [] : [[part, values.subarray(first)]]
          }),
        ),
      },
    ]),
  ),
})

/** How many values the points of one write have. */
export const valuesIn = (points: readonly Point[]): number => {
  let values = 0
  for (const { fields } of points)
    for (const name in fields) if (Number.isFinite(fields[name])) values += 1
  return values
}
