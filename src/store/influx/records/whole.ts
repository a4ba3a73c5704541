import type { StoredRecord } from '../../../points/record.ts'
import { canonicalTags } from '../../../points/point.ts'
import { equals } from '../flux-text.ts'
import { storedTags } from '../names.ts'
import type { Queries } from '../queries.ts'
import { justBehind } from './moment.ts'
import { collectRecords } from './rows.ts'
import { rowsScript, type Rows } from './scripts.ts'

/** A range of its own, for one series, costs as much as reading so many records that nobody has asked for. */
const RECORDS_A_RANGE = 40
const RANGES_A_SCRIPT = 50

/**
 * Records of which one field is known, in the order of time, with all their fields. `between`: how many that meet the
 * conditions lie between the first and the last of them, as far as that is known.
 */
export const createWhole =
  (queries: Queries) =>
  async (
    rows: Rows,
    found: readonly StoredRecord[],
    between: number,
  ): Promise<readonly StoredRecord[]> => {
    const [first, last] = [found[0], found.at(-1)]
    if (first === undefined || last === undefined) return []
    const collect = () => collectRecords(first.measurement)
    const wanted = new Set(found.map(placeOf))
    if (between <= RECORDS_A_RANGE * found.length) {
      const span = { from: first, to: justBehind(last) }
      const { records } = await queries.ask(rowsScript(rows, span), collect)
      return records.filter((record) => wanted.has(placeOf(record)))
    }
    const scripts: Promise<readonly StoredRecord[]>[] = []
    for (let from = 0; from < found.length; from += RANGES_A_SCRIPT) {
      const script = found
        .slice(from, from + RANGES_A_SCRIPT)
        .map((record, index) =>
          rowsScript(
            { ...rows, conditions: [...rows.conditions, ...seriesIs(record)] },
            { from: record, to: justBehind(record) },
            { result: `r${index}` },
          ),
        )
        .join('\n\n')
      scripts.push(queries.ask(script, collect).then(({ records }) => records))
    }
    // a series with fewer tags has others beside it
    return (await Promise.all(scripts)).flat().filter((record) => wanted.has(placeOf(record)))
  }

const seriesIs = ({ tags }: StoredRecord): readonly string[] =>
  Object.entries(storedTags(tags)).map(([name, value]) => equals(name, value))

const placeOf = ({ at, seq, tags }: StoredRecord): string => `${at} ${seq} ${canonicalTags(tags)}`
