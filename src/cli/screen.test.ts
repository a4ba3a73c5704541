import { EventEmitter } from 'node:events'
import { PassThrough } from 'node:stream'
import pc from 'picocolors'
import { describe, expect, it } from 'vitest'
import { METRICS } from '../catalog/catalog.ts'
import { instant } from '../points/instant.ts'
import { makeDashboard } from './dashboard.ts'
import { openScreen } from './screen.ts'
import { makeSyntheticHost } from './seed/synthetic-host.ts'
import { CLI_NOW } from './testing/run-cli.ts'

const ESC = '\u001b'

const setUp = (rows = 5) => {
  const raw: boolean[] = []
  const stdin = Object.assign(new PassThrough(), {
    isTTY: true as const,
    setRawMode: (on: boolean) => raw.push(on),
  })
  const stdout = new PassThrough()
  const signals = new EventEmitter()
  const screen = openScreen({ stdin, stdout, size: () => ({ columns: 80, rows }) }, signals)
  const written = () => String(stdout.read() ?? '')
  return { screen, stdin, stdout, signals, raw, written }
}

describe('the screen', () => {
  it('takes the other screen and gives the first one back, with its cursor, wrapping and keys', () => {
    const { screen, raw, written, signals, stdin } = setUp()
    expect(written()).toBe(`${ESC}[?1049h${ESC}[?25l${ESC}[?7l${ESC}[2J`)
    screen.close()
    screen.close()
    expect(written()).toBe(`${ESC}[?7h${ESC}[?25h${ESC}[?1049l`)
    expect(raw).toEqual([true, false])
    expect(signals.eventNames()).toEqual([])
    expect(stdin.listenerCount('data')).toBe(0)
  })

  it('draws in place, no more lines than there are, and none after it has closed', () => {
    const { screen, written } = setUp(2)
    written()
    screen.draw(['one', 'two', 'three'])
    expect(written()).toBe(`${ESC}[Hone${ESC}[K\r\ntwo${ESC}[K${ESC}[J`)
    screen.close()
    written()
    screen.draw(['one'])
    expect(written()).toBe('')
  })

  it.each([['q'], ['Q'], ['\u0003'], ['\u0004'], ['xq']])('%j leaves', async (key) => {
    const { screen, stdin } = setUp()
    stdin.write(key)
    await screen.left
    screen.close()
  })

  it.each([['x'], ['\u001b[A'], ['\u001bOq']])('%j does not', async (key) => {
    const { screen, stdin } = setUp()
    let left = false
    void screen.left.then(() => {
      left = true
    })
    stdin.write(key)
    await new Promise((resolve) => {
      setImmediate(resolve)
    })
    expect(left).toBe(false)
    screen.close()
  })

  it('is not left because standard input is no terminal and at its end', async () => {
    const stdin = new PassThrough()
    const signals = new EventEmitter()
    const stdout = new PassThrough()
    const screen = openScreen({ stdin, stdout, size: () => ({ columns: 80, rows: 5 }) }, signals)
    stdin.end()
    expect([stdin.listenerCount('data'), stdin.isPaused()]).toEqual([0, false])
    signals.emit('SIGTERM')
    await screen.left
    screen.close()
  })

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'])('%s leaves', async (signal) => {
    const { screen, signals } = setUp()
    signals.emit(signal)
    await screen.left
    screen.close()
  })

  it('gives the terminal back when the process ends in another way', () => {
    const { signals, written } = setUp()
    written()
    signals.emit('exit')
    expect(written()).toContain(`${ESC}[?1049l`)
  })

  it('draws again when the terminal changes its size', () => {
    const { screen, stdout } = setUp()
    let drawn = 0
    screen.onResize(() => {
      drawn += 1
    })
    stdout.emit('resize')
    screen.close()
    stdout.emit('resize')
    expect(drawn).toBe(1)
  })
})

describe('the dashboard', () => {
  const host = makeSyntheticHost({ host: 'here', seed: 1 })
  const filled = (count: number) => {
    const dashboard = makeDashboard(2_000, pc.createColors(false))
    for (let index = 0; index < count; index++)
      dashboard.add(host.sampleAt(instant(CLI_NOW + index * 2_000)))
    return dashboard
  }

  it('says that it waits before there is a sample', () => {
    expect(filled(0).lines({ columns: 80, rows: 24 })).toEqual(['Reading this host …'])
  })

  it('has a line per metric with its value over time, then the newest sample', () => {
    const lines = filled(30).lines({ columns: 120, rows: 500 })
    expect(lines[0]).toBe('here · 2025-01-18 12:00:58 UTC · every 2 s · q leaves')
    expect(lines.slice(2, 2 + METRICS.length).map((line) => line.split('  ')[0])).toEqual(
      METRICS.map(({ title }) => title),
    )
    expect(lines[2]).toMatch(/^CPU +\d+\.\d % {2} *[▁-█]{30}$/)
    expect(lines).toContain('Memory')
  })

  it.each([
    [80, 24],
    [200, 50],
    [40, 10],
    [80, 1],
  ])('fits into %d x %d and says what is hidden', (columns, rows) => {
    const lines = filled(3).lines({ columns, rows })
    expect(lines).toHaveLength(rows)
    expect(lines.at(-1)).toMatch(/^… \d+ more lines: make the terminal larger$/)
  })
})
