import { after, scan } from '../scan.ts'

/**
 * `CurrEstab` of `/proc/<pid>/net/snmp`: TCP connections in ESTABLISHED or CLOSE-WAIT, IPv4 and IPv6 together.
 * The file gives a line of names, then a line of numbers, each beginning with the protocol. NaN where it is not there.
 */
export const parseEstablished = (snmp: string): number => {
  const from = after(snmp, 'Tcp: ')
  if (from === -1) return Number.NaN
  const names = scan(snmp, from)
  const numbers = scan(snmp, from)
  numbers.nextLine()
  if (!numbers.at('Tcp: ')) return Number.NaN
  numbers.skip(5)
  for (let name = names.word(); name !== ''; name = names.word()) {
    const value = numbers.number()
    if (name === 'CurrEstab') return value
  }
  return Number.NaN
}

/** `tw` of `/proc/<pid>/net/sockstat`: TCP connections in TIME-WAIT, IPv4 and IPv6 together. */
export const parseTimeWait = (sockstat: string): number => {
  const from = after(sockstat, 'TCP: ')
  if (from === -1) return Number.NaN
  const line = scan(sockstat, from)
  for (let name = line.word(); name !== ''; name = line.word()) {
    const value = line.number()
    if (name === 'tw') return value
  }
  return Number.NaN
}

const LISTEN = '0A'
const SYN_RECV = '03'

/**
 * How many sockets of a `/proc/<pid>/net/tcp` listen. The kernel writes those first (older ones with their
 * half-open connections in between), so that reading stops at the first connection: a server with 100,000 of them
 * does not pay for the walk.
 */
export const countListening = async (pieces: AsyncIterable<string>): Promise<number> => {
  let count = 0
  let rest = ''
  let headings = true
  for await (const piece of pieces) {
    const text = rest + piece
    let from = 0
    for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', from)) {
      const state = headings ? SYN_RECV : stateOf(text, from)
      headings = false
      if (state === LISTEN) count++
      else if (state !== SYN_RECV) return count
      from = end + 1
    }
    rest = text.slice(from)
  }
  return count
}

const stateOf = (text: string, from: number): string => {
  const line = scan(text, from)
  line.word() // number of the line
  line.word() // local address
  line.word() // remote address
  return line.word()
}
