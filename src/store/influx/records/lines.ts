import { createRecordWriter } from '../../../points/line-protocol.ts'
import type { StoredRecord } from '../../../points/record.ts'
import { storable } from '../names.ts'
import { withCopies } from './copies.ts'
import { toStored } from './text.ts'

/** Writes records as lines, under names and with texts as InfluxDB can hold and search them. */
export const createRecordLines = (): ((record: StoredRecord) => string) => {
  const toLine = createRecordWriter()
  return (record) => toLine(storable(withCopies(record)), toStored)
}
