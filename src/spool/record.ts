import { crc32 } from 'node:zlib'

/**
 * A record on disk: magic, length of the body, CRC-32 of length and body, body; integers little-endian. The
 * magic lets a reader find the next record after a damaged one.
 */
const MAGIC = Buffer.from([0x50, 0x57, 0x52, 0x01])
const HEADER = 12

/** No body is larger: a length beyond is damage, not data. */
export const MOST_BODY_BYTES = 64 * 1024 * 1024

export const encodeRecord = (body: Uint8Array): Buffer => {
  const record = Buffer.allocUnsafe(HEADER + body.length)
  MAGIC.copy(record, 0)
  record.writeUInt32LE(body.length, 4)
  record.writeUInt32LE(checksum(record.subarray(4, 8), body), 8)
  record.set(body, HEADER)
  return record
}

const checksum = (length: Uint8Array, body: Uint8Array): number => crc32(body, crc32(length))

export type FoundRecord = { readonly offset: number; readonly bytes: number; readonly body: Buffer }

/**
 * What a segment holds: its whole records, the bytes between them that are none (`damaged`: how many such
 * stretches), and the torn end after the last one (0: the segment ends with a record).
 */
export type Scan = {
  readonly records: readonly FoundRecord[]
  readonly damaged: number
  readonly tornBytes: number
}

export const scanRecords = (segment: Buffer): Scan => {
  const records: FoundRecord[] = []
  let damaged = 0
  let at = 0
  let end = 0
  while (at < segment.length) {
    const record = recordAt(segment, at)
    if (record !== undefined) {
      if (at > end) damaged += 1
      records.push(record)
      at += record.bytes
      end = at
      continue
    }
    const next = segment.indexOf(MAGIC, at + 1)
    if (next < 0) break
    at = next
  }
  return { records, damaged, tornBytes: segment.length - end }
}

const recordAt = (segment: Buffer, offset: number): FoundRecord | undefined => {
  if (offset + HEADER > segment.length) return undefined
  if (MAGIC.compare(segment, offset, offset + MAGIC.length) !== 0) return undefined
  const length = segment.readUInt32LE(offset + 4)
  const end = offset + HEADER + length
  if (length > MOST_BODY_BYTES || end > segment.length) return undefined
  const body = segment.subarray(offset + HEADER, end)
  const sum = checksum(segment.subarray(offset + 4, offset + 8), body)
  return sum === segment.readUInt32LE(offset + 8)
    ? { offset, bytes: HEADER + length, body }
    : undefined
}
