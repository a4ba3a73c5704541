import { layOutRow } from '../points/column-layout.ts'
import { instant, toIso } from '../points/instant.ts'
import type { JsonObject } from '../points/layout.ts'
import type { DataPoint } from './history.ts'
import type { ByteWriter } from './json/byte-writer.ts'
import { writeAscii } from './json/number-bytes.ts'
import { rowWriter } from './json/row-writer.ts'
import { createStampWriter, LONGEST_STAMP } from './json/stamp-bytes.ts'
import type { ShownTable } from './shown-table.ts'

/** The points of a table as plain values. */
export const dataPoints = (table: ShownTable): readonly DataPoint[] => {
  const { template, values, min, max } = table
  const laid = (columns: readonly Float64Array[], row: number): JsonObject =>
    layOutRow(template, columns, row, values)
  return Array.from(table.at, (at, row) => ({
    timestamp: toIso(instant(at)),
    data: laid(values, row),
    ...(min === undefined ? {} : { min: laid(min, row) }),
    ...(max === undefined ? {} : { max: laid(max, row) }),
  }))
}

/** The texts around the data of a point: the names, the braces. */
const AROUND = 64 + LONGEST_STAMP
/** What most numbers take with the comma, or less. */
const USUAL_NUMBER = 10

/** Writes the points of a table as a JSON array, equal to `JSON.stringify(dataPoints(table))`. */
export const writeDataPoints = (writer: ByteWriter, table: ShownTable): void => {
  const { template, values, min, max } = table
  const parts = [
    { name: '","data":', columns: values },
    { name: ',"min":', columns: min },
    { name: ',"max":', columns: max },
  ].flatMap(({ name, columns }) =>
    columns === undefined ? [] : [{ name, row: rowWriter(template, columns, values) }],
  )
  const most = parts.reduce((sum, { row }) => sum + row.most, AROUND)
  const writeStamp = createStampWriter()
  writer.reserve(table.at.length * (AROUND + parts.length * values.length * USUAL_NUMBER))
  writer.text('[')
  for (let row = 0; row < table.at.length; row++)
    writer.put(most, (buffer, from) => {
      let at = writeAscii(buffer, from, row > 0 ? ',{"timestamp":"' : '{"timestamp":"')
      at = writeStamp(buffer, at, table.at[row] ?? 0)
      for (const part of parts) {
        at = writeAscii(buffer, at, part.name)
        at = part.row.write(buffer, at, row)
      }
      return writeAscii(buffer, at, '}')
    })
  writer.text(']')
}
