import { describe, expect, it } from 'vitest'
import { encodeRecord, scanRecords } from './record.ts'

const bodies = ['one', '', 'three'.repeat(400)]
const segment = Buffer.concat(bodies.map((body) => encodeRecord(Buffer.from(body))))
const found = (bytes: Buffer) => {
  const { records, damaged, tornBytes } = scanRecords(bytes)
  return { bodies: records.map(({ body }) => body.toString()), damaged, tornBytes }
}
const second = encodeRecord(Buffer.from('one')).length
const third = second + encodeRecord(Buffer.alloc(0)).length
const changed = (at: number): Buffer => {
  const copy = Buffer.from(segment)
  copy[at] = (copy[at] ?? 0) ^ 0xff
  return copy
}

describe('the records of a segment', () => {
  it.each([
    ['whole', segment, { bodies, damaged: 0, tornBytes: 0 }],
    ['empty', Buffer.alloc(0), { bodies: [], damaged: 0, tornBytes: 0 }],
    [
      'cut in its last record',
      segment.subarray(0, third + 20),
      { bodies: ['one', ''], damaged: 0, tornBytes: 20 },
    ],
    [
      'changed in a body',
      changed(second - 1),
      { bodies: bodies.slice(1), damaged: 1, tornBytes: 0 },
    ],
    ['changed in a length', changed(5), { bodies: bodies.slice(1), damaged: 1, tornBytes: 0 }],
    [
      'changed in the last checksum',
      changed(third + 9),
      { bodies: ['one', ''], damaged: 0, tornBytes: segment.length - third },
    ],
    ['nothing but zeros', Buffer.alloc(4_096), { bodies: [], damaged: 0, tornBytes: 4_096 }],
    [
      'with zeros in the middle',
      Buffer.concat([segment, Buffer.alloc(512), segment]),
      { bodies: [...bodies, ...bodies], damaged: 1, tornBytes: 0 },
    ],
  ])('are found when it is %s', (_name, bytes, expected) => {
    expect(found(bytes)).toEqual(expected)
  })

  it('are not looked for beyond the end when a length lies', () => {
    const lying = Buffer.from(segment)
    lying.writeUInt32LE(0x7fffffff, 4)
    expect(found(lying)).toEqual({ bodies: bodies.slice(1), damaged: 1, tornBytes: 0 })
  })
})
