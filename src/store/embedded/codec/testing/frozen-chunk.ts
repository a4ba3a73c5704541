import type { Rows } from '../../../rows.ts'
import { sevenDigits } from '../seven-digits.ts'

const bytesOf = (base64: string): Uint8Array => Uint8Array.from(Buffer.from(base64, 'base64'))

/** Written by the first version; never change it. */
export const FROZEN = {
  main: bytesOf(
    'AeNhc6p0z45sYGBgZGB0eOvDAAKsYJKBEURISjAwSDJwMSRxSjEwMLMwOkz2gEqqSnAbKItx6imKsDMyMjqoQTUxQTCEc5eXkZHRCcprUGBgYWICIwYGBwWoKJO9vb0DDHz49puBkZmVjYOTi5thwTaGxzO0FjD4dGxjmFfFUN5XP48hoqiKIe0Fw2yRlWkMVpNfMNRHMEznvFTPcOtvBIO1D8MXxR/WDNH5PgxnVzGs0Ht1liHYZBWDgwbMOYyMTuYeZS8YGBhesDMwsXHxCYlJySmpaQEA',
  ),
  spread: bytesOf(
    'AWOTkGAAg0RJBgZGVkaHCAcwl5GBjVGIl5GRkY2RkREkHs2AKc7UsP8AHDB8YOAQEJGQUVBSUWOgEmBkZ3SIhzjoBTsDEwIAAA==',
  ),
}
/** What it was written from. */
export const FROZEN_ROWS: Rows = (() => {
  const column = (of: (i: number) => number) => Float64Array.from({ length: 12 }, (_, i) => of(i))
  const n = column((i) => (i === 3 ? 11 : 12))
  const mean = column((i) => sevenDigits((1234 + ((i * 37) % 50)) / 100 / (n[i] ?? 1)))
  return {
    at: column((i) => Date.UTC(2025, 0, 18) + i * 60_000 + (i > 6 ? 5 : 0)),
    columns: [
      {
        value: mean,
        min: mean.map((one) => Math.floor(one * 100 - 5) / 100),
        max: mean.map((one) => Math.ceil(one * 100 + 5) / 100),
        n,
      },
      undefined,
      { value: column((i) => (i % 4 === 1 ? Number.NaN : i * 4096 + 2 ** 33)) },
      { value: column(() => 8) },
      {
        value: column((i) => Math.sqrt(i + 1)),
        min: column((i) => -i),
        max: column((i) => i + 0.125),
        n: column(() => 12),
      },
      { value: column((i) => 1e11 + i * i * 1000) },
    ],
  }
})()
