import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { systemClock } from '../../src/points/clock.ts'
import { frame } from '../../src/points/frame.ts'
import { instant } from '../../src/points/instant.ts'
import type { Sample } from '../../src/points/sample.ts'
import { openHostFiles } from '../../src/sampler/host-files.ts'
import { openCollectors } from '../../src/sampler/open-collectors.ts'
import { sampleOnce } from '../../src/sampler/sample-once.ts'
import { systemTimers } from '../../src/sampler/timers.ts'
import { AS_BUILT, type BenchRow } from './bench.ts'
import { openBenchServer } from './bench-server.ts'
import { makeLargeHost } from './large-host.ts'

const CLIENTS = 1_000
const WARM_UP = 3
const TICKS = 20
const TICK_MS = 1_000
const HOST = 'bench'

type Reply =
  | { readonly kind: 'ready' }
  | { readonly kind: 'arrivals'; readonly arrivals: readonly (readonly number[])[] }

/** 1,000 WebSocket clients in a process of their own, one tick a second, with the frame of this host and of a large one. */
export const benchLive = async (): Promise<BenchRow[]> => {
  const large = makeLargeHost()
  try {
    return [
      ...(await measure('', await sampleOf())),
      ...(await measure(', 64 cores', await sampleOf(large.paths))),
    ]
  } finally {
    large.remove()
  }
}

/** The real frame: what the sampler reads of this host, or of the tree at `paths`. */
const sampleOf = async (paths = { proc: '/proc', sys: '/sys', root: '/' }): Promise<Sample> => {
  const files = openHostFiles(paths)
  const { collectors, close } = openCollectors({
    files,
    clock: systemClock,
    timers: systemTimers,
    interfacesExclude: 'veth*',
    extra: [],
  })
  const sample = await sampleOnce({
    clock: systemClock,
    timers: systemTimers,
    host: HOST,
    collectors,
  })
  close()
  return sample
}

const measure = async (shape: string, sample: Sample): Promise<BenchRow[]> => {
  const server = await openBenchServer(systemClock, HOST)
  const url = `ws://127.0.0.1:${server.port}/api/ws/metrics?token=${server.token}`
  const clients = fork(
    fileURLToPath(new URL('live-clients.ts', import.meta.url)),
    [url, String(CLIENTS), String(WARM_UP + TICKS)],
    { execArgv: AS_BUILT, serialization: 'advanced' },
  )
  const reply = () => new Promise<Reply>((resolve) => clients.once('message', resolve))
  await reply()

  const published: number[] = []
  let at = systemClock.now()
  let before = process.cpuUsage()
  let startedAt = systemClock.monotonic()
  for (let tick = 0; tick < WARM_UP + TICKS; tick++) {
    if (tick === WARM_UP) {
      before = process.cpuUsage()
      startedAt = systemClock.monotonic()
    }
    at = instant(at + TICK_MS)
    published.push(Number(process.hrtime.bigint()) / 1e6)
    server.hub.publish({ ...sample, at })
    await new Promise((resolve) => setTimeout(resolve, TICK_MS))
  }
  const { user, system } = process.cpuUsage(before)
  const share = (user + system) / 1_000 / (systemClock.monotonic() - startedAt)

  const answered = reply()
  clients.send('enough')
  const answer = await answered
  await server.close()
  const arrivals = answer.kind === 'arrivals' ? answer.arrivals : []
  return rowsOf(shape, { arrivals, published, share, bytes: JSON.stringify(frame(sample)).length })
}

const rowsOf = (
  shape: string,
  seen: {
    readonly arrivals: readonly (readonly number[])[]
    readonly published: readonly number[]
    readonly share: number
    readonly bytes: number
  },
): BenchRow[] => {
  const delivered = seen.arrivals.reduce((sum, times) => sum + times.length, 0)
  const expected = CLIENTS * seen.published.length
  const delays = seen.arrivals
    .flatMap((times, tick) => times.map((time) => time - (seen.published[tick] ?? 0)))
    .slice(WARM_UP * CLIENTS)
    .sort((a, b) => a - b)
  const p95 = delays[Math.floor(delays.length * 0.95)] ?? Number.POSITIVE_INFINITY
  const p50 = delays[Math.floor(delays.length * 0.5)] ?? Number.POSITIVE_INFINITY
  const method = `${CLIENTS} WebSocket clients in another process, ${TICKS} ticks at 1 Hz after ${WARM_UP} to warm up, a frame of ${seen.bytes} bytes; CPU of the server's process by getrusage, delay from publishing to the client's callback on the shared monotonic clock`
  return [
    {
      figure: `live: frames delivered${shape}`,
      measured: `${delivered} of ${expected}`,
      target: 'all',
      ok: delivered === expected,
      method,
    },
    {
      figure: `live: server CPU${shape}`,
      measured: `${(seen.share * 100).toFixed(1)} % of a core`,
      target: '<= 10 % of a core',
      ok: seen.share <= 0.1,
      method,
    },
    {
      figure: `live: tick to frame p95 (p50)${shape}`,
      measured: `${p95.toFixed(0)} (${p50.toFixed(0)}) ms`,
      target: '<= 50 ms',
      ok: p95 <= 50,
      method,
    },
  ]
}
