import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { findMetric } from './catalog/catalog.ts'
import { systemClock } from './points/clock.ts'
import { instant } from './points/instant.ts'
import { openEmbedded } from './store/embedded/open-embedded.ts'
import type { SeriesColumns } from './store/range-query.ts'
import {
  startServerProcess,
  temporaryFolder,
  type ServerProcess,
} from './testing/server-process.ts'

const ROUNDS = 15
const INTERVAL_MS = 1_000

type Frame = {
  readonly timestamp: string
  readonly data: { readonly memory: Record<string, number> }
}
type Heard = { readonly frame: Frame; readonly heardAt: number }

const listen = async (server: ServerProcess, heard: Heard[]): Promise<void> => {
  const url = server.url.replace('http', 'ws')
  const socket = new WebSocket(`${url}/api/ws/metrics?token=${await server.token()}`)
  socket.on('message', (text: Buffer) => {
    heard.push({ frame: JSON.parse(text.toString('utf8')) as Frame, heardAt: performance.now() })
  })
  // the server is killed under it
  socket.on('error', () => undefined)
  await new Promise((resolve) => socket.once('open', resolve))
}

const stored = async (folder: string): Promise<SeriesColumns> => {
  const store = openEmbedded({ folder, clock: systemClock, readOnly: true })
  try {
    const [host] = await store.hosts()
    if (host === undefined) throw new Error('The store knows no host.')
    const [memory] = await store.read({
      dataset: 'metrics',
      measurements: ['memory'],
      tags: { host: host.host },
      tier: 'raw',
      range: { from: host.firstSeen, to: instant(host.lastSeen + 1) },
      beside: [],
    })
    if (memory === undefined) throw new Error('The store has no memory points.')
    return memory
  } finally {
    await store.close()
  }
}

describe('a server that is killed at any moment', () => {
  let server: ServerProcess
  const folder = temporaryFolder()
  /** What must be in history, whatever happens after it. */
  const owed: Heard[] = []

  beforeAll(async () => {
    for (let round = 0; round < ROUNDS; round++) {
      server = await startServerProcess(folder, { SAMPLING_INTERVAL_SECONDS: '1' })
      const heard: Heard[] = []
      await listen(server, heard)
      // any moment: what must hold may not depend on it
      await new Promise((resolve) => setTimeout(resolve, 1_200 + Math.random() * 1_300))
      const killedAt = performance.now()
      await server.end('SIGKILL')
      owed.push(...heard.filter(({ heardAt }) => killedAt - heardAt > INTERVAL_MS))
    }
  }, 180_000)
  afterAll(() => server.end('SIGKILL'))

  it(`has every value that was in a frame more than one interval before each of ${ROUNDS} kills`, async () => {
    const memory = await stored(folder)
    const fields = Object.keys(findMetric('memory')?.series[0]?.fields ?? {})
    expect(owed.length).toBeGreaterThanOrEqual(ROUNDS / 2)
    for (const { frame } of owed) {
      const row = memory.at.indexOf(Date.parse(frame.timestamp))
      const found = fields.map((field) => memory.fields[field]?.value[row] ?? null)
      expect({ at: frame.timestamp, found }).toEqual({
        at: frame.timestamp,
        found: fields.map((field) => frame.data.memory[field]),
      })
    }
  })
})
