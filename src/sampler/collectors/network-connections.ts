import type { FieldsOf, Tick } from '../collector.ts'
import { firstReadable, type HostFiles, type HostPath } from '../host-files.ts'
import { countListening, parseEstablished, parseTimeWait } from '../procfs/tcp.ts'
import { known } from '../rates.ts'

const LISTENING_EVERY_MS = 60_000

/**
 * TCP connections by state, from the kernel's own counts. Listening sockets have none: they are counted from the
 * table once a minute, behind the samples' back, and are null until that has been done.
 */
export const openConnections = (files: HostFiles) => {
  const readSnmp = firstReadable(files, ['proc/1/net/snmp', 'proc/net/snmp'])
  const readSockstat = firstReadable(files, ['proc/1/net/sockstat', 'proc/net/sockstat'])
  let listening: number | null = null
  let nextCount = Number.NEGATIVE_INFINITY
  let counting = false

  const count = async () => {
    counting = true
    try {
      listening = await countAll(files)
    } catch {
      listening = null
    }
    counting = false
  }

  return ({ monotonicMs }: Tick): FieldsOf<'network_connections'> => {
    if (monotonicMs >= nextCount && !counting) {
      nextCount = monotonicMs + LISTENING_EVERY_MS
      void count()
    }
    return {
      established: known(parseEstablished(orNothing(readSnmp))),
      time_wait: known(parseTimeWait(orNothing(readSockstat))),
      listen: listening,
    }
  }
}

const countAll = async (files: HostFiles): Promise<number | null> => {
  const folder = files.exists('proc/1/net/tcp') ? 'proc/1/net' : 'proc/net'
  const tables = (['tcp', 'tcp6'] as const)
    .map((table): HostPath => `${folder}/${table}`)
    .filter((path) => files.exists(path))
  if (tables.length === 0) return null
  let sum = 0
  for (const path of tables) sum += await countListening(files.pieces(path))
  return sum
}

const orNothing = (read: () => string): string => {
  try {
    return read()
  } catch {
    return ''
  }
}
