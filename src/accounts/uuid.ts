import type { RandomBytes } from './random.ts'

const UUID = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i

/** A UUID in lower case with dashes, from any case, with or without dashes; null: it is none. */
export const canonicalUuid = (value: unknown): string | null =>
  typeof value === 'string' && UUID.test(value) ? dashed(value.replaceAll('-', '')) : null

/** A random one (version 4). */
export const randomUuid = (random: RandomBytes): string => {
  const bytes = Buffer.from(random(16))
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x40, 6)
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8)
  return dashed(bytes.toString('hex'))
}

const dashed = (hex: string): string =>
  hex.toLowerCase().replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
