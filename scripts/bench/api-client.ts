import { Agent, request } from 'node:http'

/** The client of the API bench, in a process of its own: asks each URL it is sent so often over one kept connection. */
export type Order = {
  readonly url: string
  readonly token: string
  /** How long it asks before what counts; at least once. */
  readonly warmUpMs: number
  readonly rounds: number
}
export type Timings = {
  readonly ms: readonly number[]
  /** Of the warm-up. */
  readonly before: readonly number[]
  readonly bytes: number
}

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

/** Asks while `goesOn`, at least once. */
const askWhile = async (order: Order, goesOn: (asked: number) => boolean) => {
  const ms: number[] = []
  let bytes = 0
  do {
    const startedAt = performance.now()
    bytes = await ask(order)
    ms.push(performance.now() - startedAt)
  } while (goesOn(ms.length))
  return { ms, bytes }
}

process.on('message', async (order: Order) => {
  const until = performance.now() + order.warmUpMs
  const before = await askWhile(order, () => performance.now() < until)
  const { ms, bytes } = await askWhile(order, (asked) => asked < order.rounds)
  process.send?.({ ms, before: before.ms, bytes } satisfies Timings)
})
