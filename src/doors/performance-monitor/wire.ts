import { z } from 'zod'

/** What clients of PerformanceMonitor send and get. */
export const Account = z.object({ user: z.string(), passwd: z.string() })
export const HashAnswer = z.object({ hash: z.string() })

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i

/** A finite number, or a text that is one. */
export const numberOf = (value: unknown): number | undefined => {
  const number =
    typeof value === 'number'
      ? value
      : typeof value === 'string' && NUMBER.test(value.trim())
        ? Number(value)
        : Number.NaN
  return Number.isFinite(number) ? number : undefined
}

/** For the document: a sample as clients send it. */
export const Sample = z.object({ hash: z.string(), cpu: z.number(), time: z.number() })
export const Echo = z.object({ payload: Sample })
export const Samples = z.object({
  payload: z.array(z.object({ cpu: z.number(), timestamp: z.number() })),
})
export const Range = z.object({
  hash: z.string().optional(),
  user_hash: z.string().optional(),
  start_time: z.string().optional(),
  cur_time: z.string().optional(),
})
export const Refusal = z.object({ reason: z.string() })
export const Malformed = z.object({ error: z.string() })
