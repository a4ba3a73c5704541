import { canonicalTags, type Tags } from '../points/point.ts'

/** Stores give the same tags object for a series each time, and one of many cores has many. */
const known = new WeakMap<Tags, string>()

/** A text that is equal for equal series, as `seriesKey` gives; made once for each tags object. */
export const seriesText = (measurement: string, tags: Tags): string => {
  let text = known.get(tags)
  if (text === undefined) {
    text = canonicalTags(tags)
    known.set(tags, text)
  }
  return measurement + text
}
