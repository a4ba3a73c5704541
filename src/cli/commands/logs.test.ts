import { EventEmitter } from 'node:events'
import { expect, it, onTestFinished } from 'vitest'
import { announcing } from '../../api/log-tail.ts'
import { openServer } from '../../api/testing/open-server.ts'
import type { LogLevel } from '../../catalog/records.ts'
import { instant, SECOND } from '../../points/instant.ts'
import type { NewRecord } from '../../points/record.ts'
import { createMemoryStore } from '../../testing/memory-store.ts'
import { CLI_NOW, runCli } from '../testing/run-cli.ts'

const record = (seconds: number, level: LogLevel, msg: string, user = 'ann'): NewRecord => ({
  measurement: 'log',
  tags: { user, level },
  at: instant(CLI_NOW + seconds * SECOND),
  seq: 1,
  fields: { msg, p_name: 'bot', pid: 7, p_description: '', received_at: CLI_NOW },
})

const folderWith = async (records: readonly NewRecord[]) => {
  const store = createMemoryStore({ clock: { now: () => CLI_NOW } })
  await store.records.append('logs', records)
  return { store, rooms: { openStore: async () => store } }
}

it('shows the newest last, and nothing that draws on the terminal', async () => {
  const { rooms } = await folderWith([
    record(-20, 'info', 'first'),
    record(-10, 'critical', 'two\nlines\u001b[31m'),
  ])
  expect(await runCli(['logs'], { rooms })).toEqual({
    code: 0,
    out: [
      '2025-01-18T12:00:00Z info     ann bot[7]: first',
      '2025-01-18T12:00:00Z critical ann bot[7]: two\\nlines\\u001b[31m',
      '',
    ].join('\n'),
    err: '',
  })
})

it.each([
  [
    ['--level', 'warning'],
    ['c', 'd'],
  ],
  [['--grep', 'C'], ['c']],
  [['--user', 'bob'], ['d']],
  [
    ['--since', '25s'],
    ['c', 'd'],
  ],
  [['--limit', '1'], ['d']],
])('%j', async (options, messages) => {
  const { rooms } = await folderWith([
    record(-40, 'debug', 'a'),
    record(-30, 'info', 'b'),
    record(-20, 'warning', 'c'),
    record(-10, 'error', 'd', 'bob'),
  ])
  const { code, out } = await runCli(['logs', '--json', ...options], { rooms })
  expect(code).toBe(0)
  expect(
    out
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { msg: string }).msg),
  ).toEqual(messages)
})

it.each([
  [['--level', 'loud'], 'level must be one of'],
  [['--limit', '0'], 'limit must be a whole number'],
  [['--since', 'soon'], '--since'],
])('%j is refused', async (options, sentence) => {
  const { rooms } = await folderWith([])
  const { code, err } = await runCli(['logs', ...options], { rooms })
  expect(code).toBe(2)
  expect(err).toContain(sentence)
})

it('follows a folder, also what comes out of order, until Ctrl-C', async () => {
  const { store, rooms } = await folderWith([record(-20, 'info', 'old')])
  const signals = new EventEmitter()
  const rounds = [
    [record(-1, 'info', 'new')],
    [record(-60, 'info', 'late'), record(-60, 'debug', 'not asked for')],
  ]
  const wait = async () => {
    const next = rounds.shift()
    if (next === undefined) signals.emit('SIGINT')
    else await store.records.append('logs', next)
  }
  const { code, out } = await runCli(['logs', '--follow', '--level', 'info', '--json'], {
    rooms: { ...rooms, wait },
    signals,
  })
  expect(code).toBe(0)
  expect(out.match(/"msg":"[^"]+"/g)).toEqual(['"msg":"old"', '"msg":"new"', '"msg":"late"'])
})

it('follows a server by its live tail', async () => {
  const server = await openServer()
  onTestFinished(() => server.close())
  const records = announcing(server.store.records, server.logs)
  await records.append('logs', [record(-20, 'error', 'old')])
  const signals = new EventEmitter()
  const token = await server.tokenOf('viewer', 'eve')
  const run = runCli(['logs', '-f', '--level', 'error', '--json', '--url', server.url], {
    environment: { PERFWATCH_TOKEN: token },
    signals,
  })
  // what comes before the subscription has arrived is not told, so it is sent until it was
  const framesSent = async () => {
    const { body } = await server.ask('GET', '/metrics', { token })
    return Number(/^perfwatch_live_frames_sent_total (\d+)$/m.exec(String(body))?.[1])
  }
  while ((await framesSent()) === 0)
    await records.append('logs', [record(0, 'error', 'live'), record(0, 'info', 'not asked for')])
  signals.emit('SIGINT')
  const { code, out } = await run
  expect(code).toBe(0)
  const told = new Set(out.match(/"msg":"[^"]+"/g))
  expect([...told]).toEqual(['"msg":"old"', '"msg":"live"'])
})
