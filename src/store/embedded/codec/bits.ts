import { BrokenChunk } from './bytes.ts'

/**
 * How whole numbers become bits: a prefix of zeros and a one, and a tail. Rice: the prefix counts how often 2^k fits
 * into the number, the tail is the rest in k bits; for noise, where all are about as large. Exponential Golomb: the
 * prefix counts how many bits the number has beyond k, and they follow; for bursts, where a few are much larger.
 */
export type BitShape = { readonly k: number; readonly exponential: boolean }

/** No number has more bits than this. */
export const MOST_BITS = 53

/**
 * What a number costs whose length goes beyond k by one and the index; one more bit for those that are all ones, and
 * so get longer by the one that is added.
 */
const PREFIX_AND_TAIL = Array.from(
  { length: MOST_BITS },
  (_, beyond) => 2 * (beyond + 2 ** -beyond),
)

/**
 * The shape that needs the fewest bits, and about how many: of non-negative whole numbers whose sum is `sum` and of
 * which `lengths[b]` have b bits. Close enough to choose by.
 */
export const bestShape = (
  count: number,
  sum: number,
  lengths: Uint32Array,
): { readonly shape: BitShape; readonly bits: number } => {
  let shape: BitShape = { k: 0, exponential: false }
  let bits = Infinity
  const offer = (k: number, exponential: boolean, price: number) => {
    if (price >= bits) return
    bits = price
    shape = { k, exponential }
  }
  const likely = Math.max(0, Math.floor(Math.log2(sum / count + 1)))
  for (let k = Math.max(0, likely - 2); k <= Math.min(MOST_BITS, likely + 1); k++) {
    // What the division by 2^k cuts off is half of its range on the average.
    const prefixes = Math.max(0, sum / 2 ** k - ((1 - 2 ** -k) / 2) * count)
    offer(k, false, count * (k + 1) + prefixes)
  }
  let least = 0
  while (least < MOST_BITS && lengths[least] === 0) least += 1
  let most = MOST_BITS
  while (most > 0 && lengths[most] === 0) most -= 1
  for (let k = Math.max(0, least - 1); k <= Math.min(most, likely + 1); k++) {
    let price = count * (k + 1)
    for (let length = k + 1; length <= most; length++)
      price += (PREFIX_AND_TAIL[length - k - 1] ?? 0) * (lengths[length] ?? 0)
    offer(k, true, price)
  }
  return { shape, bits }
}

export const bitLength = (whole: number): number =>
  whole < 2 ** 32 ? 32 - Math.clz32(whole) : 64 - Math.clz32(whole / 2 ** 32)

/** The numbers in the shape, most significant bit first, filled up with zeros to a whole byte. */
export const packBits = (codes: Float64Array, { k, exponential }: BitShape): Uint8Array => {
  let bytes = new Uint8Array(codes.length * 2 + 16)
  let at = 0
  let pending = 0
  let room = 8
  /** Up to 24 bits. */
  const put = (value: number, size: number) => {
    let left = size
    while (left > 0) {
      const part = Math.min(left, room)
      pending = (pending << part) | ((value >>> (left - part)) & ((1 << part) - 1))
      left -= part
      room -= part
      if (room > 0) continue
      if (at === bytes.length) {
        const larger = new Uint8Array(bytes.length * 2)
        larger.set(bytes)
        bytes = larger
      }
      bytes[at++] = pending
      pending = 0
      room = 8
    }
  }
  const putTail = (tail: number, size: number) => {
    if (size <= 24) {
      put(tail, size)
      return
    }
    putTail(Math.floor(tail / 2 ** 24), size - 24)
    put(tail % 2 ** 24, 24)
  }
  const unit = 2 ** k
  for (const code of codes) {
    const times = Math.floor(code / unit)
    const prefix = exponential ? bitLength(times + 1) - 1 : times
    for (let zeros = prefix; zeros > 0; zeros -= 24) put(0, Math.min(zeros, 24))
    put(1, 1)
    if (exponential) putTail(code - (2 ** prefix - 1) * unit, prefix + k)
    else putTail(code - times * unit, k)
  }
  if (room < 8) put(0, room)
  return bytes.subarray(0, at)
}

/** A number that is shorter than this lies in one read of 32 bits, whatever the bit it begins at. */
const WINDOW = 25
/** So many zero bytes have to follow the last bit of a view. */
export const ZEROS_BEHIND = 4

/**
 * The `count` numbers that `packBits` packed into the bytes from `start` to `end`; throws `BrokenChunk` where they
 * are more.
 */
export const unpackBits = (
  view: DataView,
  start: number,
  end: number,
  count: number,
  shape: BitShape,
): Float64Array => {
  const { k, exponential } = shape
  const codes = new Float64Array(count)
  const unit = 2 ** k
  const last = end * 8
  let at = start * 8
  for (let i = 0; i < count; i++) {
    const window = view.getInt32(at >> 3) << (at & 7)
    const prefix = Math.clz32(window)
    const size = exponential ? prefix + k : k
    if (prefix + size < WINDOW) {
      const tail = size === 0 ? 0 : (window << (prefix + 1)) >>> (32 - size)
      codes[i] = (exponential ? (1 << prefix) - 1 : prefix) * unit + tail
      at += prefix + 1 + size
    } else {
      const long = unpackLong(view, at, last, shape)
      codes[i] = long.code
      at = long.at
    }
    if (at > last) throw new BrokenChunk('its bits end too early')
  }
  return codes
}

/** A number of any length from bit `start` on, and the bit behind it. */
const unpackLong = (
  view: DataView,
  start: number,
  last: number,
  { k, exponential }: BitShape,
): { code: number; at: number } => {
  let at = start
  let prefix = 0
  for (;;) {
    if (at >= last) throw new BrokenChunk('its bits end too early')
    const zeros = Math.min(WINDOW, Math.clz32(view.getInt32(at >> 3) << (at & 7)))
    prefix += zeros
    at += zeros
    if (zeros < WINDOW) break
  }
  at += 1
  if (exponential && prefix > MOST_BITS) throw new BrokenChunk('a number is too large')
  let tail = 0
  for (let left = exponential ? prefix + k : k; left > 0;) {
    if (at >= last) throw new BrokenChunk('its bits end too early')
    const part = Math.min(left, 24)
    tail = tail * 2 ** part + ((view.getInt32(at >> 3) << (at & 7)) >>> (32 - part))
    at += part
    left -= part
  }
  return { code: (exponential ? 2 ** prefix - 1 : prefix) * 2 ** k + tail, at }
}
