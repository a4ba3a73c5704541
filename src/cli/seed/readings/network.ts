import type { Row } from '../../../points/sample.ts'
import type { Activity } from '../activity.ts'
import { rounded, type Random } from '../random.ts'
import type { HostShape } from '../shape.ts'

/** What a card carries when the host is as busy as can be, bytes per second. */
const FULL_BYTES = 40_000_000

/** Traffic: the total is the sum of the cards, `lo` stands beside them. */
export const makeNetwork = (random: Random, { interfaces }: HostShape) => {
  const shares = interfaces.map((_, index) => 1 / (1 + index * 1.5))
  let totalSent = 0
  let totalReceived = 0
  return ({ net, cpu, dtSeconds }: Activity): readonly Row[] => {
    const cards = interfaces.map((name, index) => {
      const full = FULL_BYTES * (shares[index] ?? 1) * net * net * random.between(0.7, 1.3)
      return card(random, name, dtSeconds, rounded(full * 0.6 + 900, 1), rounded(full + 1_400, 1))
    })
    const local = rounded(60_000 * cpu * random.between(0.8, 1.2) + 300, 1)
    const sent = rounded(sum(cards, 'bytes_sent_per_sec'), 1)
    const received = rounded(sum(cards, 'bytes_recv_per_sec'), 1)
    totalSent += Math.round(sent * dtSeconds)
    totalReceived += Math.round(received * dtSeconds)
    return [
      {
        measurement: 'network',
        fields: {
          bytes_sent_per_sec: sent,
          bytes_recv_per_sec: received,
          total_bytes_sent: totalSent,
          total_bytes_recv: totalReceived,
        },
      },
      ...cards,
      card(random, 'lo', dtSeconds, local, local),
      {
        measurement: 'network_connections',
        fields: {
          established: Math.round(12 + 160 * net * random.between(0.9, 1.1)),
          time_wait: Math.round(4 + 90 * net * random.between(0.6, 1.4)),
          listen: 11,
        },
      },
    ]
  }
}

const sum = (rows: readonly Row[], field: string): number =>
  rows.reduce((total, row) => total + (row.fields[field] ?? 0), 0)

const card = (
  random: Random,
  name: string,
  dtSeconds: number,
  sent: number,
  received: number,
): Row => ({
  measurement: 'network_interface',
  key: name,
  fields: {
    bytes_sent_per_sec: sent,
    bytes_recv_per_sec: received,
    packets_sent_per_sec: rounded(sent / 620, 1),
    packets_recv_per_sec: rounded(received / 840, 1),
    errors_in: 0,
    errors_out: 0,
    // a full queue drops a packet now and then
    drops_in:
      name !== 'lo' && received > FULL_BYTES * 0.5 && random.next() < 0.004 * dtSeconds ? 1 : 0,
    drops_out: 0,
  },
})
