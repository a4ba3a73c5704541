import { scan } from '../scan.ts'

/** What an interface has counted since it came up. */
export type InterfaceCounters = {
  readonly name: string
  readonly bytesIn: number
  readonly packetsIn: number
  readonly errorsIn: number
  readonly dropsIn: number
  readonly bytesOut: number
  readonly packetsOut: number
  readonly errorsOut: number
  readonly dropsOut: number
}

/** `/proc/<pid>/net/dev`: one line an interface, below two lines of headings (which have no colon). */
export const parseNetDev = (text: string): readonly InterfaceCounters[] => {
  const interfaces: InterfaceCounters[] = []
  let from = 0
  while (from < text.length) {
    const newline = text.indexOf('\n', from)
    const end = newline === -1 ? text.length : newline
    const colon = text.indexOf(':', from)
    // a name holds no colon, and old kernels write the first number right behind it
    if (colon !== -1 && colon < end)
      interfaces.push(countersOf(text.slice(from, colon).trim(), text, colon + 1))
    from = end + 1
  }
  return interfaces
}

const countersOf = (name: string, text: string, from: number): InterfaceCounters => {
  const line = scan(text, from)
  const bytesIn = line.number()
  const packetsIn = line.number()
  const errorsIn = line.number()
  const dropsIn = line.number()
  for (let column = 0; column < 4; column++) line.number() // fifo, frame, compressed, multicast
  return {
    name,
    bytesIn,
    packetsIn,
    errorsIn,
    dropsIn,
    bytesOut: line.number(),
    packetsOut: line.number(),
    errorsOut: line.number(),
    dropsOut: line.number(),
  }
}
