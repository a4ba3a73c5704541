import { connect as connectTcp } from 'node:net'
import { afterEach, expect, onTestFinished, test, vi } from 'vitest'
import { instant } from '../points/instant.ts'
import { frame } from '../points/frame.ts'
import type { Sample } from '../points/sample.ts'
import { AppError } from '../app-error.ts'
import type { NewRecord } from '../points/record.ts'
import { createHub } from './hub.ts'
import type { LogTail } from './log-tail.ts'
import { createRelay, type RelayLimits, type Viewer } from './relay.ts'
import { connect, listenAnywhere } from './testing.ts'

const NOW = instant(Date.UTC(2025, 0, 18, 14, 30, 5))
const viewer: Viewer = {
  userId: 1,
  sessionKey: 'a',
  expiresAt: instant(NOW + 60_000),
  frames: true,
  logs: { kind: 'all' },
}
const sample = (at: number, filler = 0): Sample => ({
  at: instant(at),
  host: 'atlas',
  readings: {
    cpu: { kind: 'unavailable', reason: 'x'.repeat(filler), facts: [] },
    perf_events: { kind: 'unavailable', reason: 'x'.repeat(filler) },
  },
  errors: [],
})
const wire = (one: Sample): unknown => JSON.parse(JSON.stringify(frame(one)))

let close: () => Promise<void> = async () => undefined
afterEach(() => close())

const open = async (limits: Partial<RelayLimits> = {}) => {
  const hub = createHub<Sample>((error) => {
    throw error
  })
  let now: number = NOW
  const clock = { now: () => instant(now), monotonic: () => now }
  const logs = createHub<readonly NewRecord[]>((error) => {
    throw error
  })
  const logTail: LogTail = {
    hub: logs,
    matcher: (filter, scope) => {
      if (filter === 'bad') throw new AppError({ code: 'invalid', detail: 'The filter is bad' })
      return ({ tags }) => scope.kind === 'all' || tags['user'] === scope.user
    },
    view: ({ fields }) => fields,
  }
  const relay = createRelay({ hub, logTail, clock, limits })
  const { server, url, port } = await listenAnywhere()
  let next: Viewer = viewer
  server.on('upgrade', (request, socket, head) => {
    if (relay.hasRoom()) relay.accept(request, socket, head, next)
    else socket.end('HTTP/1.1 503 Service Unavailable\r\n\r\n')
  })
  close = async () => {
    await relay.close(100)
    await new Promise((done) => server.close(done))
  }
  return {
    hub,
    logs,
    relay,
    port,
    advance(ms: number) {
      now += ms
    },
    join(as: Partial<Viewer> = {}) {
      next = { ...viewer, ...as }
      return connect(url)
    },
  }
}

test('the newest frame comes at once, then one per sample', async () => {
  const { hub, join } = await open()
  hub.publish(sample(NOW))
  const client = await join()
  expect(await client.next()).toEqual(wire(sample(NOW)))
  hub.publish(sample(NOW + 5_000))
  expect(await client.next()).toEqual(wire(sample(NOW + 5_000)))
})

test('before the first sample there is nothing to send', async () => {
  const { hub, join } = await open()
  const client = await join()
  client.socket.send('{"type":"ping"}')
  expect(await client.next()).toEqual({ type: 'pong' })
  hub.publish(sample(NOW))
  expect(await client.next()).toEqual(wire(sample(NOW)))
})

test('hundreds of clients all get the same frame', async () => {
  const { hub, join, relay } = await open()
  const clients = []
  for (let i = 0; i < 120; i++) clients.push(await join())
  hub.publish(sample(NOW))
  const frames = await Promise.all(clients.map((client) => client.next()))
  expect(new Set(frames.map((one) => JSON.stringify(one))).size).toBe(1)
  expect(relay.figures()).toEqual({
    clients: 120,
    framesSent: 120,
    framesSkipped: 0,
    clientsDropped: 0,
  })
})

test('who may see no frames is connected all the same', async () => {
  const { hub, join } = await open()
  hub.publish(sample(NOW))
  const client = await join({ frames: false })
  hub.publish(sample(NOW + 5_000))
  client.socket.send('{"type":"ping"}')
  expect(await client.next()).toEqual({ type: 'pong' })
})

test.each([
  ['no JSON', 'ping'],
  ['an array', '[{"type":"ping"}]'],
  ['an unknown type', '{"type":"subscribe"}'],
  ['no type', '{}'],
  ['null', 'null'],
  ['deeply nested', '['.repeat(30_000)],
  ['empty', ''],
])('%s is ignored', async (_, message) => {
  const { join } = await open()
  const client = await join()
  client.socket.send(message)
  client.socket.send(Buffer.from('{"type":"ping"}'))
  expect(await client.next()).toEqual({ type: 'pong' })
})

test('64 KB are taken, one byte more is closed with 1009', async () => {
  const { join } = await open()
  const client = await join()
  client.socket.send('x'.repeat(64 * 1024))
  client.socket.send('{"type":"ping"}')
  expect(await client.next()).toEqual({ type: 'pong' })
  client.socket.send('x'.repeat(64 * 1024 + 1))
  expect(await client.closed()).toBe(1009)
})

test('too many messages are closed with 1008, and the window starts afresh', async () => {
  const { join, advance } = await open({ messagesPerWindow: 3, windowMs: 1_000 })
  const client = await join()
  for (let i = 0; i < 3; i++) client.socket.send('{"type":"ping"}')
  for (let i = 0; i < 3; i++) await client.next()
  advance(1_000)
  client.socket.send('{"type":"ping"}')
  expect(await client.next()).toEqual({ type: 'pong' })
  for (let i = 0; i < 3; i++) client.socket.send('{"type":"ping"}')
  expect(await client.closed()).toBe(1008)
})

test('ended sessions are closed with 4001, the others stay', async () => {
  const { join, relay } = await open()
  const gone = await join({ sessionKey: 'gone' })
  const stays = await join({ sessionKey: 'stays' })
  relay.endSessions(({ sessionKey }) => sessionKey === 'gone')
  expect(await gone.closed()).toBe(4001)
  stays.socket.send('{"type":"ping"}')
  expect(await stays.next()).toEqual({ type: 'pong' })
})

test('an expired session is closed with 4001', async () => {
  const { join, advance } = await open({ sweepMs: 5 })
  const client = await join({ expiresAt: instant(NOW + 1_000) })
  advance(1_000)
  expect(await client.closed()).toBe(4001)
})

test('a client that answers no ping is cut, one that does stays', async () => {
  vi.useFakeTimers({ toFake: ['setInterval'] })
  onTestFinished(() => void vi.useRealTimers())
  const { join, relay } = await open()
  const alive = await join()
  const dead = await join()
  // the kernel goes on taking bytes; the process behind it is gone
  dead.socket.pause()
  for (let round = 0; round < 3; round++) {
    vi.advanceTimersByTime(30_000)
    // its answer to the ping stands before this in the same stream
    alive.socket.send('{"type":"ping"}')
    expect(await alive.next()).toEqual({ type: 'pong' })
  }
  expect(relay.figures().clients).toBe(1)
  dead.socket.resume()
  expect(await dead.closed()).toBe(1006)
})

test('a slow reader costs the others nothing: its frames are skipped, and after 60 it is dropped', async () => {
  const { hub, join, relay } = await open()
  const fast = await join()
  const slow = await join()
  slow.socket.pause()
  const big = 400_000
  let sent = 0
  while (relay.figures().clientsDropped === 0 && sent < 500) {
    hub.publish(sample(NOW + sent++, big))
    await fast.next()
  }
  expect(relay.figures()).toMatchObject({ clientsDropped: 1, framesSkipped: 60 })
  expect(fast.messages).toHaveLength(sent)
  slow.socket.resume()
  expect(await slow.closed()).toBe(1006)
  expect(relay.figures().clients).toBe(1)
})

test('a full relay has no room until somebody leaves', async () => {
  const { join, relay } = await open({ clients: 1 })
  const client = await join()
  expect(relay.hasRoom()).toBe(false)
  await expect(join()).rejects.toThrow('503')
  client.socket.close()
  await expect.poll(() => relay.hasRoom()).toBe(true)
})

test('a broken handshake takes no place', async () => {
  const { join, port, relay } = await open({ clients: 1 })
  const answer = await new Promise<string>((resolve) => {
    const socket = connectTcp(port, '127.0.0.1', () =>
      socket.write(
        'GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
      ),
    )
    socket.on('data', (data) => resolve(String(data)))
  })
  expect(answer.split('\r\n')[0]).toBe('HTTP/1.1 400 Bad Request')
  await expect.poll(() => relay.hasRoom()).toBe(true)
  const client = await join()
  client.socket.send('{"type":"ping"}')
  expect(await client.next()).toEqual({ type: 'pong' })
})

test('closing says 1001, and cuts who does not answer', async () => {
  const { join, relay } = await open()
  const polite = await join()
  const stuck = await join()
  stuck.socket.pause()
  await relay.close(50)
  expect(await polite.closed()).toBe(1001)
  expect(relay.figures().clients).toBe(0)
  stuck.socket.resume()
  expect(await stuck.closed()).toBe(1001)
})

const logLine = (user: string, msg: string): NewRecord => ({
  measurement: 'log',
  tags: { user, level: 'info' },
  at: NOW,
  fields: { msg },
})

test('log records go to who has asked for them, within what they may see', async () => {
  const { logs, join } = await open()
  const all = await join({ frames: false })
  const ann = await join({ frames: false, logs: { kind: 'own', user: 'ann' } })
  const nobody = await join({ frames: false })
  for (const client of [all, ann]) {
    client.socket.send('{"type":"subscribe","channel":"logs","filter":{}}')
    expect(await client.next()).toEqual({ type: 'subscribed', channel: 'logs' })
  }
  logs.publish([logLine('ann', 'a'), logLine('bob', 'b')])
  logs.publish([logLine('bob', 'c')])
  expect(await all.next()).toEqual({ type: 'logs', data: [{ msg: 'a' }, { msg: 'b' }] })
  expect(await all.next()).toEqual({ type: 'logs', data: [{ msg: 'c' }] })
  expect(await ann.next()).toEqual({ type: 'logs', data: [{ msg: 'a' }] })

  ann.socket.send('{"type":"unsubscribe","channel":"logs"}')
  expect(await ann.next()).toEqual({ type: 'unsubscribed', channel: 'logs' })
  logs.publish([logLine('ann', 'd')])
  expect(await all.next()).toEqual({ type: 'logs', data: [{ msg: 'd' }] })
  for (const client of [ann, nobody]) {
    client.socket.send('{"type":"ping"}')
    expect(await client.next()).toEqual({ type: 'pong' })
  }
})

test('a filter that is none is answered with what is wrong, and the one before stays', async () => {
  const { logs, join } = await open()
  const client = await join({ frames: false })
  client.socket.send('{"type":"subscribe","channel":"logs"}')
  expect(await client.next()).toEqual({ type: 'subscribed', channel: 'logs' })
  client.socket.send('{"type":"subscribe","channel":"logs","filter":"bad"}')
  expect(await client.next()).toEqual({
    type: 'error',
    channel: 'logs',
    detail: 'The filter is bad',
  })
  logs.publish([logLine('ann', 'a')])
  expect(await client.next()).toEqual({ type: 'logs', data: [{ msg: 'a' }] })
})
