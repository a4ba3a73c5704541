import { Agent, request } from 'node:http'

/** The client of the API bench, in a process of its own: asks each URL it is sent so often over one kept connection. */
export type Order = {
  readonly url: string
  readonly token: string
  /** Requests before those that count. */
  readonly warmUp: number
  readonly rounds: number
}
export type Timings = { readonly ms: readonly number[]; readonly bytes: number }

const agent = new Agent({ keepAlive: true, maxSockets: 1 })

/** Reads the whole answer, without parsing it; resolves with its length. */
const ask = ({ url, token }: Pick<Order, 'url' | 'token'>): Promise<number> =>
  new Promise((resolve, reject) => {
    const headers = { Authorization: `Bearer ${token}` }
    const asked = request(url, { agent, headers }, (response) => {
      let bytes = 0
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length
      })
      response.on('end', () =>
        response.statusCode === 200
          ? resolve(bytes)
          : reject(new Error(`${url} answered ${response.statusCode}.`)),
      )
    })
    asked.on('error', reject)
    asked.end()
  })

process.on('message', async (order: Order) => {
  for (let round = 0; round < order.warmUp; round++) await ask(order)
  const ms: number[] = []
  let bytes = 0
  for (let round = 0; round < order.rounds; round++) {
    const startedAt = performance.now()
    bytes = await ask(order)
    ms.push(performance.now() - startedAt)
  }
  process.send?.({ ms, bytes } satisfies Timings)
})
