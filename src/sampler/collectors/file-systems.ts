import type { Row } from '../../points/sample.ts'
import { row } from '../collector.ts'
import { firstReadable, type Blocks, type HostFiles } from '../host-files.ts'
import { answersWith, parseMounts, realFileSystems, type Mount } from '../procfs/mounts.ts'
import { known, percent } from '../rates.ts'
import type { Timers } from '../timers.ts'

/** How long one mount may take, in milliseconds. */
const DEADLINE_MS = 200
/** When the last mount of a round may be asked. Together under half of the shortest interval, a second. */
const LAST_ASKED_MS = 250
/**
 * Calls that never came back, each holding one of the four threads that Node has for files, passwords and look-ups.
 * At so many, mounts that depend on a server are no longer asked; at one more, none is.
 */
const HUNG_REMOTE = 2
const HUNG_ANY = 3

export type FileSystems = {
  usage(): Promise<readonly Row[]>
  /** Mount points that were asked and have not answered. */
  stuck(): readonly string[]
}

/**
 * How full the real file systems are. A mount that does not answer (its NFS server is away) is null and is not asked
 * again until its call has come back; neither are the other mounts of that server. Local mounts do not wait for remote ones.
 */
export const openFileSystems = ({
  files,
  timers,
}: {
  readonly files: HostFiles
  readonly timers: Timers
}): FileSystems => {
  const readMounts = firstReadable(files, ['proc/1/mounts', 'proc/mounts'])
  /** Mount points whose call is out past its deadline, with what they depend on. */
  const hung = new Map<string, string | undefined>()
  /** Mount points that there was no time for in the last round; they come first in the next one. */
  const leftOut = new Set<string>()
  const leftOutFirst = (a: Mount, b: Mount) => Number(leftOut.has(b.at)) - Number(leftOut.has(a.at))
  let text = ''
  let mounts: readonly Mount[] = []

  const mayAsk = (mount: Mount) => {
    const remote = answersWith(mount)
    if (hung.has(mount.at)) return false
    if (remote === undefined) return hung.size < HUNG_ANY
    return hung.size < HUNG_REMOTE && ![...hung.values()].includes(remote)
  }

  const ask = (mount: Mount): Promise<Blocks | undefined> =>
    new Promise((done) => {
      const cancel = timers.after(DEADLINE_MS, () => {
        hung.set(mount.at, answersWith(mount))
        done(undefined)
      })
      const settle = (blocks: Blocks | undefined) => {
        cancel()
        hung.delete(mount.at)
        done(blocks)
      }
      files.blocks(mount.at).then(settle, () => settle(undefined))
    })

  /** One after the other: mounts of one dead server must not take all threads at once. */
  const askInTurn = async (lane: readonly Mount[]): Promise<readonly Row[]> => {
    const rows: Row[] = []
    let tooLate = false
    const cancel = timers.after(LAST_ASKED_MS, () => {
      tooLate = true
    })
    for (const mount of lane.toSorted(leftOutFirst)) {
      if (tooLate) leftOut.add(mount.at)
      else leftOut.delete(mount.at)
      rows.push(usageOf(mount, !tooLate && mayAsk(mount) ? await ask(mount) : undefined))
    }
    cancel()
    return rows
  }

  const usage = async () => {
    const now = readMounts()
    if (now !== text) {
      mounts = realFileSystems(parseMounts(now))
      leftOut.clear()
      text = now
    }
    const lanes = await Promise.all([
      askInTurn(mounts.filter(isLocal)),
      askInTurn(mounts.filter((mount) => !isLocal(mount))),
    ])
    return lanes.flat()
  }

  return { usage, stuck: () => [...hung.keys()] }
}

const isLocal = (mount: Mount): boolean => answersWith(mount) === undefined

const usageOf = ({ at }: Mount, blocks: Blocks | undefined): Row => {
  if (blocks === undefined)
    return row('filesystem', { total_bytes: null, used_bytes: null, usage_percent: null }, at)
  const total = blocks.blocks * blocks.blockBytes
  const used = total - blocks.freeBlocks * blocks.blockBytes
  return row(
    'filesystem',
    { total_bytes: known(total), used_bytes: known(used), usage_percent: percent(used, total) },
    at,
  )
}
