import { describe, expect, it } from 'vitest'
import { countListening, parseEstablished, parseTimeWait } from './tcp.ts'

describe('established connections', () => {
  it.each([
    ['found by name', 'Tcp: MaxConn CurrEstab InSegs\nTcp: -1 17 99\n', 17],
    ['of TCP, not of another', 'Ip: CurrEstab\nIp: 5\nTcp: A CurrEstab\nTcp: 1 2\n', 2],
    ['not there', 'Tcp: A B\nTcp: 1 2\n', Number.NaN],
    ['numbers missing', 'Tcp: A CurrEstab\n', Number.NaN],
    ['too few numbers', 'Tcp: A CurrEstab\nTcp: 1\nUdp: 9 9\n', Number.NaN],
    ['empty', '', Number.NaN],
  ])('%s', (_, text, expected) => {
    expect(parseEstablished(text)).toBe(expected)
  })
})

describe('connections in TIME-WAIT', () => {
  it.each([
    ['found by name', 'sockets: used 9\nTCP: inuse 1 orphan 0 tw 6 alloc 1 mem 40\n', 6],
    ['of TCP, not of another', 'TCP: inuse 1\nUDP: inuse 1 tw 8\n', Number.NaN],
    ['empty', '', Number.NaN],
  ])('%s', (_, text, expected) => {
    expect(parseTimeWait(text)).toBe(expected)
  })
})

const HEADINGS = '  sl  local_address rem_address   st tx_queue rx_queue\n'
const line = (state: string, index: number) =>
  `  ${index}: 0100007F:1F90 00000000:0000 ${state} 00000000:00000000 00:00000000\n`

const pieces = async function* (text: string, size: number, taken?: (piece: string) => void) {
  for (let from = 0; from < text.length; from += size) {
    const piece = text.slice(from, from + size)
    taken?.(piece)
    yield piece
  }
}

describe('listening sockets', () => {
  it.each([
    ['none', [], 0],
    ['listening ones first', ['0A', '0A', '01', '0A'], 2],
    ['half-open ones between them', ['0A', '03', '03', '0A', '06'], 2],
    ['only connections', ['01', '01'], 0],
  ])('%s', async (_, states, expected) => {
    const table = HEADINGS + states.map(line).join('')
    // wherever a piece ends
    for (const size of [1, 7, 64, 10_000])
      expect(await countListening(pieces(table, size)), `in pieces of ${size}`).toBe(expected)
  })

  it('reads no further than to the first connection', async () => {
    const states = ['0A', '0A', ...Array.from({ length: 10_000 }, () => '01')]
    let read = 0
    const table = pieces(HEADINGS + states.map(line).join(''), 4_096, (piece) => {
      read += piece.length
    })
    expect(await countListening(table)).toBe(2)
    expect(read).toBe(4_096)
  })
})
