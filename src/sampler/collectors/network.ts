import { row, type Collector } from '../collector.ts'
import { firstReadable, type HostFiles } from '../host-files.ts'
import { parseNetDev, type InterfaceCounters } from '../procfs/net-dev.ts'
import { growth, known, perSecond, sinceLast, sumKnown } from '../rates.ts'
import { openConnections } from './network-connections.ts'

type Counted = {
  readonly interfaces: ReadonlyMap<string, InterfaceCounters>
  readonly totalIn: number | undefined
  readonly totalOut: number | undefined
}

/**
 * `interfacesExclude`: names that are not shown, as globs separated by commas (`veth*,cali*`).
 * Files are read through process 1: `/proc/net` is the network namespace of the reader.
 */
export const openNetwork = ({
  files,
  interfacesExclude,
}: {
  readonly files: HostFiles
  readonly interfacesExclude: string
}): Collector => {
  const readDev = firstReadable(files, ['proc/1/net/dev', 'proc/net/dev'])
  const isPhysical = openPhysical(files)
  const isShown = shownBut(interfacesExclude)
  const connections = openConnections(files)
  const since = sinceLast<Counted>()

  return {
    metric: 'network',
    collect: (tick) => {
      const all = parseNetDev(readDev())
      const shown = all.filter(({ name }) => isShown(name))
      const members = countedInTotal(all, shown, isPhysical)
      const now: Counted = {
        interfaces: new Map(all.map((one) => [one.name, one])),
        totalIn: sumKnown(members.map(({ bytesIn }) => known(bytesIn))) ?? undefined,
        totalOut: sumKnown(members.map(({ bytesOut }) => known(bytesOut))) ?? undefined,
      }
      const { before, elapsedMs } = since(now, tick.monotonicMs)
      const grown = (one: InterfaceCounters, counter: Counter) =>
        growth(before?.interfaces.get(one.name)?.[counter], one[counter])
      const rate = (one: InterfaceCounters, counter: Counter) =>
        perSecond(grown(one, counter), elapsedMs)
      // by members, so that one that has just come brings no spike; a total that fell lost one, or one began anew
      const totalRate = (total: 'totalIn' | 'totalOut', counter: Counter) =>
        growth(before?.[total], now[total]) === null
          ? null
          : perSecond(sumKnown(members.map((one) => grown(one, counter))), elapsedMs)

      return {
        kind: 'ok',
        rows: [
          row('network', {
            bytes_sent_per_sec: totalRate('totalOut', 'bytesOut'),
            bytes_recv_per_sec: totalRate('totalIn', 'bytesIn'),
            total_bytes_sent: known(now.totalOut),
            total_bytes_recv: known(now.totalIn),
          }),
          ...shown.map((one) =>
            row(
              'network_interface',
              {
                bytes_sent_per_sec: rate(one, 'bytesOut'),
                bytes_recv_per_sec: rate(one, 'bytesIn'),
                packets_sent_per_sec: rate(one, 'packetsOut'),
                packets_recv_per_sec: rate(one, 'packetsIn'),
                errors_in: grown(one, 'errorsIn'),
                errors_out: grown(one, 'errorsOut'),
                drops_in: grown(one, 'dropsIn'),
                drops_out: grown(one, 'dropsOut'),
              },
              one.name,
            ),
          ),
          row('network_connections', connections(tick)),
        ],
      }
    },
  }
}

type Counter = Exclude<keyof InterfaceCounters, 'name'>

/** The physical interfaces; where there is none (a container), all that are shown but the loopback. */
const countedInTotal = (
  all: readonly InterfaceCounters[],
  shown: readonly InterfaceCounters[],
  isPhysical: (name: string) => boolean,
): readonly InterfaceCounters[] => {
  const physical = all.filter(({ name }) => isPhysical(name))
  return physical.length > 0 ? physical : shown.filter(({ name }) => name !== 'lo')
}

/** Whether an interface has a device behind it. Asked once a name: a bond, a bridge or a VLAN never gets one. */
const openPhysical = (files: HostFiles) => {
  const answers = new Map<string, boolean>()
  return (name: string): boolean => {
    let answer = answers.get(name)
    if (answer === undefined) {
      // a host that makes and drops thousands of veths must not be remembered for ever
      if (answers.size > 1_000) answers.clear()
      answer = files.exists(`sys/class/net/${name}/device`)
      answers.set(name, answer)
    }
    return answer
  }
}

/** Says of a name whether none of the globs (`*` any characters, `?` one) is for it. */
export const shownBut = (globs: string): ((name: string) => boolean) => {
  const patterns = globs
    .split(',')
    .map((glob) => glob.trim())
    .filter((glob) => glob !== '')
    .map((glob) =>
      glob
        .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
        .replaceAll('*', '.*')
        .replaceAll('?', '.'),
    )
  if (patterns.length === 0) return () => true
  const hidden = new RegExp(`^(?:${patterns.join('|')})$`)
  return (name) => !hidden.test(name)
}
