import { WebSocket } from 'ws'

/** The clients of the live bench, in a process of their own: they note when each frame came, and send the times at the end. */
const [url = '', count = '0', frames = '0'] = process.argv.slice(2)

/** Arrival of each client's n-th frame, milliseconds of the system's monotonic clock, which all processes share. */
const arrivals = Array.from({ length: Number(frames) }, () => [] as number[])
const now = (): number => Number(process.hrtime.bigint()) / 1e6

const open = (): Promise<WebSocket> =>
  new Promise((resolve, reject) => {
    const socket = new WebSocket(url, { perMessageDeflate: false })
    let frame = 0
    socket.on('message', () => arrivals[frame++]?.push(now()))
    socket.on('open', () => resolve(socket))
    socket.on('error', reject)
  })

const sockets: WebSocket[] = []
for (let i = 0; i < Number(count); i++) sockets.push(await open())
process.send?.({ kind: 'ready' })
process.on('message', () => {
  process.send?.({ kind: 'arrivals', arrivals }, () => process.exit(0))
})
