import { readFileSync } from 'node:fs'
import { arch, endianness } from 'node:os'

const AT_PAGESZ = 6
const USUAL_BYTES = 4_096

/**
 * Bytes of a memory page. Not 4096 everywhere: arm64 and ppc64 kernels also come with 64 KiB. The kernel tells each
 * process in its auxiliary vector: pairs of words, a type and a value.
 */
export const pageBytes = (
  auxiliary: Buffer | undefined = ownAuxiliaryVector(),
  word: 4 | 8 = wordBytes(),
  order: 'LE' | 'BE' = endianness(),
): number => {
  if (auxiliary === undefined) return USUAL_BYTES
  const wordAt = (at: number) => {
    if (word === 4) return order === 'LE' ? auxiliary.readUInt32LE(at) : auxiliary.readUInt32BE(at)
    return Number(order === 'LE' ? auxiliary.readBigUInt64LE(at) : auxiliary.readBigUInt64BE(at))
  }
  for (let at = 0; at + 2 * word <= auxiliary.length; at += 2 * word)
    if (wordAt(at) === AT_PAGESZ) return wordAt(at + word)
  return USUAL_BYTES
}

/** Of this process even where the host's `/proc` is elsewhere: both run on one kernel. */
const ownAuxiliaryVector = (): Buffer | undefined => {
  try {
    return readFileSync('/proc/self/auxv')
  } catch {
    return undefined
  }
}

const wordBytes = (): 4 | 8 => (['arm', 'ia32', 'mips', 'mipsel'].includes(arch()) ? 4 : 8)
