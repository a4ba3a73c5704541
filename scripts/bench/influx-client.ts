import { Agent, request } from 'node:http'

/** The client of the InfluxDB bench, in a process of its own. */
export type Asked = { readonly url: string; readonly token: string; readonly body?: string }
/** What is asked at once: over the API, and of InfluxDB itself for the same. */
export type Order = {
  readonly api: readonly Asked[]
  readonly bare: readonly Asked[]
  /** How long both sides are asked before what counts. */
  readonly warmUpMs: number
  readonly rounds: number
}
export type Timings = {
  /** Milliseconds of each round, until the last answer is read. */
  readonly api: readonly number[]
  readonly bare: readonly number[]
  readonly bytes: { readonly api: number; readonly bare: number }
}

const agent = new Agent({ keepAlive: true })

/** Reads the whole answer, without parsing it; resolves with its length. */
const ask = ({ url, token, body }: Asked): Promise<number> =>
  new Promise((resolve, reject) => {
    const headers = {
      Authorization: `Bearer ${token}`,
      ...(body !== undefined && { 'Content-Type': 'application/json', Accept: 'application/csv' }),
    }
    const sent = request(
      url,
      { agent, headers, method: body === undefined ? 'GET' : 'POST' },
      (answer) => {
        let bytes = 0
        answer.on('data', (chunk: Buffer) => {
          bytes += chunk.length
        })
        answer.on('end', () =>
          answer.statusCode === 200
            ? resolve(bytes)
            : reject(new Error(`${url} answered ${answer.statusCode}.`)),
        )
      },
    )
    sent.on('error', reject)
    sent.end(body)
  })

const timed = async (
  asked: readonly Asked[],
): Promise<{ readonly ms: number; readonly bytes: number }> => {
  const began = performance.now()
  const bytes = await Promise.all(asked.map(ask))
  return { ms: performance.now() - began, bytes: bytes.reduce((sum, one) => sum + one, 0) }
}

process.on('message', async ({ api, bare, warmUpMs, rounds }: Order) => {
  const timings = { api: [] as number[], bare: [] as number[], bytes: { api: 0, bare: 0 } }
  const until = performance.now() + warmUpMs
  for (let round = 0; round < rounds;) {
    const isWarmingUp = performance.now() < until && round === 0
    // in turn, so that what the machine does besides meets both
    for (const side of round % 2 === 0 ? (['api', 'bare'] as const) : (['bare', 'api'] as const)) {
      const { ms, bytes } = await timed(side === 'api' ? api : bare)
      if (!isWarmingUp) timings[side].push(ms)
      timings.bytes[side] = bytes
    }
    if (!isWarmingUp) round += 1
  }
  process.send?.(timings satisfies Timings)
})
