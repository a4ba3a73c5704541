import { row, type Collector } from '../collector.ts'
import { growth, perSecond, sinceLast, sumKnown } from '../rates.ts'
import { DEADLINE_MS, number, ok, type FallbackDeps, type InterfaceAnswer } from './source.ts'

const INTERFACE_COUNTERS = [
  'rx_bytes',
  'tx_bytes',
  'rx_errors',
  'tx_errors',
  'rx_dropped',
  'tx_dropped',
] as const
type InterfaceCounter = (typeof INTERFACE_COUNTERS)[number]
type InterfaceCounters = Readonly<Record<InterfaceCounter, number | undefined>>

export const openNetwork = ({ source }: FallbackDeps): Collector => {
  const since = sinceLast<ReadonlyMap<string, InterfaceCounters>>()
  return {
    metric: 'network',
    deadlineMs: DEADLINE_MS,
    collect: async (tick) => {
      const now = interfacesOf(await source.networkStats('*'))
      const { before, elapsedMs } = since(now, tick.monotonicMs)
      const grown = (name: string, counter: InterfaceCounter) =>
        growth(before?.get(name)?.[counter], now.get(name)?.[counter])
      const rate = (name: string, counter: InterfaceCounter) =>
        perSecond(grown(name, counter), elapsedMs)
      const names = [...now.keys()]
      const members = names.filter((name) => !isLoopback(name))
      const total = (counter: InterfaceCounter) =>
        sumKnown(members.map((name) => now.get(name)?.[counter] ?? null))
      return ok([
        row('network', {
          bytes_sent_per_sec: sumKnown(members.map((name) => rate(name, 'tx_bytes'))),
          bytes_recv_per_sec: sumKnown(members.map((name) => rate(name, 'rx_bytes'))),
          total_bytes_sent: total('tx_bytes'),
          total_bytes_recv: total('rx_bytes'),
        }),
        ...names.map((name) =>
          row(
            'network_interface',
            {
              bytes_sent_per_sec: rate(name, 'tx_bytes'),
              bytes_recv_per_sec: rate(name, 'rx_bytes'),
              packets_sent_per_sec: null,
              packets_recv_per_sec: null,
              errors_in: grown(name, 'rx_errors'),
              errors_out: grown(name, 'tx_errors'),
              drops_in: grown(name, 'rx_dropped'),
              drops_out: grown(name, 'tx_dropped'),
            },
            name,
          ),
        ),
        row('network_connections', { established: null, time_wait: null, listen: null }),
      ])
    },
  }
}

/** By name; an interface of unknown state without any traffic is one that could not be asked. */
const interfacesOf = (
  answers: readonly InterfaceAnswer[],
): ReadonlyMap<string, InterfaceCounters> =>
  new Map(
    answers.flatMap((answer) => {
      const name = answer.iface
      if (typeof name !== 'string' || name === '') return []
      const counters = INTERFACE_COUNTERS.map(
        (counter) => [counter, number(answer[counter]) ?? undefined] as const,
      )
      if (answer.operstate === 'unknown' && counters.every(([, value]) => !value)) return []
      return [[name, Object.fromEntries(counters) as InterfaceCounters]]
    }),
  )

const isLoopback = (name: string): boolean => /^lo\d*$|^loopback/i.test(name)
