import { deflateRawSync, inflateRawSync } from 'node:zlib'
import { ZEROS_BEHIND } from './bits.ts'
import { BrokenChunk, createReader, type ByteReader } from './bytes.ts'
import type { Packing } from './form.ts'

/** The first byte of a blob; chunks of the first version are read by first-version.ts. */
const VERSION = 2
const LEVEL = 6
/** What a reader accepts at most: far above what the store writes, far below what would hurt. */
const MOST_BYTES = 64 * 1024 * 1024

export const inflated = (bytes: Uint8Array): ByteReader => {
  try {
    return createReader(inflateRawSync(bytes, { maxOutputLength: MOST_BYTES }))
  } catch {
    throw new BrokenChunk('it cannot be inflated')
  }
}

/** The second byte of a blob. They are in files: never change one. */
const PACKINGS: readonly Packing[] = ['bits', 'planes']
/** Bits are read column by column without inflating anything, so they win also where they are a bit longer. */
const FAVOUR = 1.03

/** A blob with the shorter of the two: columns in bits, or columns in planes, deflated; in steps. */
export function* packed(
  payload: (packing: Packing) => Uint8Array,
): Generator<undefined, Uint8Array> {
  const bits = payload('bits')
  yield
  const plain = payload('planes')
  yield
  const planes = deflateRawSync(plain, { level: LEVEL })
  const packing = bits.length <= planes.length * FAVOUR ? 'bits' : 'planes'
  const body = packing === 'bits' ? bits : planes
  const blob = new Uint8Array(body.length + 2)
  blob[0] = VERSION
  blob[1] = PACKINGS.indexOf(packing)
  blob.set(body, 2)
  return blob
}

/** Undoes `packed`. */
export const unpacked = (blob: Uint8Array): { packing: Packing; from: ByteReader } => {
  if (blob[0] !== VERSION) throw new BrokenChunk(`version ${blob[0] ?? 'missing'} is unknown`)
  const packing = PACKINGS[blob[1] ?? -1]
  if (packing === undefined) throw new BrokenChunk(`packing ${blob[1] ?? 'missing'} is unknown`)
  const body = blob.subarray(2)
  if (packing === 'planes') return { packing, from: inflated(body) }
  const followed = new Uint8Array(body.length + ZEROS_BEHIND)
  followed.set(body)
  return { packing, from: createReader(followed, body.length) }
}
